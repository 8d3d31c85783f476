"""How a search went: what each trial reached in its turn, and where along each setting the good ones lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tocsin.evaluation.judgement.explained import title_of
from tocsin.evaluation.pictures._figure_settings import WIDE, words
from tocsin.evaluation.pictures._looks import AMBER, BLUES, GREY, INK, LINE, MUTED, RED, plain, settle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 4
"""Pictures of settings side by side."""

_LONG = 7
"""Characters of names along an axis from which on they are written aslant."""


@dataclass(frozen=True)
class Shown:
    """A trial as it is drawn: its settings as texts, and its value, None where it failed."""

    settings: Mapping[str, str]
    value: float | None


def trials_plot(trials: Sequence[Shown], *, over: Mapping[str, Sequence[str]], metric: str) -> Figure:
    """Return the course of a search, and below it each setting by itself.

    Parameters
    ----------
    trials
        In the order in which they were proposed; the first are the untuned settings.
    over
        By setting, its values in the order in which they are drawn; empty for numbers of a range.
    metric
        What the values are.
    """
    from matplotlib.figure import Figure

    columns = min(len(over), _COLUMNS)
    rows = -(-len(over) // columns)
    figure = Figure(figsize=(11.5, 3.4 + 2.7 * rows), layout="constrained", facecolor="white")
    grid = figure.add_gridspec(1 + rows, columns, height_ratios=[1.25, *([1.0] * rows)])
    first = figure.add_subplot(grid[0, :])
    _course(first, trials, metric)
    for k, (name, values) in enumerate(over.items()):
        _setting(figure.add_subplot(grid[1 + k // columns, k % columns], sharey=first), trials, name, values)
    return figure


def _course(axes: Axes, trials: Sequence[Shown], metric: str) -> None:
    from matplotlib.ticker import MaxNLocator

    place = np.arange(len(trials))
    value = np.array([_number(one) for one in trials])
    settle(axes)
    axes.step(place, np.fmax.accumulate(value), where="post", color=BLUES[0], linewidth=1.6, label="best so far")
    axes.scatter(place, value, s=22, color=GREY, edgecolor="white", linewidth=0.5, zorder=3, label="a trial")
    axes.axhline(value[0], color=AMBER, linewidth=1.2, linestyle=(0, (4, 2)), label="untuned")
    failed = np.flatnonzero(np.isnan(value))
    if len(failed):
        low = np.full(len(failed), np.nanmin(value))
        axes.scatter(failed, low, s=26, marker="x", color=RED, linewidth=1.2, zorder=3, label="failed")
    axes.set_title(plain(f"{title_of(metric)} of each trial"), loc="left", fontsize=11, color=INK, fontweight="bold")
    axes.set_xlabel("trial", color=MUTED, fontsize=9.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(fontsize=8.5, frameon=True, framealpha=0.85, edgecolor=LINE, labelcolor=INK, ncols=4, loc="best")


def _setting(axes: Axes, trials: Sequence[Shown], name: str, values: Sequence[str]) -> None:
    known = [one for one in trials[1:] if one.value is not None]
    settle(axes)
    at = [_place(one.settings[name], values) for one in known]
    axes.scatter(at, [_number(one) for one in known], s=20, color=BLUES[0], alpha=0.6, edgecolor="white", linewidth=0.5)
    untuned, value = _place(trials[0].settings[name], values), _number(trials[0])
    if not np.isnan(untuned):
        axes.scatter([untuned], [value], s=34, marker="D", color=AMBER, edgecolor="white", linewidth=0.6, zorder=3)
    _ticks(axes, values, [*at, untuned])
    axes.set_title(plain(words(name)), loc="left", fontsize=9.5, color=INK, fontweight="bold")


def _ticks(axes: Axes, values: Sequence[str], at: Sequence[float]) -> None:
    if values:
        axes.set_xticks(range(len(values)), [plain(value) for value in values])
        axes.tick_params(axis="x", labelrotation=25 if max(map(len, values)) > _LONG else 0)
        axes.set_xlim(-0.4, len(values) - 0.6)
    elif at and min(at) > 0 and max(at) / min(at) >= WIDE:
        axes.set_xscale("log")
    else:
        axes.locator_params(axis="x", nbins=5)
    axes.minorticks_off()
    axes.margins(x=0.06)


def _number(one: Shown) -> float:
    return float("nan") if one.value is None else one.value


def _place(text: str, values: Sequence[str]) -> float:
    """Return where a value lies along its axis; NaN where it does not."""
    if values:
        return float(values.index(text)) if text in values else float("nan")
    try:
        return float(text)
    except ValueError:
        return float("nan")
