"""Recognising what kind of channel each one is, from its values alone and, for angles, from its name."""

from __future__ import annotations

import re

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.kinds import TURNS, Kind
from tocsin.core.schema import Schema

LEAST = 30
"""Known values below which nothing but a constant is recognised."""

_RESETS = 0.01
"""Share of a counter's moves that may be resets."""
_AFTER_RESET = 0.05
"""A reset takes a counter back to below this share of its range."""
_MOVES = 0.1
"""Share of readings in each third at which a counter moves, at least."""
_WRAPS = 3
_SMOOTH, _NEAR = 0.25, 0.125
"""Of a turn: what nine of ten steps of an angle stay below, and half of those that lead over its end."""
_FINE = 10.0
"""Whole numbers below it count something; they are no radians."""
_QUARTER = 0.02
"""Share of the values that lie in each quarter of the turn, at least: a wild quantity is rarely at its greatest."""
_SLACK = 1e-4
"""Of a turn, by which rounding may lead beyond it."""
_DIRECTION = re.compile(r"direction|bearing|heading|azimuth|wind_?dir|(?:^|_)yaw(?:_|$)", re.IGNORECASE)


def kinds_of(values: FloatArray, device: IntArray, schema: Schema) -> tuple[Kind, ...]:
    """Return the kind of each channel.

    Parameters
    ----------
    values
        ndarray of shape (n, channels), float64, NaN where there is no news; device after device, in order of time.
    device
        ndarray of shape (n,), int64.
    schema
        The channels.
    """
    kinds = [_kind(values[:, k], device, channel.name) for k, channel in enumerate(schema.channels)]
    for group in groups_of(values, [kind == "binary" for kind in kinds]):
        for k in group:
            kinds[k] = "one_hot"
    return tuple(kinds)


def groups_of(values: FloatArray, binary: list[bool]) -> list[list[int]]:
    """Return groups of binary channels, each neighbours but for others between, of which exactly one is always 1."""
    known = values[np.isfinite(values[:, binary]).all(axis=1)]
    waiting = [k for k in np.flatnonzero(binary).tolist() if np.isin(known[:, k], (0.0, 1.0)).all()]
    found: list[list[int]] = []
    while waiting:
        size = _one_hot(known[:, waiting])
        if size:
            found.append(waiting[:size])
        waiting = waiting[max(size, 1) :]
    return found


def _one_hot(values: FloatArray) -> int:
    """Return how many of the first channels are one-hot together; 0 where none are."""
    total = np.zeros(len(values))
    for size, channel in enumerate(values.T, 1):
        total = total + channel
        if total.max(initial=0) > 1:
            return 0
        if (total == 1).all():
            return size
    return 0


def _kind(column: FloatArray, device: IntArray, name: str) -> Kind:
    known = np.isfinite(column)
    values, owner = column[known], device[known]
    if not len(values) or values.min() == values.max():
        return "constant"
    if len(values) < LEAST:
        return "real"
    if _two_values(values):
        return "binary"
    steps = np.diff(values)[owner[1:] == owner[:-1]]
    if (angle := _angle(values, steps, name)) is not None:
        return angle
    return "counter" if _is_counter(values, owner) else "real"


def _two_values(values: FloatArray) -> bool:
    return bool(((values == values.min()) | (values == values.max())).all())


def _angle(values: FloatArray, steps: FloatArray, name: str) -> Kind | None:
    named = _DIRECTION.search(name) is not None
    for kind, turn in TURNS.items():
        low, high = float(values.min()), float(values.max())
        around = _within(low, high, 0.0, turn) or _within(low, high, -turn / 2, turn / 2)
        if around and high - low > 0.5 * turn and (named or (_around(values, turn) and _wraps(steps, turn))):
            return kind
    return None


def _within(low: float, high: float, least: float, most: float) -> bool:
    slack = _SLACK * (most - least)
    return least - slack <= low and high <= most + slack


def _around(values: FloatArray, turn: float) -> bool:
    """Tell whether the values lie in all quarters of the turn, and are no plain numbers that happen to do so."""
    quarter = np.bincount((4 * (values / turn % 1)).astype(np.int64) % 4, minlength=4) / len(values)
    return bool(quarter.min() >= _QUARTER) and (turn > _FINE or bool((values != np.round(values)).any()))


def _wraps(steps: FloatArray, turn: float) -> bool:
    """Tell whether the steps are small once a full turn counts as nothing, and not before."""
    jumps = np.abs(steps) > turn / 2
    short = np.abs(steps - turn * np.round(steps / turn))
    if jumps.sum() < _WRAPS:
        return False
    return bool(np.quantile(short, 0.9) <= _SMOOTH * turn and np.median(short[jumps]) <= _NEAR * turn)


def _is_counter(values: FloatArray, owner: IntArray) -> bool:
    return all(_rises(values[owner == one]) for one in np.unique(owner))


def _rises(values: FloatArray) -> bool:
    """Tell whether one device's values only ever rise, all the time, but for a few falls to near the bottom."""
    steps = np.diff(values)
    falls, moves = steps < 0, steps != 0
    if len(values) < LEAST or falls.sum() > _RESETS * max(moves.sum(), 1):
        return False
    bottom = min(0.0, float(values.min())) if falls.any() else 0.0
    back = values[1:][falls] <= bottom + _AFTER_RESET * (values.max() - bottom)
    return bool(back.all()) and _steadily(moves & ~falls)


def _steadily(moves: BoolArray) -> bool:
    thirds = np.array_split(moves, 3)
    return all(len(third) > 0 and float(third.mean()) >= _MOVES for third in thirds)
