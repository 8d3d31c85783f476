"""A matrix of shares as a map with the numbers in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.evaluation.pages._report_words import clean
from tocsin.evaluation.pictures._looks import INK, MUTED, plain
from tocsin.evaluation.pictures._naming import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DARK = 0.55
"""Shares from which the number is written in white."""


def heat_map(
    matrix: FloatArray, rows: Sequence[str], columns: Sequence[str], title: str, *, across: str = "", up: str = ""
) -> Figure:
    """Return shares as cells, darker where they are greater, each with its percentage.

    Parameters
    ----------
    matrix
        ndarray of shape (rows, columns), float64, from 0 to 1; NaN where there is nothing to tell, drawn grey.
    rows, columns
        Their names.
    title
        What the shares are of.
    across, up
        What the columns and the rows are.

    Raises
    ------
    ValueError
        If shapes disagree or a share lies outside of 0 to 1.
    """
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    matrix = np.asarray(matrix, np.float64)
    if matrix.shape != (len(rows), len(columns)):
        raise ValueError(f"matrix has shape {matrix.shape}, names are for {(len(rows), len(columns))}")
    if (matrix < 0).any() or (matrix > 1).any():
        raise ValueError("shares lie between 0 and 1")
    names = [plain(short(clean(name), 28)) for name in rows]
    size = (0.82 * len(columns) + 0.085 * max(map(len, names), default=1) + 1.2, 0.5 * len(rows) + 1.5)
    figure = Figure(figsize=(max(size[0], 5.5), size[1]), layout="constrained", facecolor="white")
    axes = figure.subplots()
    colours = colormaps["Blues"].with_extremes(bad="#e9ecf0")
    axes.imshow(np.ma.masked_invalid(matrix), cmap=colours, vmin=0, vmax=1.1, aspect="auto")
    _name(axes, names, [plain(short(clean(name), 16)) for name in columns], across=across, up=up)
    _number(axes, matrix)
    figure.suptitle(plain(clean(title)), x=0.015, ha="left", fontsize=11, color=INK, fontweight="bold")
    return figure


def _name(axes: Axes, rows: Sequence[str], columns: Sequence[str], *, across: str, up: str) -> None:
    axes.set_xticks(range(len(columns)), columns, fontsize=9.5)
    axes.set_yticks(range(len(rows)), rows, fontsize=9.5)
    axes.set_xlabel(across, color=MUTED, fontsize=9.5)
    axes.set_ylabel(up, color=MUTED, fontsize=9.5)
    axes.tick_params(length=0, colors=INK)
    axes.set_xticks(np.arange(len(columns) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(rows) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)


def _number(axes: Axes, matrix: FloatArray) -> None:
    for (row, column), share in np.ndenumerate(matrix):
        text = "–" if np.isnan(share) else f"{100 * share:.0f} %"
        colour = MUTED if np.isnan(share) else "white" if share > DARK else INK
        axes.text(column, row, text, ha="center", va="center", fontsize=9.5, color=colour)
