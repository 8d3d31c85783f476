"""Telling a reading that a broker delivers once more from news: a reading is counted once, however often it comes."""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray
from tocsin.core.arrivals import Arrivals

MOST = 20_000
"""Readings remembered; a broker delivers again what was not acknowledged, and that is never much."""
BLOCKS = 1_000
"""Blocks remembered at most: of a source that brings readings one by one, each has its price."""

_Marks = npt.NDArray[np.uint64]
_ODD = np.uint64(0x9E3779B97F4A7C15)
_FOLD = np.uint64(31)


class Repeats:
    """The last readings of a lane, to know them again.

    Two readings are the same if device, time, channels and values are. Values belong to it: a device that repeats a
    time with other values has something to say.

    To remember costs nothing; to look costs a mark of 64 bits for each reading remembered. (Two readings that differ
    have the same mark with a probability of 5e-20.)

    Parameters
    ----------
    most
        How many readings to remember.

    Examples
    --------
    >>> some = Arrivals(("pump-1",), ("temp",), np.array([0]), np.array([5]), np.array([[21.5]]), np.array([7]))
    >>> repeats = Repeats()
    >>> repeats.known(some).tolist(); repeats.remember(some); repeats.known(some).tolist()
    [False]
    [True]
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._blocks = deque[Arrivals]()
        self._marked = deque[list[int]]()
        self._marks = set[int]()
        self._held = 0

    def known(self, arrivals: Arrivals) -> BoolArray:
        """Tell which readings came before, here or earlier in the block: ndarray of shape (n,), bool."""
        while len(self._marked) < len(self._blocks):
            self._marked.append(_marks(self._blocks[len(self._marked)]))
            self._marks.update(self._marked[-1])
        marks = _marks(arrivals)
        again = np.zeros(len(marks), np.bool_)
        if self._marks.isdisjoint(marks) and len(set(marks)) == len(marks):
            return again
        seen = set[int]()
        for k, mark in enumerate(marks):
            again[k] = mark in self._marks or mark in seen
            seen.add(mark)
        return again

    def remember(self, arrivals: Arrivals) -> None:
        """Remember a block, and forget the oldest ones beyond the number that is remembered."""
        self._blocks.append(arrivals)
        self._held += len(arrivals)
        while len(self._blocks) > 1 and (self._held > self._most or len(self._blocks) > BLOCKS):
            self._held -= len(self._blocks.popleft())
            if self._marked:
                self._marks.difference_update(self._marked.popleft())


def _marks(arrivals: Arrivals) -> list[int]:
    """Return a mark for each reading, which hangs on no order of channels: a block may bring them in another one."""
    device, channel = (_keys(names) for names in (arrivals.devices, arrivals.channels))
    values = _mixed(arrivals.values.view(np.uint64) ^ channel)
    values[np.isnan(arrivals.values)] = 0
    own = _mixed(device[arrivals.device]) if len(device) else np.zeros(len(arrivals), np.uint64)
    whole = _mixed(own + _mixed(arrivals.time.view(np.uint64)) + values.sum(axis=1, dtype=np.uint64))
    listed: list[int] = whole.tolist()
    return listed


def _keys(names: tuple[str, ...]) -> _Marks:
    return _mixed(np.fromiter(map(hash, names), np.int64, len(names)).view(np.uint64))


def _mixed(bits: _Marks) -> _Marks:
    """Return bits such that each hangs on all: two rounds of multiplying and folding."""
    once = bits * _ODD
    twice = (once ^ (once >> _FOLD)) * _ODD
    return np.asarray(twice ^ (twice >> _FOLD))
