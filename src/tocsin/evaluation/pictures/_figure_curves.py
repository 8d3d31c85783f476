"""ROC and precision-recall curves side by side, one line a detector, with what chance reaches drawn in."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from tocsin.evaluation.metrics import average_precision, precision_recall_curve, roc_auc, roc_curve
from tocsin.evaluation.outcome import Outcome
from tocsin.evaluation.pages._report_words import clean
from tocsin.evaluation.pictures._looks import BLUES, GREY, INK, LINE, MUTED, plain
from tocsin.evaluation.pictures._naming import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = (*BLUES, "#be185d", "#65a30d", "#525c6b")
STYLES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)))


def roc_and_pr(curves: Mapping[str, Outcome]) -> Figure:
    """Return both curves of each outcome: how well its scores tell labelled readings from others, at every limit.

    Readings without a score are left out; devices are taken together. An outcome whose labels are all alike has no
    curve, and its legend says so.

    Parameters
    ----------
    curves
        Outcome by name, in the order of the legend.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12.5, 5.2 + 0.16 * max(len(curves) - 6, 0)), layout="constrained", facecolor="white")
    left, right = figure.subplots(1, 2)
    styles = [(colour, style) for style in STYLES for colour in COLOURS]
    for (name, outcome), (colour, style) in zip(curves.items(), islice(cycle(styles), len(curves)), strict=True):
        scored = outcome.take(outcome.scored)
        _draw(left, right, plain(short(clean(name), 30)), scored, colour=colour, style=style)
    _frame(left, "ROC", "false-positive rate", "true-positive rate")
    _frame(right, "Precision and recall", "recall", "precision")
    left.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=(0, (2, 2)), label="0.500  random", zorder=1)
    _base_rates(right, curves)
    for axes, place in ((left, "lower right"), (right, "best")):
        if axes.lines:
            axes.legend(loc=place, fontsize=9, frameon=True, framealpha=0.85, edgecolor=LINE, labelcolor=INK)
    return figure


def _draw(left: Axes, right: Axes, name: str, scored: Outcome, *, colour: str, style: object) -> None:
    looks: dict[str, Any] = {"color": colour, "linestyle": style, "linewidth": 1.7, "solid_joinstyle": "round"}
    roc, pr = roc_curve(scored.labels, scored.score), precision_recall_curve(scored.labels, scored.score)
    if roc is None or pr is None:
        for axes in (left, right):
            axes.plot([], [], label=f"–  {name}", **looks)
        return
    area, precise = roc_auc(scored.labels, scored.score), average_precision(scored.labels, scored.score)
    left.plot(roc.x, roc.y, label=f"{area:.3f}  {name}", **looks)
    right.step(pr.x, pr.y, where="pre", label=f"{precise:.3f}  {name}", **looks)


def _base_rates(axes: Axes, curves: Mapping[str, Outcome]) -> None:
    """Draw the precision of a random score; contenders that left out different readings differ a little in it."""
    found = sorted({round(float(o.labels[o.scored].mean()), 3) for o in curves.values() if o.scored.any()})
    for number, rate in enumerate({found[0], found[-1]} if found else ()):
        label = f"{' to '.join(f'{end:.3f}' for end in dict.fromkeys((found[0], found[-1])))}  random (base rate)"
        looks: dict[str, Any] = {"color": GREY, "linewidth": 1, "linestyle": (0, (2, 2)), "zorder": 1}
        axes.axhline(rate, label=None if number else label, **looks)


def _frame(axes: Axes, title: str, across: str, up: str) -> None:
    axes.set_title(title, loc="left", fontsize=11, color=INK, fontweight="bold", pad=8)
    axes.set_xlabel(across, color=MUTED, fontsize=9.5)
    axes.set_ylabel(up, color=MUTED, fontsize=9.5)
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.01, 1.02)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(LINE)
    axes.tick_params(colors=MUTED, labelsize=8.5, length=0)
    axes.grid(color=LINE, linewidth=0.5)
    axes.set_axisbelow(True)
