"""Beyond the range: rings for what the last few hundred readings and normal operation have never shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import InputError
from tocsin.core.windows import Windows
from tocsin.detectors._deviation import usual_deviation
from tocsin.detectors._greatest import greatest
from tocsin.detectors._rows import within
from tocsin.detectors._settings import above, at_least, enough
from tocsin.graph.network import Network

_STILL = 0.1
"""Unrest is at least this fraction of its normal mean: where all but nothing moves, twice as much is nothing still."""

_LEAST_STEP = 1e-3
"""Least normal mean of the unrest, in deviations of the channel."""

_LEAST_LEVEL = 1e-3
"""Least width of a range, as a fraction of the channel's level: finer than that, sensors and floats jitter."""


@dataclass(frozen=True, kw_only=True)
class BeyondRange(Detector):
    """Beyond the range: how far the newest reading is outside all that the window and normal operation have shown.

    Per channel, the range is that of the window's other readings, widened to that of the normal readings but for the
    ``spared`` greatest and least of them. A reading outside scores 1 + its distance from the range ÷ (``tolerance`` ·
    the range's width), one inside less than 1. Beside it stands the channel's unrest, the mean size of its last
    ``unrest`` steps from reading to reading, which jumps where great steps come more often than ever, or stay away for
    longer; ``unrest_weight`` · (how many times as great, or as small, as ever − 1) is its distance in widths. The
    greater of both counts, and the greatest over the channels; a channel's share goes by the square of its own.

    So a score means the same for every channel and machine, and needs no limit found from readings: 2 is a twentieth
    beyond the range, which is what Numenta's detector for the Numenta Anomaly Benchmark grants in its rule for values
    never seen before (repository numenta/NAB, SPATIAL_TOLERANCE).

    What has been seen is no news: a step is told when it comes, not as long as it lasts, and what creeps, each reading
    hardly beyond the one before, is not told; a longer guard tells of it, and of more that is nothing. It takes long
    windows, so that a day or more lies in them.

    Parameters
    ----------
    tolerance
        What counts as 1 beyond the range, as a fraction of its width.
    spared
        Normal readings at either end of the range that are not believed; more where training holds anomalies.
    unrest
        Steps over which unrest is averaged, at most a third of the window; 0 to look at levels alone.
    unrest_weight
        Weight of unrest beside the level; more makes it tell of smaller changes.
    guard
        Readings just before the newest that do not widen the range: what lasts is told ``guard`` + 1 times, and the
        usual policy rings after three.
    rest
        What is less strange than one of so many scores before it, but for the guard's, has been told, and scores 1 at
        most. At most a fifth of the window; 0 for no rest.

    Examples
    --------
    >>> BeyondRange(rest=0).default_threshold
    'fixed:2'
    """

    default_window: ClassVar[int] = 400
    window_rule: ClassVar[Literal["fixed", "period", "memory"]] = "memory"
    default_scale: ClassVar[str] = "none"
    random: ClassVar[bool] = False
    default_threshold: ClassVar[str] = "fixed:2"

    tolerance: float = 0.05
    spared: int = 1
    unrest: int = 60
    unrest_weight: float = 0.1
    guard: int = 2
    rest: int = 30

    def __post_init__(self) -> None:
        above("tolerance", self.tolerance, 0)
        for name in ("spared", "unrest", "unrest_weight", "guard", "rest"):
            at_least(name, getattr(self, name), 0)

    def fit(self, windows: Windows, *, seed: int) -> Graph:  # noqa: ARG002  # nothing here is random
        """Learn each channel's unit and normal ranges; the rest is arithmetic on the window."""
        enough(windows)
        look = self._look(windows.length)
        unit, rows = usual_deviation(windows), windows.rows().astype(np.float64)
        centre = np.median(rows, axis=0)
        network = Network(window=windows.length, channels=windows.channels)
        centred = within(network, network.op("Sub", network.input, network.constant(centre)), unit=unit)
        values = network.op("Transpose", centred, attributes={"perm": [0, 2, 1]})
        least = np.maximum(1, _LEAST_LEVEL * np.abs(centre) / unit)
        beyond = _beyond(network, values, look, range_of((rows - centre) / unit, self.spared), least)
        if look.unrest:
            restless = _restless(network, values, look, unrest_of(windows, unit, look.unrest))
            weighted = network.op("Mul", restless, network.constant(self.unrest_weight))
            beyond = network.op("Max", beyond, weighted)
        return network.seal(*greatest(network, _told(network, _rested(network, beyond, look), self.tolerance)))

    def _look(self, length: int) -> _Look:
        """Return how far a window of ``length`` readings is looked back on."""
        unrest = min(self.unrest, length // 3)
        look = _Look(length, unrest, self.guard, min(self.rest, length // 5))
        if look.history(length - unrest) < 2:
            raise InputError(
                f"A window of {length} readings leaves no range to compare with, behind a guard of {self.guard}.",
                remedy=f"Give at least {3 * self.guard + 8} with --window, or a smaller guard.",
            )
        return look


class _Look(NamedTuple):
    """What is looked at within a window: all counted in readings."""

    window: int
    unrest: int
    guard: int
    rest: int

    @property
    def scored(self) -> int:
        """Newest readings that get a score of their own, so that the very newest can be compared with them."""
        return self.rest + 1

    def history(self, places: int) -> int:
        """Return over how many of so many places the range reaches that a newest one is compared with."""
        return places - self.guard - self.scored


class _Range(NamedTuple):
    """Normal operation: least and greatest, each of shape (channels,)."""

    least: FloatArray
    greatest: FloatArray


def range_of(rows: FloatArray, spared: int) -> _Range:
    """Return the range of ``rows`` of shape (n, channels), but for the ``spared`` greatest and least of each channel.

    >>> tuple(x.tolist() for x in range_of(np.array([[5.0], [1], [9], [2]]), 1))
    ([2.0], [5.0])
    """
    ordered = np.sort(rows, axis=0)
    spared = min(spared, (len(rows) - 1) // 2)
    return _Range(ordered[spared], ordered[-1 - spared])


def unrest_of(windows: Windows, unit: FloatArray, steps: int) -> tuple[FloatArray, _Range]:
    """Return the mean size of a step in each channel, and the range of its means over so many steps.

    Parameters
    ----------
    windows
        Of normal readings.
    unit
        ndarray of shape (channels,): what steps are counted in.
    steps
        Steps over which is averaged.

    Examples
    --------
    >>> series = np.array([[0], [1], [3], [3]], np.float32)
    >>> mean, (least, most) = unrest_of(Windows(series, end=np.array([3]), length=4), np.ones(1), 2)
    >>> mean.tolist(), least.tolist(), most.tolist()
    ([1.25], [1.0], [1.5])
    """
    step = np.abs(np.diff(windows.series.astype(np.float64), axis=0)) / unit
    means = np.lib.stride_tricks.sliding_window_view(step, steps, axis=0).mean(axis=-1)
    # The means at a row, counted from the first that has any, lie within a window if one begins early enough.
    change = np.zeros(len(windows.series) + 1, np.int64)
    np.add.at(change, windows.end - windows.length + 1 + steps, 1)
    np.add.at(change, windows.end + 1, -1)
    inside = means[np.cumsum(change)[steps:-1] > 0]
    return inside.mean(axis=0), range_of(inside, 0)


def _beyond(network: Network, values: str, look: _Look, normal: _Range, least: FloatArray) -> str:
    """Add by how many widths of the range the newest readings lie outside; negative inside.

    ``values`` have the shape (n, channels, window), the result (n, channels, scored).
    """
    low, high = _before(network, values, look.window, look, normal)
    newest = _newest(network, values, look.window, look)
    width = network.op("Max", network.op("Sub", high, low), network.constant(least[:, None]))
    outside = network.op("Max", network.op("Sub", newest, high), network.op("Sub", low, newest))
    return network.op("Div", outside, width)


def _restless(network: Network, values: str, look: _Look, normal: tuple[FloatArray, _Range]) -> str:
    """Add how many times as great, or as small, as ever the unrest is, less 1; shape (n, channels, scored)."""
    mean, around = normal
    mean = np.maximum(mean, _LEAST_STEP)
    places = look.window - look.unrest
    later, earlier = (_part(network, values, start, look.window - 1 + start) for start in (1, 0))
    step = network.op("Abs", network.op("Sub", later, earlier))
    averages = np.stack([np.eye(look.window - 1)[k : k + look.unrest].sum(axis=0) for k in range(places)], axis=1)
    averaged = network.op("MatMul", step, network.constant(averages / look.unrest))
    unrest = network.op("Add", network.op("Div", averaged, network.constant(mean[:, None])), network.constant(_STILL))
    shifted = _Range(*(each / mean + _STILL for each in around))
    low, high = _before(network, unrest, places, look, shifted)
    newest = _newest(network, unrest, places, look)
    ratio = network.op("Max", network.op("Div", newest, high), network.op("Div", low, newest))
    return network.op("Sub", ratio, network.constant(1))


def _before(network: Network, values: str, places: int, look: _Look, normal: _Range) -> tuple[str, str]:
    """Add least and greatest of what came before each of the newest places, widened to what is ``normal``."""
    earlier = _part(network, values, 0, places - 1 - look.guard)
    pool = {"kernel_shape": [look.history(places)]}
    high = network.op("MaxPool", earlier, attributes=pool)
    low = network.op("Neg", network.op("MaxPool", network.op("Neg", earlier), attributes=pool))
    widened = network.op("Min", low, network.constant(normal.least[:, None]))
    return widened, network.op("Max", high, network.constant(normal.greatest[:, None]))


def _newest(network: Network, values: str, places: int, look: _Look) -> str:
    return _part(network, values, places - look.scored, places)


def _part(network: Network, values: str, start: int, stop: int) -> str:
    """Add the places from ``start`` up to ``stop`` along time, the last axis."""
    return network.op("Slice", values, *(network.integers([place]) for place in (start, stop, 2)))


def _rested(network: Network, beyond: str, look: _Look) -> str:
    """Add by how much the newest reading of each channel is beyond, and 0 at most while it rests; (n, channels)."""
    newest = network.op("Gather", beyond, network.integers(look.rest), attributes={"axis": 2})
    told = look.rest - look.guard
    if told <= 0:
        return newest
    some = _part(network, beyond, 0, told)
    earlier = network.op("ReduceMax", some, network.integers([2]), attributes={"keepdims": 0})
    inside = network.op("Min", newest, network.constant(0))
    return network.op("Where", network.op("GreaterOrEqual", newest, earlier), newest, inside)


def _told(network: Network, beyond: str, tolerance: float) -> str:
    """Add 1 + what is beyond in units of the tolerance, or less what is inside, in widths; not below 0."""
    none = network.constant(0)
    outside = network.op("Div", network.op("Max", beyond, none), network.constant(tolerance))
    inside = network.op("Max", network.op("Min", beyond, none), network.constant(-1))
    return network.op("Add", network.op("Add", inside, network.constant(1)), outside)
