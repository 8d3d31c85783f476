"""Blocks of readings put one behind the other, whatever devices and channels each of them has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray
from tocsin.core.arrivals import Arrivals

_Any = TypeVar("_Any", np.float64, np.bool_)


def join(parts: Sequence[Arrivals]) -> Arrivals:
    """Return blocks of readings one behind the other, of all their devices and channels, NaN where one did not come.

    Goodbyes and shifts are no part of it.

    >>> one = Arrivals(("a",), ("temp",), np.array([0]), np.array([5]), np.array([[21.5]]), np.array([7]))
    >>> two = Arrivals(("b",), ("hum",), np.array([0]), np.array([6]), np.array([[40.0]]), np.array([8]))
    >>> both = join([one, two])
    >>> both.devices, both.channels, both.values.tolist()
    (('a', 'b'), ('temp', 'hum'), [[21.5, nan], [nan, 40.0]])
    """
    if not parts:
        return Arrivals.none()
    devices, channels = _once([part.devices for part in parts]), _once([part.channels for part in parts])
    seat = {name: k for k, name in enumerate(devices)}
    flagged = any(part.bad is not None for part in parts)
    old = any(part.history is not None for part in parts)
    return Arrivals(
        devices,
        channels,
        np.concatenate([np.array([seat[name] for name in part.devices], np.int64)[part.device] for part in parts]),
        np.concatenate([part.time for part in parts]),
        np.concatenate([widened(part.values, part.channels, channels, np.nan) for part in parts]),
        np.concatenate([part.arrived for part in parts]),
        bad=np.concatenate([_bad(part, channels) for part in parts]) if flagged else None,
        history=np.concatenate([_history(part) for part in parts]) if old else None,
        pieces=any(part.pieces for part in parts),
    )


def widened(
    block: npt.NDArray[_Any], channels: Sequence[str], wanted: Sequence[str], nothing: float
) -> npt.NDArray[_Any]:
    """Return the columns that are wanted, in that order; ``nothing`` in those that are not there.

    >>> widened(np.array([[1.0, 2.0]]), ("a", "b"), ("b", "c"), 0.0).tolist()
    [[2.0, 0.0]]
    """
    if tuple(channels) == tuple(wanted):
        return block
    place = {name: k for k, name in enumerate(channels)}
    out = np.full((len(block), len(wanted)), nothing, block.dtype)
    here = [k for k, name in enumerate(wanted) if name in place]
    out[:, here] = block[:, [place[wanted[k]] for k in here]]
    return out


def _once(names: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for own in names for name in own))


def _bad(part: Arrivals, channels: tuple[str, ...]) -> BoolArray:
    own = np.zeros(part.values.shape, np.bool_) if part.bad is None else part.bad
    return widened(own, part.channels, channels, 0.0)


def _history(part: Arrivals) -> BoolArray:
    return np.zeros(len(part), np.bool_) if part.history is None else part.history
