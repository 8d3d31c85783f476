"""An EWMA control chart: a moving average that notices small lasting shifts, and beside it a look at great ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._greatest import greatest
from tocsin.detectors._rows import last_reading, within
from tocsin.detectors._settings import above, at_least, enough
from tocsin.detectors._spaced import spaced
from tocsin.detectors.rolling_zscore import least_deviation
from tocsin.graph.network import Network


@dataclass(frozen=True, kw_only=True)
class Ewma(Detector):
    """EWMA control chart: how far a channel's level has shifted from its normal mean, be it slowly or at once.

    Per channel, the moving average zₜ = weight · xₜ + (1 − weight) · zₜ₋₁ begins each window at the channel's normal
    mean (Roberts 1959, "Control chart tests based on geometric moving averages"). Its distance from that mean is
    counted in the deviation that the average itself has over normal windows, which unlike the textbook's holds for
    readings that resemble those before them. Beside it stands Shewhart's chart, the distance of the last reading in the
    deviation of readings, as Lucas & Saccucci (1990, "Exponentially weighted moving average control schemes") advise:
    it tells of great shifts at once. The score is the greatest distance of any channel in either chart; a channel's
    share goes by the square of its own. What is expected of a reading is the charts' centre line, the normal mean.

    Parameters
    ----------
    weight
        Weight of the newest reading, above 0 and at most 1: small notices small shifts, late.
    floor
        Least deviation of the average, as a fraction of the channel's. A channel that never moved has a thousandth of
        its level for deviation, or of 1 where its level is below 1.
    max_windows
        Learn the deviation from at most so many windows, evenly spaced over the whole time.

    Examples
    --------
    >>> steps_back(3, 0.5).tolist()
    [0.125, 0.25, 0.5]
    """

    default_window: ClassVar[int] = 30
    default_scale: ClassVar[str] = "none"
    random: ClassVar[bool] = False

    weight: float = 0.2
    floor: float = 0.05
    max_windows: int = 100_000

    def __post_init__(self) -> None:
        if not 0 < self.weight <= 1:
            raise SettingError(f"weight is {self.weight!r}.", remedy="It must be above 0 and at most 1.")
        above("floor", self.floor, 0)
        at_least("max_windows", self.max_windows, 2)

    def fit(self, windows: Windows, *, seed: int) -> Graph:  # noqa: ARG002  # nothing here is random
        """Learn each channel's mean and how far the average strays from it; the rest is one matrix product."""
        enough(windows)
        rows = windows.rows()
        mean, unit = rows.mean(axis=0, dtype=np.float64), least_deviation(rows, 1)
        recursion = steps_back(windows.length, self.weight)
        stray = np.maximum(self._stray(windows, mean, recursion) / unit, self.floor)
        network = Network(window=windows.length, channels=windows.channels)
        centred = within(network, network.op("Sub", network.input, network.constant(mean)), unit=unit)
        shared = greatest(network, _charts(network, centred, recursion, stray))
        return network.seal(*shared, expected=_centre_line(network, centred, mean))

    def _stray(self, windows: Windows, mean: FloatArray, recursion: FloatArray) -> FloatArray:
        """Return the root mean square of the average's distance from ``mean``, shape (channels,)."""
        end, series = windows.end[spaced(len(windows), self.max_windows)], windows.series - mean
        average = np.zeros((len(end), windows.channels))
        for back, part in enumerate(recursion[::-1]):
            average += part * series[end - back]
        return np.asarray(np.sqrt((average**2).mean(axis=0)))


def _charts(network: Network, centred: str, recursion: FloatArray, stray: FloatArray) -> str:
    """Add the greater of each channel's distances in both charts; shape (n, channels)."""
    by_channel = network.op("Transpose", centred, attributes={"perm": [0, 2, 1]})
    both = np.stack([recursion, np.eye(len(recursion))[-1]], axis=1)
    distance = network.op("Abs", network.op("MatMul", by_channel, network.constant(both)))
    counted = network.op("Div", distance, network.constant(np.stack([stray, np.ones(len(stray))], axis=1)))
    return network.op("ReduceMax", counted, network.integers([2]), attributes={"keepdims": 0})


def _centre_line(network: Network, centred: str, mean: FloatArray) -> str:
    """Add ``mean`` for every window; shape (n, channels)."""
    nothing = network.op("Mul", last_reading(network, centred), network.constant(0))
    return network.op("Add", nothing, network.constant(mean))


def steps_back(length: int, weight: float) -> FloatArray:
    """Return the weight of each reading of a window, oldest first, in the average of its last; shape (length,).

    What is missing to a sum of 1 is the weight of the mean from which the window begins.
    """
    return np.asarray(weight * (1 - weight) ** np.arange(length - 1, -1, -1.0))
