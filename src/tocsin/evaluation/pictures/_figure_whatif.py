"""What limit and policy do to alarms: how often they ring for nothing, what they catch, and how late."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.evaluation.pictures._looks import AMBER, INK, LINE, MUTED, RED, plain, settle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHADES = ("#9ec5f4", "#5b9bea", "#2563eb", "#1a43a8", "#0f2a6b", "#081640")
"""One a number of windows in a row, darker for more."""

GREEN = "#078a50"

_TIMES = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))

One = Mapping[str, Any]
"""A setting: limit, times, wait, in_force, rate, events, caught, delay, delay_s."""


@dataclass(frozen=True)
class Bearable:
    """The false alarms that can be borne: how many, per what, and how many at least are told apart from none."""

    rate: float
    unit: str
    least: float


def whatif_plot(settings: Sequence[One], *, bearable: Bearable, story: str, best: One | None = None) -> Figure:
    """Return how often each limit rings, one line for each number of anomalous windows in a row that it waits for.

    With labels two more pictures below tell how many events were caught and how late.

    Parameters
    ----------
    settings
        One mapping each; ``events`` is None where the history has no labels.
    bearable
        The budget.
    story
        What was rung over, in a line.
    best
        The setting that is suggested, one of them.
    """
    from matplotlib.figure import Figure

    labelled = settings[0]["events"] is not None
    late = labelled and any(one["delay"] is not None for one in settings)
    panels = 1 + labelled + late
    figure = Figure(figsize=(9.2, 1.2 + 2.9 * panels), layout="constrained", facecolor="white")
    grid = figure.subplots(panels, 1, sharex=True, squeeze=False, height_ratios=[1.5, 1.0, 1.0][:panels])[:, 0]
    _often(grid[0], settings, bearable, best, labelled=labelled)
    if labelled:
        _caught(grid[1], settings, best)
    if late:
        _late(grid[2], settings, best)
    _limits(grid[-1], settings)
    unknown = "" if labelled else " Nobody has marked anomalies in it, so some of these incidents may be real."
    figure.suptitle(plain(story + unknown), x=0.01, ha="left", color=MUTED, fontsize=9.5)
    return figure


def _often(axes: Axes, settings: Sequence[One], bearable: Bearable, best: One | None, *, labelled: bool) -> None:
    floor = bearable.least / 2
    shown = max(bearable.rate, bearable.least / 2**0.5)  # less than a single alarm: only "none" lies below
    _draw(axes, settings, lambda one: max(one["rate"], floor), best, legend=True)
    axes.set_yscale("log")
    top = max(*(one["rate"] for one in settings), shown) * 1.6
    axes.set_ylim(floor * 0.8, top)
    axes.axhspan(floor * 0.8, shown, color=GREEN, alpha=0.08, linewidth=0)
    axes.axhline(shown, color=GREEN, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.annotate(
        plain(f"can be borne: {bearable.rate:g} {bearable.unit}"),
        (0.995, shown),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        color=GREEN,
        fontsize=8.5,
    )
    ticks = [tick for tick in _round(bearable.least, top) if tick > floor]
    axes.set_yticks([floor, *ticks], ["none", *(f"{tick:g}" for tick in ticks)])
    axes.minorticks_off()
    what = "it would have rung for nothing" if labelled else "it would have rung"
    _title(axes, f"How often {what}", f"{'false alarms' if labelled else 'incidents'} {bearable.unit}")


def _caught(axes: Axes, settings: Sequence[One], best: One | None) -> None:
    from matplotlib.ticker import MaxNLocator

    _draw(axes, settings, lambda one: one["caught"], best)
    events = max(settings[0]["events"], 1)
    axes.set_ylim(-0.04 * events, 1.06 * events)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    _title(axes, "What it would have caught", f"labelled events, of {settings[0]['events']}")


def _late(axes: Axes, settings: Sequence[One], best: One | None) -> None:
    clock = any(one["delay_s"] is not None for one in settings)
    key, size, unit = "delay", 1, "readings"
    if clock:
        longest = max(one["delay_s"] or 0 for one in settings)
        key = "delay_s"
        size, unit = next(((size, unit) for size, unit in _TIMES if longest >= 2 * size), _TIMES[-1])
    _draw(axes, settings, lambda one: np.nan if one[key] is None else one[key] / size, best)
    axes.set_ylim(bottom=-0.04 * axes.get_ylim()[1])
    _title(axes, "How late, where it would have caught them", f"median, {unit}")


def _draw(
    axes: Axes, settings: Sequence[One], value: Callable[[One], float], best: One | None, *, legend: bool = False
) -> None:
    settle(axes)
    levels = _levels(settings)
    waits = list(dict.fromkeys(one["wait"] for one in settings))
    now = next(one for one in settings if one["in_force"])
    axes.axvline(levels.index(now["times"]), color=LINE, linewidth=5, zorder=0)
    for k, wait in enumerate(waits):
        own = [one for one in settings if one["wait"] == wait]
        axes.plot(
            [levels.index(one["times"]) for one in own],
            [value(one) for one in own],
            color=SHADES[k * len(SHADES) // len(waits)],
            linewidth=1.8,
            marker="o",
            markersize=3.5,
            label=_told(wait) + (" (now)" if wait == now["wait"] else ""),
        )
    _mark(axes, now, value, levels, colour=AMBER, marker="D", size=8, name="in force")
    if best is not None and best is not now:
        _mark(axes, best, value, levels, colour=RED, marker="*", size=15, name="suggested")
    if legend:
        _legend(axes)


def _mark(
    axes: Axes,
    one: One,
    value: Callable[[One], float],
    levels: Sequence[float],
    *,
    colour: str,
    marker: str,
    size: int,
    name: str,
) -> None:
    axes.plot(
        levels.index(one["times"]),
        value(one),
        color=colour,
        marker=marker,
        markersize=size,
        markeredgecolor="white",
        linestyle="none",
        zorder=5,
        label=name,
    )


def _legend(axes: Axes) -> None:
    found = axes.legend(
        title="Rings after how many anomalous windows in a row?",
        title_fontsize=8.5,
        fontsize=8.5,
        ncols=2,
        framealpha=0.9,
        edgecolor=LINE,
        labelcolor=INK,
        loc="upper right",
    )
    found.get_title().set_color(MUTED)


def _limits(axes: Axes, settings: Sequence[One]) -> None:
    levels = _levels(settings)
    of = {one["times"]: one for one in settings}
    moving = of[levels[0]]["limit"] is None
    texts = [f"×{times:.3g}" if moving else f"{of[times]['limit']:.4g}\n×{times:.3g}" for times in levels]
    axes.set_xticks(range(len(levels)), texts)
    axes.set_xlim(-0.4, len(levels) - 0.6)
    what = "multiple of the moving limit" if moving else "limit, and its multiple of the one in force"
    axes.set_xlabel(f"{what}   (to the right: rings less)", color=MUTED, fontsize=9.5)


def _levels(settings: Sequence[One]) -> list[float]:
    return sorted({one["times"] for one in settings})


def _told(wait: str) -> str:
    return wait.removesuffix(" windows").removesuffix(" window")


def _title(axes: Axes, title: str, unit: str) -> None:
    axes.set_title(title, loc="left", fontsize=11, color=INK, fontweight="bold", pad=8)
    axes.set_ylabel(plain(unit), color=MUTED, fontsize=9.5)


def _round(low: float, high: float) -> list[float]:
    """Return round numbers between two, at most eight.

    >>> _round(0.15, 9)
    [0.2, 0.5, 1.0, 2.0, 5.0]
    """
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    found = [float(f"{m}e{d}") for d in decades for m in (1, 2, 5)]
    found = [one for one in found if low <= one <= high]
    return found if len(found) <= 8 else [one for one in found if f"{one:e}".startswith("1")]
