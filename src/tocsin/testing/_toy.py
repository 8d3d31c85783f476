"""A small plant to try detectors on: three channels with a daily rhythm, and readings that are plainly wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray, IntArray
from tocsin.core.readings import Readings
from tocsin.core.schema import Channel, Schema
from tocsin.core.windows import Windows

CHANNELS = 3
PERIOD_NS = 600 * 10**9
_NORMAL = 600
_LATER = 200
_SPIKE = 0.6
_EACH = 20
"""Each so many windows to learn from, one is labelled."""


@dataclass(frozen=True, eq=False)
class Toy:
    """Normal windows to learn from, later ones to judge, and the same later ones with a spike in the last reading.

    Parameters
    ----------
    learned
        Windows of normal readings, with later ones for validation.
    normal, strange
        ndarrays of shape (n, window, channels), float32.
    """

    learned: Windows
    normal: Float32Array
    strange: Float32Array


def toy(length: int, *, constant: float | None = None, teaches: bool = False) -> Toy:
    """Return the toy for windows of ``length`` readings.

    Parameters
    ----------
    length
        Readings in a window.
    constant
        Level at which the first channel stands still in the readings to learn from; None for a channel that moves.
    teaches
        Do the windows to learn from that are labelled end in a spike, for detectors that learn from labels? Else the
        labels mean nothing.
    """
    series = plant(length + _NORMAL + 2 * _LATER, seed=1).astype(np.float32)
    end = np.arange(length - 1, len(series))
    labels = np.arange(_NORMAL) % _EACH == 0
    if teaches:
        _spike(series, end[:_NORMAL][labels])
    if constant is not None:
        series[: length + _NORMAL + _LATER, 0] = constant
    validation = Windows(series, end[_NORMAL : _NORMAL + _LATER], length)
    normal = Windows(series, end[-_LATER:], length).take(slice(None))
    return Toy(Windows(series, end[:_NORMAL], length, labels=labels, validation=validation), normal, _spiked(normal))


def plant(rows: int, *, seed: int) -> FloatArray:
    """Return ndarray of shape (rows, channels): a daily rhythm of 144 readings within [0, 1], with some noise."""
    angle = 2 * np.pi * np.arange(rows)[:, None] / 144 + np.arange(CHANNELS)
    noise = np.random.default_rng(seed).standard_normal((rows, CHANNELS))
    return np.asarray(0.5 + 0.25 * np.sin(angle) + 0.02 * noise)


def stream(length: int) -> Readings:
    """Return readings of two devices, alternating, as the field sends them.

    Device 0 repeats a time, sends one reading late and one without time, and is silent on one channel for a while;
    device 1 does nothing of the kind.
    """
    each = length + 60
    device = np.tile([0, 1], each)
    values = np.stack([plant(each, seed=2), plant(each, seed=3)], axis=1).reshape(-1, CHANNELS)
    time = np.repeat(np.arange(1, each + 1), 2) * PERIOD_NS
    own = np.flatnonzero(device == 0)
    time[own[length + 5]] = time[own[length + 4]]
    time[own[length + 9]] = time[own[length + 2]]
    time[own[length + 12]] = np.iinfo(np.int64).min
    values[own[length + 20 : length + 40], 1] = np.nan
    return readings(device, time, values)


def readings(device: IntArray, time: IntArray, values: FloatArray) -> Readings:
    """Return readings of the toy's channels, with their rows numbered."""
    return Readings(schema(), device, time, values, row=np.arange(len(time)))


def schema() -> Schema:
    """Return the toy's channels."""
    return Schema(tuple(Channel(name) for name in ("first", "second", "third")))


def _spiked(normal: Float32Array) -> Float32Array:
    strange = normal.copy()
    _spike(strange[:, -1], np.arange(len(strange)))
    return strange


def _spike(series: Float32Array, rows: IntArray) -> None:
    """Let each of ``rows`` show a spike, up and down and in each channel by turns."""
    turn = np.arange(len(rows))
    series[rows, turn % CHANNELS] += np.where(turn % 2, _SPIKE, -_SPIKE).astype(np.float32)
