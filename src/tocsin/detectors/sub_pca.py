"""Sub-PCA: windows of one period, and how far a new one departs along the directions in which normal ones vary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._components import components, left_out
from tocsin.detectors._period import period_of
from tocsin.detectors._rows import within
from tocsin.detectors._settings import at_least, enough
from tocsin.detectors._spaced import spaced
from tocsin.graph.network import Network
from tocsin.graph.shares import total

_QUANTILE = 0.99
_LEAST = 1e-2
"""Least variance of a component, as a fraction of the greatest; below, chance decides, and rounding."""


@dataclass(frozen=True, kw_only=True)
class SubPca(Detector):
    """Sub-PCA: how unlike its usual periods a channel's last period is.

    Each channel by itself: with x the channel's last period less the mean one, vₖ the principal components of normal
    periods and λₖ their variances, D = Σ (x·vₖ)² / λₖ: what normally hardly varies weighs most (Shyu et al. 2003, "A
    novel anomaly detection scheme based on principal component classifier"; over windows of one period, as in TSB-AD,
    Liu & Paparrizos 2024, whose best method for one channel it is; PyOD and TSB-AD take the distances from x to the
    tips of the vₖ instead, which mostly tell how long x is). D is divided by its 99 % quantile over normal windows; the
    score is the mean over the channels, a channel's share its part of it. What is expected of a reading is the value
    with which D would be least.

    Parameters
    ----------
    period
        Readings in a period, at most those of a window; 0 to find it in the normal readings. Where none is found that
        a window can hold, the whole window is taken: a longer one is given with --window.
    max_windows
        Learn from at most so many windows, evenly spaced over the whole time, which bounds memory.

    Examples
    --------
    >>> SubPca(period=24).default_window
    50
    """

    default_window: ClassVar[int] = 50
    window_rule: ClassVar[Literal["fixed", "period", "memory"]] = "period"
    window_bounds: ClassVar[tuple[int, int]] = (10, 96)
    default_scale: ClassVar[str] = "zscore"
    random: ClassVar[bool] = False

    period: int = 0
    max_windows: int = 10_000

    def __post_init__(self) -> None:
        at_least("period", self.period, 0)
        at_least("max_windows", self.max_windows, 2)

    def fit(self, windows: Windows, *, seed: int) -> Graph:  # noqa: ARG002  # nothing here is random
        """Find period and components, and write the distances down as matrix products."""
        enough(windows)
        chosen = spaced(len(windows), self.max_windows)
        recent = Windows(windows.series, windows.end[chosen], self._steps(windows)).take(slice(None))
        centre = recent.mean(axis=0, dtype=np.float64)
        scaled = [_scaled_axes(channel) for channel in np.moveaxis(recent - centre, 2, 0)]
        network = Network(window=windows.length, channels=windows.channels)
        steps = _last_steps(network, centre)
        part = network.op("Mul", _distances(network, steps, scaled), network.constant(1 / windows.channels))
        foretold = network.op("Add", _foretold(network, steps, scaled), network.constant(centre[-1]))
        return network.seal(total(network, part), part, expected=foretold)

    def _steps(self, windows: Windows) -> int:
        if self.period > windows.length:
            raise SettingError(
                f"period is {self.period}, longer than a window of {windows.length} readings.",
                remedy="Give a longer one with --window.",
            )
        return self.period or period_of(windows)


def _scaled_axes(centred: FloatArray) -> FloatArray:
    """Return a matrix of shape (steps, k) with which a channel's distance over its quantile is |x · matrix|²."""
    variance, axes = components(centred)
    axes = (axes / np.sqrt(np.maximum(variance, _LEAST * (variance[0] or 1.0)))[:, None]).T
    usual = float(np.quantile(((centred @ axes) ** 2).sum(axis=1), _QUANTILE))
    return np.asarray(axes / np.sqrt(usual or 1.0))


def _last_steps(network: Network, centre: FloatArray) -> str:
    """Add the window's last steps less their means; shape (n, steps, channels)."""
    steps = network.integers(range(network.window - len(centre), network.window))
    last = network.op("Gather", network.input, steps, attributes={"axis": 1})
    return within(network, network.op("Sub", last, network.constant(centre)))


def _distances(network: Network, shifted: str, scaled: Sequence[FloatArray]) -> str:
    """Add the distance of each channel; shape (n, channels).

    Channel after channel, because a product with a stack of matrices rounds a window differently in other company.
    """
    found = []
    for place, axes in enumerate(scaled):
        channel = network.op("Gather", shifted, network.integers(place), attributes={"axis": 2})
        along = within(network, network.op("MatMul", channel, network.constant(axes)))
        squared = network.op("Mul", along, along)
        found.append(network.op("MatMul", squared, network.constant(np.ones((axes.shape[1], 1)))))
    return network.op("Concat", *found, attributes={"axis": 1})


def _foretold(network: Network, shifted: str, scaled: Sequence[FloatArray]) -> str:
    """Add what the steps before let expect of each channel's last, less its mean; shape (n, channels)."""
    found = []
    for place, axes in enumerate(scaled):
        channel = network.op("Gather", shifted, network.integers(place), attributes={"axis": 2})
        found.append(network.op("MatMul", channel, network.constant(left_out(axes @ axes[-1:].T, [len(axes) - 1]))))
    return network.op("Concat", *found, attributes={"axis": 1})
