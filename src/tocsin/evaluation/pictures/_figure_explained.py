"""One verdict as a picture: what each channel did before and after, what was expected, and whose doing the score is."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.evaluation.pages._report_words import clean
from tocsin.evaluation.pictures._figure_series import time_axis
from tocsin.evaluation.pictures._looks import AMBER, BLUES, GREY, INK, LINE, MUTED, RED, plain, settle
from tocsin.evaluation.pictures._naming import short
from tocsin.evaluation.pictures.scene import Scene

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 6
"""Channels drawn, those with the greatest shares; the picture says how many there are."""

TITLE, STORY = 105, 150
"""Characters in a line of them, as many as the picture is wide."""


def explained_plot(scene: Scene) -> Figure:
    """Return the picture: the score on top, below it the channels with the greatest shares, beside each its portion.

    Blue is what was shown, the green line and band what was expected, a dashed line what is usual. The window that was
    scored is shaded and ends in the verdict, a red dot. With parts over time, a map below tells which reading of which
    channel raised the score and which lowered it.
    """
    from matplotlib.figure import Figure

    shown = scene.leading(MOST)
    title, story = _wrapped(scene)
    told = 0.23 * len(story) + 0.23 * len(title) + 0.22
    tall = [told, *[1.35] * (1 + len(shown)), *([0.3 * len(shown) + 0.75] if scene.over_time is not None else [])]
    figure = Figure(figsize=(12.5, sum(tall) + 0.9), layout="constrained", facecolor="white")
    grid = figure.add_gridspec(len(tall), 2, width_ratios=[4.2, 1.0], height_ratios=tall)
    _tell(figure.add_subplot(grid[0, :]), title, story)
    panels = [first := figure.add_subplot(grid[1, 0])]
    _score(first, scene)
    for k, channel in enumerate(shown):
        axes = figure.add_subplot(grid[2 + k, 0], sharex=first)
        panels.append(axes)
        _channel(axes, scene, channel)
        _portion(figure.add_subplot(grid[2 + k, 1]), scene, channel)
    _time(panels, scene)
    _over_the_bars(figure.add_subplot(grid[1, 1]), scene)
    if scene.over_time is not None:
        _map(figure.add_subplot(grid[-1, :]), scene, scene.over_time, shown)
    _legend(figure, scene)
    return figure


def _wrapped(scene: Scene) -> tuple[list[str], list[str]]:
    """Return the lines of title and story, none of them longer than the picture is wide."""
    story = [line for told in scene.story for line in wrap(plain(clean(told)), STORY)]
    return wrap(plain(clean(scene.title)), TITLE), story


def _tell(axes: Axes, title: Sequence[str], story: Sequence[str]) -> None:
    axes.set_axis_off()
    axes.text(0, 1, "\n".join(title), fontsize=13, color=INK, fontweight="bold", va="top")
    above = "\n" * (len(title) + 1)
    axes.text(0, 1, above + "\n".join(story), fontsize=10, color=MUTED, va="top", linespacing=1.45)


def _time(panels: Sequence[Axes], scene: Scene) -> None:
    """Give the panels one axis of time, which is told under the last."""
    for axes in panels:
        time_axis(axes, row_clock=scene.row_clock)
        axes.tick_params(labelbottom=axes is panels[-1])
        axes.xaxis.label.set_visible(axes is panels[-1])


def _score(axes: Axes, scene: Scene) -> None:
    settle(axes)
    along = scene.along()
    axes.plot(along, scene.score, color=INK, linewidth=1.2, zorder=3)
    axes.plot(along, scene.limit, color=RED, linewidth=1.1, linestyle=(0, (6, 4)), zorder=2)
    axes.fill_between(
        along, scene.limit, scene.score, where=scene.score > scene.limit, color=RED, alpha=0.18, linewidth=0
    )
    _mark(axes, scene, scene.score)
    told = f"score: {scene.score[scene.place]:.4g}, limit {scene.limit[scene.place]:.4g}"
    _title(axes, told + ("" if scene.incident is None else "; the red bar above is the incident"))
    if scene.incident is not None:
        start, end = np.array(scene.incident) if scene.row_clock else np.array(scene.incident).astype("datetime64[ns]")
        axes.axvspan(start, end, ymin=0.965, ymax=1.0, color=RED, linewidth=1.5, zorder=5)


def _channel(axes: Axes, scene: Scene, channel: int) -> None:
    settle(axes)
    along = scene.along()
    axes.axhline(scene.usual[channel], color=GREY, linewidth=0.9, linestyle=(0, (2, 3)), zorder=1)
    if scene.expected.shape[1]:
        expected, band = scene.expected[:, channel], scene.band[channel]
        axes.plot(along, expected, color=BLUES[1], linewidth=1.0, zorder=2)
        if np.isfinite(band):
            axes.fill_between(along, expected - band, expected + band, color=BLUES[1], alpha=0.16, linewidth=0)
    axes.plot(along, scene.values[:, channel], color=BLUES[0], linewidth=1.3, zorder=3)
    _mark(axes, scene, scene.values[:, channel])
    _title(axes, f"{short(clean(scene.names[channel]), 40)}: {clean(scene.remarks[channel])}")


def _mark(axes: Axes, scene: Scene, values: FloatArray) -> None:
    """Shade the window that was scored, and put a dot where the verdict is."""
    axes.margins(y=0.14)
    along = scene.along()
    first, last = along[max(scene.place + 1 - scene.window, 0)], along[scene.place]
    axes.axvspan(first, last, color=AMBER, alpha=0.16, linewidth=0, zorder=0)
    axes.scatter(
        along[[scene.place]], values[[scene.place]], s=34, color=RED, zorder=6, edgecolor="white", linewidth=0.8
    )


def _title(axes: Axes, text: str) -> None:
    axes.set_title(plain(text), loc="left", fontsize=9.5, color=INK, pad=3)


def _over_the_bars(axes: Axes, scene: Scene) -> None:
    axes.set_axis_off()
    more = f"\n{MOST} of {len(scene.names)} channels" if len(scene.names) > MOST else ""
    axes.text(0, 0, plain(scene.portions_of + more), fontsize=9.5, color=INK, va="bottom", fontweight="bold")


def _portion(axes: Axes, scene: Scene, channel: int) -> None:
    """Draw a channel's portion as a bar; all bars of a picture have the same axis."""
    portion, known = scene.portions[channel], np.nan_to_num(scene.portions)
    low, high = min(float(known.min()), 0.0), max(float(known.max()), 1.0)
    axes.set_axis_off()
    axes.set_xlim(low - 0.03 * (high - low), high + 0.45 * (high - low))
    axes.set_ylim(-1, 1)
    axes.barh([0], [1.0], height=0.5, color=LINE, zorder=1)
    if not np.isfinite(portion):
        axes.text(0, 0, " unattributed", va="center", fontsize=10, color=MUTED)
        return
    axes.barh([0], [portion], height=0.5, color=RED if portion >= 0 else BLUES[0], zorder=2)
    text = f" {round(100 * portion)} %".replace("-", "−")
    axes.text(high, 0, text, va="center", fontsize=11, color=INK, fontweight="bold")


