"""Which reading of which channel made the score: integrated gradients, taken from the sealed graph itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray, IntArray
from tocsin.core.progress import report
from tocsin.explain._batches import scores_of
from tocsin.graph.run import Runner

FIRST, MOST = 8, 256
"""Steps of the path at first, and at most."""

COMPLETE = 0.01
"""Share of the score's rise that the parts may miss together."""

NUDGE = 0.01
"""How far a reading is moved to see what the score does, as a share of its channel's greatest departure."""

_LEAST_ULP = 4
"""Least move, in units of the last place: below, rounding decides."""

_NOISE = 1e-3
"""A rise below this share of the scores themselves is no rise: nothing can be told of its parts."""


@dataclass(frozen=True, eq=False)
class Gradients:
    """A score taken apart by reading and channel.

    Parameters
    ----------
    parts
        ndarray of shape (window, channels), float64: how much each value raised the score above that of usual values;
        negative where it lowered it. They sum to ``score - base`` as far as ``complete`` says.
    score, base
        The score of the window, and of one that holds usual values throughout.
    steps
        Steps of the path that were needed.
    missed
        What the parts leave out or count twice, as a share of ``score - base``.
    runs
        Windows that were scored to find out.
    """

    parts: FloatArray
    score: float
    base: float
    steps: int
    missed: float
    runs: int

    @property
    def complete(self) -> bool:
        """Do the parts make up the score's rise within 1 %? Where they do not, gradients do not suit the graph."""
        return self.missed <= COMPLETE

    @property
    def by_channel(self) -> FloatArray:
        """The parts of each channel together, ndarray of shape (channels,), float64."""
        return np.asarray(self.parts.sum(axis=0))


def integrated_gradients(runner: Runner, window: Float32Array, *, usual: FloatArray, most: int = MOST) -> Gradients:
    """Return how much each reading of each channel raised the score of ``window``.

    The window is reached from usual values in a straight line; along it, each value's part is its departure times the
    mean slope of the score in that value (Sundararajan, Taly & Yan 2017, "Axiomatic attribution for deep networks",
    equation 1). Slopes are central differences through the runner, so that what is deployed is what is explained, and
    no training library is needed. The mean is the trapezoidal rule, whose steps are doubled until the parts sum to the
    score's rise within 1 %, or ``most`` is reached.

    A value is moved by a hundredth of its channel's greatest departure in the window: the rounding of a float32 score,
    some 1e-6 of it, then stays below 1e-4 of the score in each part, whatever the channels' units. The move that counts
    is the one that float32 could make.

    Parameters
    ----------
    runner
        The graph.
    window
        ndarray of shape (window, channels), float32.
    usual
        ndarray of shape (channels,): the values that stand for "nothing strange here", such as the training median.
    most
        Steps at most; a power of 2 times 8.

    Examples
    --------
    A score of a² + b of one reading: a gave 9, and b gave 4.

    >>> from tocsin.graph.network import Network
    >>> network = Network(window=1, channels=2)
    >>> power = network.op("Pow", network.input, network.constant([2.0, 1.0]))
    >>> row = network.op("Reshape", power, network.integers([-1, 2]))
    >>> score = network.op("MatMul", row, network.constant([[1.0], [1.0]]))
    >>> runner = Runner(network.seal(network.op("Reshape", score, network.integers([-1]))).onnx)
    >>> found = integrated_gradients(runner, np.array([[3, 4]], np.float32), usual=np.zeros(2))
    >>> found.parts.round(2).tolist(), found.complete
    ([[9.0, 4.0]], True)
    """
    way = _Way(runner, window, np.broadcast_to(usual, window.shape).astype(np.float32))
    base, score = (float(value) for value in runner(np.stack([way.start, way.stop])).score)
    rise, steps = score - base, FIRST
    ends = way.along(np.array([0.0, 1.0]), of=FIRST + 1) / 2
    total = ends + way.along(np.arange(1, FIRST) / FIRST, of=FIRST + 1)
    while _missed(total / steps, rise, max(abs(score), abs(base))) > COMPLETE and steps < most:
        total = total + way.along((np.arange(steps) + 0.5) / steps, of=2 * steps + 1)
        steps *= 2
    parts = total / steps
    missed = _missed(parts, rise, max(abs(score), abs(base)))
    return Gradients(parts, score, base, steps, missed, (steps + 1) * way.cost + 2)


def _missed(parts: FloatArray, rise: float, height: float) -> float:
    return float(abs(parts.sum() - rise) / max(abs(rise), _NOISE * height, np.finfo(np.float32).tiny))


class _Way:
    """The straight line from usual values to the window, and the score's slopes along it."""

    def __init__(self, runner: Runner, window: Float32Array, usual: Float32Array) -> None:
        self._runner, self.start, self.stop = runner, usual, np.ascontiguousarray(window, np.float32)
        self._departure = self.stop.astype(np.float64) - usual
        self._at: tuple[IntArray, ...] = np.nonzero(self._departure)
        self._nudge = NUDGE * np.abs(self._departure).max(axis=0)
        self._done = 0

    @property
    def cost(self) -> int:
        """Windows that one point of the line takes."""
        return 2 * len(self._at[0])

    def along(self, places: FloatArray, *, of: int) -> FloatArray:
        """Return the sum over ``places``, shares of the way, of departure times slope; shape (window, channels).

        ``of`` is how many places there will have been in all, as far as is known.
        """
        total = np.zeros(self._departure.shape)
        for place in places:
            total += self._slopes(float(place))
            self._done += 1
            report("gradients", self._done, of)
        return total

    def _slopes(self, place: float) -> FloatArray:
        """Return departure times slope at one place of the line."""
        point = (self.start + place * self._departure).astype(np.float32)
        nudge = np.maximum(self._nudge, _LEAST_ULP * np.spacing(np.abs(point)))[self._at]
        here = point[self._at]
        above, below = ((here + side * nudge).astype(np.float32) for side in (1, -1))
        change = self._scored(point, above) - self._scored(point, below)
        found = np.zeros(point.shape)
        found[self._at] = self._departure[self._at] * change / (above.astype(np.float64) - below)
        return found

    def _scored(self, point: Float32Array, moved: Float32Array) -> FloatArray:
        """Return the scores of ``point`` with one value moved, for each value."""
        step, channel = self._at

        def windows(start: int, stop: int) -> Float32Array:
            some = np.repeat(point[None], stop - start, axis=0)
            some[np.arange(stop - start), step[start:stop], channel[start:stop]] = moved[start:stop]
            return some

        return scores_of(self._runner, windows, count=len(moved))
