"""State as a value: dataclasses of arrays with devices on axis 0, and the contract of whatever remembers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Generic, TypeVar, cast

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, IntArray

S = TypeVar("S")
In = TypeVar("In")
Out = TypeVar("Out")


class Stateful(ABC, Generic[S, In, Out]):
    """Something that remembers, without remembering in itself: state goes in and comes out.

    ``S``, ``In`` and ``Out`` are dataclasses of arrays (or single arrays). In ``step`` they have devices on axis 0; in
    ``scan`` they have devices on axis 0 and time on axis 1, and ``valid`` of shape (devices, time) is True for a prefix
    of each device's row: the rest is padding that leaves state alone and whose output means nothing.

    The law, held by :mod:`tocsin.testing.stateful_checks`: ``scan`` equals folding ``step``, bit for bit, over any
    cuts.
    """

    @abstractmethod
    def init(self, devices: int) -> S:
        """Return the state of that many devices of which nothing is known yet."""

    @abstractmethod
    def step(self, state: S, x: In) -> tuple[S, Out]:
        """Take one reading of every device; return the next state and what came out."""

    def scan(self, state: S, block: In, valid: BoolArray) -> tuple[S, Out]:
        """Take a block of readings of every device; the default folds ``step`` over time."""
        outs: list[Out] = []
        for k in range(valid.shape[1]):
            now = np.flatnonzero(valid[:, k])
            part, out = self.step(take(state, now), take(at_time(block, k), now))
            state = put(state, now, part)
            outs.append(put(blank(out, len(valid)), now, out))
        return state, stack(outs)


def advance(part: Stateful[S, In, Out], state: S, block: In, valid: BoolArray) -> tuple[S, Out]:
    """Scan a block; a block of one reading per device, as streams bring, takes the shorter way through ``step``."""
    if valid.shape[1] > 1:
        return part.scan(state, block, valid)
    after, out = part.step(state, at_time(block, 0))
    return after, _map(lambda array: array[:, None].copy(), out)


def at_time(block: In, k: int) -> In:
    """Return the k-th reading of every device of a (devices, time, …) block."""
    return _map(lambda array: array[:, k], block)


def take(state: S, index: IntArray) -> S:
    """Return the state of the devices at ``index``."""
    return _map(lambda array: array[index], state)


def view(state: S, index: IntArray) -> S:
    """Return what :func:`take` does, to be read alone: of neighbours nothing is copied; all are the state itself."""
    where = neighbours(index)
    if isinstance(where, slice) and where == slice(0, _devices(state)):
        return state
    return _map(lambda array: array[where], state)


def neighbours(index: IntArray) -> IntArray | slice:
    """Return ``index`` as a slice where it counts up one by one, which is copied at twice the speed; else as it is.

    >>> neighbours(np.array([3, 4, 5])), neighbours(np.array([3, 5]))
    (slice(3, 6, None), array([3, 5]))
    """
    if not len(index) or (len(index) > 1 and (index[1:] - index[:-1] != 1).any()):
        return index
    return slice(int(index[0]), int(index[-1]) + 1)


def put(state: S, index: IntArray, part: S) -> S:
    """Return ``state`` with the devices at ``index`` replaced by ``part``; neither argument changes."""

    def place(array: npt.NDArray[Any], piece: npt.NDArray[Any]) -> npt.NDArray[Any]:
        out = array.copy()
        out[index] = piece
        return out

    return _map(place, state, part)


def extend(state: S, more: S) -> S:
    """Return the state of the devices of ``state`` followed by those of ``more``."""
    return _map(lambda a, b: np.concatenate([a, b]), state, more)


def blank(out: Out, devices: int) -> Out:
    """Return zeros shaped like ``out`` but for ``devices`` devices."""
    return _map(lambda array: np.zeros((devices, *array.shape[1:]), array.dtype), out)


def stack(outs: list[Out]) -> Out:
    """Join outputs of successive steps along a new time axis 1."""
    return _map(lambda *arrays: np.stack(arrays, axis=1), *outs)


def to_arrays(state: S) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a state by name, for a snapshot."""
    if isinstance(state, np.ndarray):
        return {"": state}
    return {name: getattr(state, name) for name in _names(cast(Any, type(state)))}


def from_arrays(like: S, arrays: Mapping[str, npt.NDArray[Any]]) -> S:
    """Return a state of the kind of ``like`` from the arrays of a snapshot."""
    if isinstance(like, np.ndarray):
        return cast(S, arrays[""])
    return type(like)(**{name: arrays[name] for name in _names(cast(Any, type(like)))})


def _map(function: Callable[..., npt.NDArray[Any]], first: S, *rest: S) -> S:
    if isinstance(first, np.ndarray):
        return cast(S, function(first, *rest))
    kind = cast(Any, type(first))
    return cast(S, kind(*map(function, *[_arrays(piece) for piece in (first, *rest)])))


def _devices(state: S) -> int:
    arrays = [state] if isinstance(state, np.ndarray) else _arrays(state)
    return len(arrays[0]) if arrays else 0


def _arrays(state: Any) -> list[npt.NDArray[Any]]:
    return [getattr(state, name) for name in _names(cast(Any, type(state)))]


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    """Return a state's fields; looked up once, because a stream asks at every reading."""
    if not is_dataclass(kind):
        raise TypeError(f"a state is an array or a dataclass of arrays, not {kind.__name__}")
    return tuple(field.name for field in fields(kind))
