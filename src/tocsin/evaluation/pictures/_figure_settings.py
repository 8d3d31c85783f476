"""How a metric moves with one setting, one line for each value of another: the picture of a sensitivity analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tocsin.evaluation.judgement.explained import title_of
from tocsin.evaluation.pictures._figure_curves import COLOURS
from tocsin.evaluation.pictures._looks import INK, LINE, MUTED, plain, settle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE = 8.0
"""Largest value of a setting over the smallest from which its axis is logarithmic."""

_INITIALS = {"vus_pr": "VUS-PR", "vus_roc": "VUS-ROC", "auc_pr": "AUC-PR", "roc_auc": "ROC-AUC"}

Run = Mapping[str, float | int | str | None]


def sensitivity_plot(results: Sequence[Run], *, over: str, metric: str, by: str | None = None) -> Figure:
    """Return the mean of a metric at each value of one setting, its spread over the runs shaded.

    Parameters
    ----------
    results
        One mapping a run, such as ``{"hidden": 64, "learning_rate": 1e-3, "seed": 0, "f1": 0.71}``. A metric that is
        None or NaN is left out.
    over
        The setting along the axis: numbers, or names in the order of their first run.
    metric
        What is drawn.
    by
        The setting that gets one line for each of its values, or None for one line.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.2, 4.8), layout="constrained", facecolor="white")
    axes = figure.subplots()
    known = [run for run in results if _number(run[metric]) is not None]
    places = _places([run[over] for run in known])
    for k, value in enumerate(dict.fromkeys(None if by is None else run[by] for run in known)):
        own = [run for run in known if by is None or run[by] == value]
        label = None if by is None else f"{words(by)} {_text(value)}"
        _line(axes, own, places, over=over, metric=metric, colour=COLOURS[k % len(COLOURS)], label=label)
    _frame(axes, places, over=over, metric=metric)
    if by is not None and known:
        axes.legend(fontsize=9, frameon=True, framealpha=0.85, edgecolor=LINE, labelcolor=INK)
    return figure


def _line(
    axes: Axes,
    runs: Sequence[Run],
    places: Mapping[object, float],
    *,
    over: str,
    metric: str,
    colour: str,
    label: str | None,
) -> None:
    values = sorted({run[over] for run in runs}, key=lambda value: places[value])
    found = [[_number(run[metric]) or 0.0 for run in runs if run[over] == value] for value in values]
    at = [places[value] for value in values]
    middle = np.array([np.mean(own) for own in found])
    low, high = (np.array([edge(own) for own in found]) for edge in (np.min, np.max))
    axes.fill_between(at, low, high, color=colour, alpha=0.13, linewidth=0)
    axes.plot(
        at,
        middle,
        color=colour,
        linewidth=1.8,
        marker="o",
        markersize=5.5,
        markeredgecolor="white",
        label=None if label is None else plain(label),
    )


def _frame(axes: Axes, places: Mapping[object, float], *, over: str, metric: str) -> None:
    settle(axes)
    numeric = all(isinstance(value, int | float) for value in places)
    if numeric and places and min(places.values()) > 0 and max(places.values()) / min(places.values()) >= WIDE:
        axes.set_xscale("log")
    axes.minorticks_off()
    axes.set_xticks(list(places.values()), [plain(_text(value)) for value in places])
    axes.margins(x=0.04)
    axes.set_xlabel(plain(words(over)), color=MUTED, fontsize=9.5)
    title = f"{title_of(metric)} by {words(over)}"
    axes.set_title(plain(title), loc="left", fontsize=11, color=INK, fontweight="bold", pad=8)


def _places(values: Sequence[object]) -> dict[object, float]:
    """Return where each value lies on the axis: at itself, or evenly spaced where some are no numbers."""
    distinct = list(dict.fromkeys(values))
    if all(isinstance(value, int | float) for value in distinct):
        return {value: float(value) for value in sorted(distinct)}  # type: ignore[type-var, arg-type]  # all are numbers
    return {value: float(k) for k, value in enumerate(distinct)}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and np.isfinite(value) else None


def words(name: str) -> str:
    """Return a name as people write it.

    >>> words("vus_pr"), words("learning_rate"), words("event_f1")
    ('VUS-PR', 'learning rate', 'event F1')
    """
    if name in _INITIALS:
        return _INITIALS[name]
    return " ".join(word.upper() if word == "f1" else word for word in name.split("_"))


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
