"""The law of everything that remembers: a scan equals one step after the other, bit for bit, over any cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray
from tocsin.core.state import Stateful, at_time, put, take


def check_scan_is_fold(part: Stateful[Any, Any, Any], block: Any, valid: BoolArray, *, cuts: Sequence[int]) -> None:
    """Raise AssertionError unless scanning ``block`` in one go, cut at ``cuts``, and step by step agree in every bit.

    Parameters
    ----------
    part
        What remembers.
    block
        Its input, with devices on axis 0 and time on axis 1.
    valid
        ndarray of shape (devices, time), bool, a prefix of each row True.
    cuts
        Places in time at which the scan is interrupted.
    """
    whole_state, whole = part.scan(part.init(len(valid)), block, valid)
    state, pieces = part.init(len(valid)), []
    borders = [0, *sorted({cut for cut in cuts if 0 < cut < valid.shape[1]}), valid.shape[1]]
    for start, stop in pairwise(borders):
        span = slice(start, stop)
        state, out = part.scan(state, _each(block, span), valid[:, span])
        pieces.append(out)
    _same(whole_state, state, "the state after a scan in pieces")
    for name, arrays in _columns(whole).items():
        joined = np.concatenate([_columns(piece)[name] for piece in pieces], axis=1)
        _same_where(arrays, joined, valid, f"{name} of a scan in pieces")
    _check_steps(part, block, valid, whole_state, whole)


def check_devices_apart(part: Stateful[Any, Any, Any], block: Any, valid: BoolArray) -> None:
    """Raise AssertionError unless each device alone gives what it gives among others."""
    _, whole = part.scan(part.init(len(valid)), block, valid)
    for device in range(len(valid)):
        own = np.array([device])
        _, alone = part.scan(part.init(1), take(block, own), valid[own])
        for name, array in _columns(whole).items():
            _same_where(array[own], _columns(alone)[name], valid[own], f"{name} of device {device} alone")


def _check_steps(part: Stateful[Any, Any, Any], block: Any, valid: BoolArray, after: Any, whole: Any) -> None:
    state = part.init(len(valid))
    for k in range(valid.shape[1]):
        now = np.flatnonzero(valid[:, k])
        own, out = part.step(take(state, now), take(at_time(block, k), now))
        state = put(state, now, own)
        for name, array in _columns(out).items():
            _bits(_columns(whole)[name][now, k], array, f"{name} at step {k}")
    _same(after, state, "the state after all steps")


def _columns(out: Any) -> dict[str, npt.NDArray[Any]]:
    return {f.name: getattr(out, f.name) for f in fields(out)} if is_dataclass(out) else {"output": out}


def _each(block: Any, span: slice) -> Any:
    if isinstance(block, np.ndarray):
        return block[:, span]
    return type(block)(**{f.name: getattr(block, f.name)[:, span] for f in fields(block)})


def _same(one: Any, other: Any, where: str) -> None:
    for name, array in _columns(one).items():
        _bits(array, _columns(other)[name], f"{name} in {where}")


def _same_where(one: npt.NDArray[Any], other: npt.NDArray[Any], valid: BoolArray, where: str) -> None:
    _bits(one[valid], other[valid], where)


def _bits(one: npt.NDArray[Any], other: npt.NDArray[Any], where: str) -> None:
    assert one.shape == other.shape, f"{where}: shapes {one.shape} and {other.shape} differ"
    assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), f"{where} differs"
