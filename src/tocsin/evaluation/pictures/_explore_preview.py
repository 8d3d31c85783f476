"""The channels of a table over time, one small picture each, on one time axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.evaluation.pages._report_words import clean, count, moment
from tocsin.evaluation.pages.thin import bucket_starts, extremes, gaps, ranges
from tocsin.evaluation.pictures._looks import AMBER, BLUES, GREY, INK, LINE, MUTED, plain, settle
from tocsin.evaluation.pictures._naming import short, unit_beside

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tocsin.sources import Table

POINTS = 8_000
"""Points per channel and device: more than a picture has columns."""
MAX_DEVICES = 5
MAX_CHANNELS = 60
MAX_SPANS = 400


def preview_figure(table: Table) -> Figure:
    """Return small multiples of the channels: labels in amber, pauses in grey, a colour per device."""
    from matplotlib.figure import Figure

    channels = table.readings.schema.channels[:MAX_CHANNELS]
    across = 1 if len(channels) <= 8 else 2 if len(channels) <= 24 else 3
    down = max(-(-len(channels) // across), 1)
    height = 1.25 * down + 1.3
    figure = Figure(figsize=(12.5 if across < 3 else 16.5, height), layout="constrained", facecolor="white")
    grid = figure.subplots(down, across, sharex=True, squeeze=False)
    spread = _Spread(table)
    for axes, k in zip(grid.T.flat, range(down * across), strict=True):
        if k < len(channels):
            spread.draw(axes, k)
        else:
            axes.set_visible(False)
            grid[k % down - 1, k // down].xaxis.set_tick_params(labelbottom=True)
    _head(figure, table, shown=len(channels), paused=any(len(pauses) for _, _, pauses in spread.strips))
    return figure


def _head(figure: Figure, table: Table, *, shown: int, paused: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    quality = table.quality
    told = [count(quality.rows, "reading"), quality.cadence.text()]
    if not quality.cadence.row_clock:
        told.append(f"{moment(quality.start_ns)} – {moment(quality.end_ns)} UTC")
    if shown < len(table.readings.schema):
        told.append(f"{shown} of {len(table.readings.schema)} channels")
    if len(table.devices) > MAX_DEVICES:
        told.append(f"{MAX_DEVICES} of {len(table.devices)} devices")
    figure.suptitle(", ".join(told), fontsize=11, color=INK, x=0.008, ha="left", fontweight="bold")
    keys: list[Line2D | Patch] = []
    if len(table.devices) > 1:
        names = table.devices[:MAX_DEVICES]
        keys += [Line2D([], [], color=BLUES[k], label=plain(short(clean(name), 24))) for k, name in enumerate(names)]
    if table.labels is not None and table.labels.any():
        keys.append(Patch(color=AMBER, alpha=0.4, label="labelled anomalous"))
    if paused:
        keys.append(Patch(color=GREY, alpha=0.35, label="pause"))
    if keys:
        figure.legend(
            handles=keys, loc="outside lower left", ncols=len(keys), fontsize=9, frameon=False, labelcolor=MUTED
        )


class _Spread:
    """A table thinned once for all of its channels."""

    def __init__(self, table: Table) -> None:
        self.table, self.ordered = table, table.in_time_order()
        self.row_clock = table.quality.cadence.row_clock
        self.strips = [self._strip(index) for index in range(min(len(table.devices), MAX_DEVICES))]

    def _strip(self, index: int) -> tuple[IntArray, IntArray, IntArray]:
        """Return one device's rows, the starts of its buckets, and the rows (of its own) after a pause."""
        rows = np.flatnonzero(self.ordered.readings.device == index)
        pauses = np.zeros(0, np.int64) if self.row_clock else gaps(self.ordered.readings.time[rows])
        return rows, bucket_starts(len(rows), POINTS, cuts=pauses), pauses

    def draw(self, axes: Axes, k: int) -> None:
        channel = self.table.readings.schema.channels[k]
        for number, (rows, starts, pauses) in enumerate(self.strips):
            place, value = self._line(rows, starts, pauses, k)
            axes.plot(place, value, color=BLUES[number], linewidth=0.8, rasterized=True)
            self._shade(axes, rows, pauses)
        name = plain(short(clean(channel.name), 40))
        axes.set_title(name, loc="left", fontsize=9.5, color=INK, fontweight="bold", pad=3)
        axes.set_title(plain(clean(unit_beside(channel))), loc="right", fontsize=9, color=MUTED, pad=3)
        settle(axes)
        self._time_axis(axes)

    def _line(
        self, rows: IntArray, starts: IntArray, pauses: IntArray, k: int
    ) -> tuple[npt.NDArray[np.generic], FloatArray]:
        """Return lowest and highest value of each bucket in turn, with a hole wherever a pause lies."""
        value = self.ordered.readings.values[rows, k]
        low, high = extremes(np.where(np.isfinite(value), value, np.nan), starts)
        place = self._place(rows)[starts]
        holes = 2 * np.searchsorted(starts, pauses)
        if len(starts) == len(rows):
            return np.insert(place, pauses, place[pauses]), np.insert(low, pauses, np.nan)
        both = np.stack([low, high], axis=1).ravel()
        return np.insert(np.repeat(place, 2), holes, place[holes // 2]), np.insert(both, holes, np.nan)

    def _place(self, rows: IntArray) -> npt.NDArray[np.generic]:
        time = self.ordered.readings.time[rows]
        return time if self.row_clock else time.astype("datetime64[ns]")

    def _shade(self, axes: Axes, rows: IntArray, pauses: IntArray) -> None:
        time = self.ordered.readings.time[rows]
        spans = [(GREY, 0.35, pair) for pair in zip(time[pauses - 1].tolist(), time[pauses].tolist(), strict=True)]
        longest = sorted(spans, key=lambda span: span[2][0] - span[2][1])[:MAX_SPANS]
        if self.ordered.labels is not None:
            marked = ranges(self.ordered.labels[rows], time.astype(np.float64), MAX_SPANS, cuts=pauses)
            longest += [(AMBER, 0.4, (int(start), int(stop))) for start, stop in marked]
        for colour, alpha, pair in longest:
            start, stop = pair if self.row_clock else np.array(pair, "datetime64[ns]")
            axes.axvspan(start, stop, color=colour, alpha=alpha, linewidth=0.6, zorder=0)

    def _time_axis(self, axes: Axes) -> None:
        if self.row_clock:
            axes.set_xlabel("")
            return
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        locator = AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call]  # matplotlib leaves it untyped
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]  # as above
        axes.xaxis.get_offset_text().set_color(MUTED)
        axes.tick_params(axis="x", colors=MUTED, labelsize=8.5)
        axes.grid(axis="x", color=LINE, linewidth=0.5)
