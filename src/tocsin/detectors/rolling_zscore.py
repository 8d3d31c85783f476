"""A rolling z-score: the last reading against the mean and deviation of the readings just before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import InputError
from tocsin.core.windows import Windows
from tocsin.detectors._settings import above, enough
from tocsin.graph.network import Network
from tocsin.graph.shares import Shared

_LARGEST = 1e15
"""Differences, in units of the floor, are cut here: the square of anything greater would leave float32."""

_LEAST = 1e-30
"""No floor is lower, lest its inverse leave float32."""

_CONSTANT = 1e-3
_ROUNDING = 4 * float(np.finfo(np.float32).eps)


@dataclass(frozen=True, kw_only=True)
class RollingZscore(Detector):
    """Rolling z-score: how many deviations the last reading is from the mean of those before it.

    Per channel z = |last − mean| / deviation, where mean and (population) deviation are of the window's other readings,
    so that a spike does not dampen itself. The score is the greatest z of any channel, and a channel's share of it is
    z² / Σz². The deviation has a floor learned from normal readings: without one, a flat stretch would make the
    slightest step infinitely strange.

    Parameters
    ----------
    floor
        Least deviation, as a fraction of the channel's deviation over all normal readings. A channel that never moved
        has a thousandth of its level as floor, or of 1 where its level is below 1.

    Examples
    --------
    >>> RollingZscore(floor=0.1).default_threshold
    'fixed:3.5'
    """

    default_window: ClassVar[int] = 120
    window_bounds: ClassVar[tuple[int, int]] = (3, 120)
    default_scale: ClassVar[str] = "none"
    random: ClassVar[bool] = False
    default_threshold: ClassVar[str] = "fixed:3.5"

    floor: float = 0.05

    def __post_init__(self) -> None:
        above("floor", self.floor, 0)

    def fit(self, windows: Windows, *, seed: int) -> Graph:  # noqa: ARG002  # nothing here is random
        """Learn each channel's floor from ``windows``; the rest is arithmetic on the window."""
        enough(windows, least=1)
        if windows.length < 3:
            raise InputError(
                f"A rolling z-score needs a window of at least 3 readings, not {windows.length}.",
                remedy="Give a longer one with --window.",
            )
        network = Network(window=windows.length, channels=windows.channels)
        shared, expected = _scored(network, least_deviation(windows.rows(), self.floor))
        return network.seal(*shared, expected=expected)


def least_deviation(rows: Float32Array, fraction: float) -> FloatArray:
    """Return the floor under the deviation of each channel, ndarray of shape (channels,), in the channel's unit.

    Parameters
    ----------
    rows
        ndarray of shape (n, channels), float32: normal readings.
    fraction
        Floor as a fraction of the deviation.

    Examples
    --------
    >>> least_deviation(np.array([[0, 7000], [2, 7000]], np.float32), 0.5).tolist()
    [0.5, 7.0]
    """
    level, deviation = np.abs(rows.mean(axis=0, dtype=np.float64)), rows.std(axis=0, dtype=np.float64)
    moved = np.maximum(fraction * deviation, _ROUNDING * level)
    still = _CONSTANT * np.maximum(level, 1)
    floor: FloatArray = np.maximum(np.where(deviation > _ROUNDING * level, moved, still), _LEAST)
    return floor


def _scored(network: Network, floor: FloatArray) -> tuple[Shared, str]:
    """Add the score with its shares, and the mean of the readings before the last, shape (n, channels)."""
    before = network.op("Gather", network.input, network.integers([network.window - 2]), attributes={"axis": 1})
    differences = _differences(network, before, floor)
    mean = network.op("MatMul", differences, network.constant(_average(network)))
    z = _deviations_from_before(network, differences, mean)
    score = network.op("ReduceMax", z, network.integers([1]), attributes={"keepdims": 0})
    apart = network.op("Mul", _by_row(network, mean), network.constant(floor))
    return Shared(score, _shares(network, z, score)), network.op("Add", _by_row(network, before), apart)


def _by_row(network: Network, values: str) -> str:
    return network.op("Reshape", values, network.integers([-1, network.channels]))


def _average(network: Network) -> FloatArray:
    """Return what steps are multiplied by to yield the mean of all but the last, shape (window, 1)."""
    steps = network.window - 1
    return np.append(np.full(steps, 1 / steps), 0)[:, None]


def _differences(network: Network, before: str, floor: FloatArray) -> str:
    """Add the window minus the reading ``before`` its last, in units of the floor; shape (n, channels, window).

    Differences within a window are small and exact where levels are large, which squares of float32 levels are not.
    """
    raw = network.op("Mul", network.op("Sub", network.input, before), network.constant(1 / floor))
    clipped = network.op("Clip", raw, network.constant(-_LARGEST), network.constant(_LARGEST))
    return network.op("Transpose", clipped, attributes={"perm": [0, 2, 1]})


def _deviations_from_before(network: Network, differences: str, mean: str) -> str:
    """Add |last − mean| / deviation, both of the readings before the last; shape (n, channels)."""
    centred = network.op("Sub", differences, mean)
    variance = network.op("MatMul", network.op("Mul", centred, centred), network.constant(_average(network)))
    deviation = network.op("Max", network.op("Sqrt", variance), network.constant(1))
    last = network.op("Gather", centred, network.integers([network.window - 1]), attributes={"axis": 2})
    return _by_row(network, network.op("Div", network.op("Abs", last), deviation))


def _shares(network: Network, z: str, score: str) -> str:
    """Add score · z² / Σz²; dividing by the greatest z first keeps squares within float32."""
    greatest = network.op("Reshape", score, network.integers([-1, 1]))
    relative = network.op("Div", z, network.op("Max", greatest, network.constant(1e-30)))
    squared = network.op("Mul", relative, relative)
    column = network.op("MatMul", squared, network.constant(np.ones((network.channels, 1))))
    part = network.op("Div", squared, network.op("Max", column, network.constant(1)))
    return network.op("Mul", part, greatest)
