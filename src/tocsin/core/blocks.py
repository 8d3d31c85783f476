"""Laying rows of many devices out as (devices, time) rectangles, so that whole fleets and long series are one array."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import BoolArray, IntArray


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of some devices, in their order, padded to the longest.

    Parameters
    ----------
    devices
        ndarray of shape (d,), int64: the devices' indices.
    rows
        ndarray of shape (d, t), int64: where each reading stands in the flat arrays; padding repeats the last row.
    valid
        ndarray of shape (d, t), bool: a prefix of each row is True, the rest is padding.
    """

    devices: IntArray
    rows: IntArray
    valid: BoolArray


def blocks(device: IntArray) -> list[Block]:
    """Group rows by device into blocks of devices with similar counts: at most half of a block is padding.

    >>> [block.rows.tolist() for block in blocks(np.array([0, 1, 0, 0]))]
    [[[1]], [[0, 2, 3]]]
    """
    if not len(device):
        return []
    if len(device) == 1 or (device == device[0]).all():
        return [Block(device[:1].copy(), np.arange(len(device))[None], np.ones((1, len(device)), np.bool_))]
    order = np.argsort(device, kind="stable")
    own = device[order]
    if (own[1:] != own[:-1]).all():
        # a fleet's batch brings one reading of each, and to count them costs as much as a step of the pipeline
        return [Block(own, order[:, None], np.ones((len(own), 1), np.bool_))]
    ids, starts, counts = np.unique(own, return_index=True, return_counts=True)
    size = np.frexp(counts)[1]
    sizes = np.flatnonzero(np.bincount(size))
    return [_block(order, ids[of], starts[of], counts[of]) for k in sizes if (of := size == k) is not None]


def _block(order: IntArray, ids: IntArray, starts: IntArray, counts: IntArray) -> Block:
    column = np.arange(counts.max())[None]
    rows = order[starts[:, None] + np.minimum(column, counts[:, None] - 1)]
    return Block(ids, rows, column < counts[:, None])