def _map(axes: Axes, scene: Scene, over_time: FloatArray, shown: Sequence[int]) -> None:
    """Draw which reading of which channel raised the score, and which lowered it."""
    parts = over_time[:, shown].T
    reach = float(np.abs(parts).max()) or 1.0
    image = axes.imshow(parts, cmap="RdBu_r", vmin=-reach, vmax=reach, aspect="auto", interpolation="nearest")
    axes.set_yticks(range(len(shown)), [plain(short(clean(scene.names[k]), 20)) for k in shown], fontsize=9)
    places = np.arange(scene.window - 1, -1, -max(scene.window // 5, 1))
    axes.set_xticks(places, _when(scene, places), fontsize=8.5)
    axes.tick_params(length=0, colors=MUTED)
    axes.spines[:].set_visible(False)
    _title(axes, "inside the window: what each reading added to the score (red) or took from it (blue)")
    figure = axes.get_figure()
    assert figure is not None
    bar = figure.colorbar(image, ax=axes, fraction=0.03, pad=0.01)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8, colors=MUTED, length=0)


def _when(scene: Scene, places: IntArray) -> list[str]:
    """Return the times of places in the window, as short as they can be told."""
    time = scene.time[scene.place + 1 - scene.window + places]
    if scene.row_clock:
        return [f"row {row}" for row in time]
    stamps = np.datetime_as_string(time.astype("datetime64[ns]"), unit="s").tolist()
    if len({stamp[:10] for stamp in stamps}) == 1:
        return [stamp[11:].removesuffix(":00") for stamp in stamps]
    return [stamp[5:16].replace("T", " ") for stamp in stamps]


def _legend(figure: Figure, scene: Scene) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    keys: list[Line2D | Patch] = [Line2D([], [], color=BLUES[0], linewidth=1.5, label="what was measured")]
    if scene.expected.shape[1]:
        keys.append(Line2D([], [], color=BLUES[1], linewidth=1.2, label="what was expected"))
        if np.isfinite(scene.band).any():
            keys.append(Patch(color=BLUES[1], alpha=0.2, label="how far normal readings stray from it"))
    keys.append(Line2D([], [], color=GREY, linewidth=1.0, linestyle=(0, (2, 3)), label="usual value"))
    keys.append(Line2D([], [], color=RED, linewidth=1.1, linestyle=(0, (6, 4)), label="limit"))
    keys.append(Patch(color=AMBER, alpha=0.25, label="the window that was scored"))
    keys.append(Line2D([], [], color=RED, marker="o", linestyle="", markersize=5, label="the reading explained"))
    columns = len(keys) if len(keys) < 6 else 4
    figure.legend(handles=keys, loc="outside lower left", ncols=columns, fontsize=9, frameon=False, labelcolor=MUTED)
