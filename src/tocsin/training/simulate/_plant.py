"""Readings of a pump and its motor: load, and what it does to vibration, temperature, current, pressure and flow.

No formula here is a model of a real pump. Each keeps what a detector must cope with: load states that change the level
of everything, channels that follow the load at once or behind it, a shift and a week, a valve that hunts, a filter that
clogs and is cleaned, wear, noise that grows with the load.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.training.simulate._series import follow, wander

CHANNELS = ("vibration", "temperature", "current", "pressure", "flow")
BEGIN = np.datetime64("2024-03-07T00:00:00")
"""A Thursday: two weeks end on working days, so that a limit found on the last days knows all load states."""
_WEEKDAY = 3

DAY_S = 86_400
IDLE, HALF, FULL = 0, 1, 2
_SPEED = np.array([0.12, 0.6, 1.0])
_LASTS_MIN = np.array([45.0, 70.0, 110.0])
"""How long a state usually lasts in the working shifts, in minutes."""
_NEXT = np.array([[0.0, 0.6, 0.4], [0.25, 0.0, 0.75], [0.15, 0.85, 0.0]])
"""Chance of the next state in the working shifts."""

_LOWEST = np.array([0.0, -20.0, 0.0, 0.0, 0.0])
_HIGHEST = np.array([50.0, 150.0, 60.0, 16.0, 300.0])
_STEP = np.array([0.01, 0.1, 0.01, 0.01, 0.1])


class Failure(NamedTuple):
    """A bearing that fails: rows in which its vibration ramps up, how far it comes, and how long repair takes."""

    start: int
    end: int
    friction: float
    repair: int


def on_shift(rows: int, period_s: int) -> BoolArray:
    """Return ndarray of shape (rows,), bool: the two working shifts, 6 to 22 h on Monday to Friday."""
    second = np.arange(rows) * period_s
    hour = second % DAY_S / 3600
    return np.asarray((hour >= 6) & (hour < 22) & ((second // DAY_S + _WEEKDAY) % 7 < 5))


def load_states(rows: int, period_s: int, rng: np.random.Generator) -> IntArray:
    """Return ndarray of shape (rows,), int64: idle, half or full load, which last from minutes to hours."""
    states = np.zeros(rows, np.int64)
    busy = on_shift(rows, period_s)
    row, state = 0, IDLE
    while row < rows:
        lasts = max(1, int(60 * _LASTS_MIN[state] * rng.lognormal(0, 0.5) / period_s))
        states[row : row + lasts] = state
        row += lasts
        state = int(rng.choice(3, p=_NEXT[state]))
    seldom = np.repeat(rng.random(rows // max(1, 5400 // period_s) + 1) < 0.12, max(1, 5400 // period_s))[:rows]
    return np.where(busy, states, np.where(seldom, HALF, IDLE))


def with_failures(states: IntArray, failures: list[Failure], lead: int) -> IntArray:
    """Return the states when a machine runs before and while it fails, and stands still while it is repaired."""
    out = states.copy()
    for failure in failures:
        running = slice(max(failure.start - lead, 0), failure.end)
        out[running] = np.maximum(out[running], HALF)
        out[failure.end : failure.end + failure.repair] = IDLE
    return out


def friction(rows: int, failures: list[Failure]) -> FloatArray:
    """Return how much a failing bearing rubs, ndarray of shape (rows,), in mm/s: from nothing ever faster upwards."""
    rubs = np.zeros(rows)
    for failure in failures:
        length = failure.end - failure.start
        rubs[failure.start : failure.end] = failure.friction * (np.arange(1, length + 1) / length) ** 1.5
    return rubs


def surroundings(rows: int, period_s: int, rng: np.random.Generator) -> FloatArray:
    """Return the hall's temperature, ndarray of shape (rows,), in °C: a day, and weather that lasts."""
    day = np.arange(rows) * period_s / DAY_S
    weather = np.interp(day, np.arange(int(day[-1]) + 2), 2.5 * wander(int(day[-1]) + 2, 3, rng))
    return np.asarray(21 + weather + 2.5 * np.sin(2 * np.pi * (day - 0.4)))


def machine(
    states: IntArray, rubs: FloatArray, hall: FloatArray, *, period_s: int, rng: np.random.Generator
) -> FloatArray:
    """Return true values in mm/s, °C, A, bar and l/min, :data:`CHANNELS`, ndarray of shape (rows, 5), float64."""
    rows, minute = len(states), 60 / period_s
    day = np.arange(rows) * period_s / DAY_S
    speed = follow(_SPEED[states] * (1 + 0.03 * wander(rows, 30 * minute, rng)), 1.5 * minute)
    clogged = day % 7 / 7
    hunting = np.sin(2 * np.pi * np.arange(rows) / (12 * minute) + 0.6 * wander(rows, 60 * minute, rng))
    flow = 120 * speed * (1 - 0.06 * clogged) + 1.2 * speed * hunting + 0.8 * speed * wander(rows, minute, rng)
    pressure = (
        1 + 3.6 * speed**2 + 0.5 * clogged * speed**2 - 0.05 * hunting * speed + 0.025 * wander(rows, minute, rng)
    )
    current = 2.8 + 11 * speed**1.6 + 0.35 * pressure * speed + 0.4 * rubs + 0.12 * wander(rows, minute, rng)
    heat = follow(2.1 * (current - 2.8) + 2.5 * rubs, 35 * minute)
    temperature = hall + 9 + heat + 0.15 * wander(rows, 3 * minute, rng)
    vibration = 0.7 + 1.5 * speed + 0.35 * np.exp(-(((speed - 0.45) / 0.08) ** 2)) + 0.004 * day
    vibration = (vibration + rubs) * (1 + 0.035 * wander(rows, minute, rng)) + 0.04 * wander(rows, 20 * minute, rng)
    return np.column_stack([vibration, temperature, current, pressure, flow])


def read_out(true: FloatArray) -> FloatArray:
    """Return what the sensors show of true values: within their bounds, rounded to 0.01 or 0.1."""
    shown = np.round(np.clip(true, _LOWEST, _HIGHEST) / _STEP) * _STEP
    return np.asarray(np.round(shown, 2))


def deviation(values: FloatArray, states: IntArray) -> FloatArray:
    """Return ndarray of shape (channels,), float64: the standard deviation about the mean of each load state."""
    count = np.maximum(np.bincount(states, minlength=3), 1)
    level = np.column_stack([np.bincount(states, channel, minlength=3) / count for channel in values.T])
    return np.asarray(np.std(values - level[states], axis=0))
