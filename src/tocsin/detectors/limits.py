"""Limits: each channel has a lowest and a highest value. The rule that most plants have today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import InputError, SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._greatest import greatest
from tocsin.detectors._rows import within
from tocsin.detectors._settings import at_least, enough
from tocsin.detectors.rolling_zscore import least_deviation
from tocsin.graph.network import Network

_LEARNED = "learned"


@dataclass(frozen=True, kw_only=True)
class ChannelLimits(Detector):
    """Limits: how near a channel is to its highest or lowest normal value, or how far beyond.

    The score is the greatest, over the channels, of the last reading's distance from the middle of its range, in halves
    of the range: 0 in the middle, 1 at either end, more outside. A range is learned or stated; a channel's share of the
    score goes by the square of its distance. It looks at each channel by itself and at the last reading alone: what
    needs more is what the other detectors are for.

    Parameters
    ----------
    quantile
        Share of the normal readings left out at either end of a learned range, from 0 up to .25: a few outliers shall
        not widen it.
    margin
        By how much a learned range is widened at either end, as a fraction of its width.
    ranges
        Stated ranges, one for each channel in order, as "low:high" in the unit that the detector sees, which is that of
        the readings unless a scale is chosen. An end left empty is learned, as in ":80"; so are both in "learned".

    Examples
    --------
    >>> ChannelLimits(ranges=("15:30", ":80", "learned")).default_threshold
    'fixed:1'
    """

    default_window: ClassVar[int] = 1
    takes_units: ClassVar[bool] = True
    default_scale: ClassVar[str] = "none"
    random: ClassVar[bool] = False
    default_threshold: ClassVar[str] = "fixed:1"

    quantile: float = 0.001
    margin: float = 0.1
    ranges: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.quantile <= 0.25:
            raise SettingError(f"quantile is {self.quantile!r}.", remedy="It must be a share from 0 to 0.25.")
        at_least("margin", self.margin, 0)
        for text in self.ranges:
            _stated(text)

    def fit(self, windows: Windows, *, seed: int) -> Graph:  # noqa: ARG002  # nothing here is random
        """Learn the ranges that are not stated; the rest is arithmetic on the last reading."""
        enough(windows, least=1)
        low, high = self._ends(windows.rows())
        network = Network(window=windows.length, channels=windows.channels)
        last = network.op("Gather", network.input, network.integers(windows.length - 1), attributes={"axis": 1})
        centred = network.op("Sub", last, network.constant((low + high) / 2))
        return network.seal(*greatest(network, network.op("Abs", within(network, centred, unit=(high - low) / 2))))

    def _ends(self, rows: Float32Array) -> tuple[FloatArray, FloatArray]:
        """Return the lowest and the highest value of each channel, two ndarrays of shape (channels,)."""
        if self.ranges and len(self.ranges) != rows.shape[1]:
            raise InputError(
                f"There are {len(self.ranges)} ranges for {rows.shape[1]} channels.",
                remedy=f'Give one for each channel, in their order; "{_LEARNED}" for a range to learn.',
            )
        low, high = np.quantile(rows.astype(np.float64), [self.quantile, 1 - self.quantile], axis=0)
        widened = np.maximum(self.margin * (high - low), np.where(high > low, 0, least_deviation(rows, 1)))
        stated = np.array([_stated(text) for text in self.ranges or [_LEARNED] * len(low)])
        low = np.where(np.isnan(stated[:, 0]), low - widened, stated[:, 0])
        high = np.where(np.isnan(stated[:, 1]), high + widened, stated[:, 1])
        _must_be_ranges(low, high)
        return low, high


def _stated(text: str) -> tuple[float, float]:
    """Return the ends that ``text`` states, NaN for one that it leaves open."""
    low, sign, high = text.partition(":")
    try:
        ends = tuple(float(end) if end.strip() else np.nan for end in ((low, high) if text != _LEARNED else ("", "")))
    except ValueError:
        ends = ()
    if (text != _LEARNED and not sign) or len(ends) != 2 or np.isinf(ends).any() or ends[0] >= ends[1]:
        raise SettingError(
            f"ranges holds {text!r}, which is no range.", remedy='Write "low:high", "low:", ":high" or "learned".'
        )
    return ends[0], ends[1]


def _must_be_ranges(low: FloatArray, high: FloatArray) -> None:
    if len(bad := np.flatnonzero(~(low < high))):
        channel = bad[0]
        raise InputError(
            f"Channel {channel + 1} would range from {low[channel]:g} up to {high[channel]:g}: the end that is stated "
            "lies beyond what was read.",
            remedy="State both ends of its range.",
        )
