"""Scores and readings over time, with what was labelled shaded and what was flagged marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.evaluation.outcome import Outcome
from tocsin.evaluation.pages._report_words import clean
from tocsin.evaluation.pages.thin import bucket_starts, extremes, gaps, ranges, worst_spread
from tocsin.evaluation.pictures._looks import AMBER, BLUES, INK, LINE, MUTED, RED, plain, settle
from tocsin.evaluation.pictures._naming import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS = 8_000
MARKS = 1_500
SPANS = 400
MAX_DEVICES = 4
"""Devices drawn, those with the most labelled and flagged readings; the title says how many there are."""
STEEP = 30.0
"""Highest score over the median from which the axis is logarithmic."""


def score_plot(outcome: Outcome, *, title: str = "") -> Figure:
    """Return score and limit over time: labelled events in amber, readings above the limit as a red ×, alarms as a bar.

    The axis is logarithmic where the highest score is many times the median. Long series are thinned; extremes stay.

    Parameters
    ----------
    outcome
        In order of time within each device.
    title
        What was scored, by what.
    """
    figure, panels = _panels(outcome, title, height=2.7)
    log = _steep(outcome.score[outcome.scored])
    for axes, strip in panels:
        strip.line(axes, strip.outcome.score)
        strip.limit(axes)
        if log:
            axes.set_yscale("log")
            axes.minorticks_off()
        strip.marks(axes, strip.outcome.score)
        strip.shades(axes)
        axes.set_ylabel("score (logarithmic)" if log else "score", color=MUTED, fontsize=9.5)
    _legend(figure, outcome, line="score", limit=True)
    return figure


def detection_example(outcome: Outcome, values: FloatArray, channel: str, *, title: str = "") -> Figure:
    """Return the readings of one channel: blue, with a red × where flagged, labelled events in amber.

    Parameters
    ----------
    outcome
        In order of time within each device.
    values
        ndarray of shape (n,), float64: the channel's readings, NaN where missing.
    channel
        Its name, with its unit.
    title
        What was read; "" for the channel's name.

    Raises
    ------
    ValueError
        If there is not one value for each reading of the outcome.
    """
    if values.shape != outcome.labels.shape:
        raise ValueError(f"values have shape {values.shape}, the outcome has {len(outcome)} readings")
    figure, panels = _panels(outcome, title or channel, height=3.2)
    for axes, strip in panels:
        own = values[strip.rows]
        strip.line(axes, own)
        strip.marks(axes, own)
        strip.shades(axes)
        axes.set_ylabel(plain(short(clean(channel), 34)), color=MUTED, fontsize=9.5)
    _legend(figure, outcome, line="reading", limit=False)
    return figure


class _Strip:
    """One device's readings, thinned once for all that is drawn of them."""

    def __init__(self, outcome: Outcome, device: int) -> None:
        self.rows = np.flatnonzero(outcome.device == device)
        self.outcome = outcome.take(self.rows)
        self.pauses = np.zeros(0, np.int64) if outcome.row_clock else gaps(self.outcome.time)
        self.starts = bucket_starts(len(self.rows), POINTS, cuts=self.pauses)

    def line(self, axes: Axes, values: FloatArray) -> None:
        low, high = extremes(np.where(np.isfinite(values), values, np.nan), self.starts)
        place = self._place(self.outcome.time[self.starts])
        each = 1 if len(self.starts) == len(values) else 2
        both = low if each == 1 else np.stack([low, high], axis=1).ravel()
        holes = each * np.searchsorted(self.starts, self.pauses)
        along = np.insert(np.repeat(place, each), holes, place[holes // each])
        axes.plot(along, np.insert(both, holes, np.nan), color=BLUES[0], linewidth=0.8, rasterized=True, zorder=2)

    def limit(self, axes: Axes) -> None:
        own = self.outcome.limit[self.starts]
        if np.isfinite(own).any():
            place = self._place(self.outcome.time[self.starts])
            axes.plot(place, own, color=RED, linewidth=1.1, linestyle=(0, (6, 4)), zorder=3)

    def marks(self, axes: Axes, values: FloatArray) -> None:
        flagged = np.flatnonzero(self.outcome.anomaly & np.isfinite(values))
        strange = np.nan_to_num(self.outcome.score[flagged], nan=-np.inf)
        shown = worst_spread(flagged, strange, MARKS)
        size = 22 if len(shown) < 300 else 12
        place = self._place(self.outcome.time[shown])
        axes.scatter(place, values[shown], s=size, marker="x", color=RED, linewidths=1.0, zorder=4, rasterized=True)

    def shades(self, axes: Axes) -> None:
        for start, stop in self._stretches(self.outcome.labels):
            axes.axvspan(start, stop, color=AMBER, alpha=0.32, linewidth=0.8, zorder=0)
        told = self._stretches(self.outcome.told) if not np.array_equal(self.outcome.told, self.outcome.anomaly) else []
        for start, stop in told:
            axes.axvspan(start, stop, ymin=0.975, ymax=1.0, color=RED, linewidth=0.8, zorder=5)

    def _stretches(self, flags: BoolArray) -> list[tuple[Any, Any]]:
        found = ranges(flags, self.outcome.time.astype(np.float64), SPANS, cuts=self.pauses)
        ends = np.array(found, np.float64).astype(np.int64).reshape(-1, 2)
        return [(pair[0], pair[1]) for pair in self._place(ends)]

    def _place(self, time: IntArray) -> npt.NDArray[np.generic]:
        return time if self.outcome.row_clock else time.astype("datetime64[ns]")


def _panels(outcome: Outcome, title: str, *, height: float) -> tuple[Figure, list[tuple[Axes, _Strip]]]:
    """Return a figure with one panel for each device that is drawn, stacked on one time axis."""
    from matplotlib.figure import Figure

    devices, shown = np.unique(outcome.device), _telling(outcome)
    figure = Figure(figsize=(12.5, height * max(len(shown), 1) + 1.1), layout="constrained", facecolor="white")
    grid = figure.subplots(max(len(shown), 1), 1, sharex=True, squeeze=False)
    more = f" ({len(shown)} of {len(devices)} devices)" if len(devices) > len(shown) else ""
    figure.suptitle(plain(clean(title)) + more, fontsize=11, color=INK, x=0.008, ha="left", fontweight="bold")
    panels = []
    for axes, device in zip(grid.flat, shown, strict=False):
        settle(axes)
        time_axis(axes, row_clock=outcome.row_clock)
        if len(devices) > 1:
            axes.set_title(f"device {device + 1}", loc="left", fontsize=9.5, color=MUTED, pad=3)
        panels.append((axes, _Strip(outcome, device)))
    return figure, panels


def _telling(outcome: Outcome) -> list[int]:
    """Return the devices to be drawn: those with the most labelled and flagged readings, in order."""
    devices, place = np.unique(outcome.device, return_inverse=True)
    weight = np.bincount(place, weights=outcome.labels.astype(float) + outcome.anomaly, minlength=len(devices))
    return sorted(devices[np.argsort(-weight, kind="stable")[:MAX_DEVICES]].tolist())


def _steep(score: FloatArray) -> bool:
    if not len(score) or score.min() <= 0:
        return False
    return bool(score.max() > STEEP * np.median(score))


def time_axis(axes: Axes, *, row_clock: bool) -> None:
    """Give ``axes`` an axis of time, or of rows where rows are the clock."""
    axes.grid(axis="x", color=LINE, linewidth=0.5)
    if row_clock:
        axes.set_xlabel("row", color=MUTED, fontsize=9.5)
        return
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call]  # matplotlib leaves it untyped
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]  # as above
    axes.xaxis.get_offset_text().set_color(MUTED)


def _legend(figure: Figure, outcome: Outcome, *, line: str, limit: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    keys: list[Line2D | Patch] = [Line2D([], [], color=BLUES[0], linewidth=1.4, label=line)]
    if limit and np.isfinite(outcome.limit).any():
        keys.append(Line2D([], [], color=RED, linewidth=1.2, linestyle=(0, (6, 4)), label="limit"))
    if outcome.anomaly.any():
        mark = "above the limit" if np.isfinite(outcome.limit).any() else "flagged"
        keys.append(Line2D([], [], color=RED, marker="x", linestyle="", markersize=6, label=mark))
    if outcome.labels.any():
        keys.append(Patch(color=AMBER, alpha=0.4, label="labelled anomalous"))
    if not np.array_equal(outcome.told, outcome.anomaly) and outcome.told.any():
        keys.append(Line2D([], [], color=RED, linewidth=4, label="alarm told (top edge)"))
    figure.legend(handles=keys, loc="outside lower left", ncols=len(keys), fontsize=9, frameon=False, labelcolor=MUTED)
