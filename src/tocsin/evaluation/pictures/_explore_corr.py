"""How the channels of a table move together, as a map of correlations with the numbers in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.readings import Readings
from tocsin.evaluation.pages._report_words import clean
from tocsin.evaluation.pictures._looks import INK, MUTED, plain
from tocsin.evaluation.pictures._naming import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_CHANNELS = 120
MAX_NUMBERED = 60
"""Channels beyond which the cells are too small for numbers."""
MANY = 25
"""Channels beyond which only one half of the mirrored numbers is written."""


def correlation(values: FloatArray) -> FloatArray:
    """Return Pearson's correlation of each pair of channels, over the readings in which both have a value.

    Parameters
    ----------
    values
        ndarray of shape (n, channels), float64; NaN and infinities are taken as missing.

    Returns
    -------
    ndarray of shape (channels, channels), float64
        NaN where a channel is constant over the common readings or where there are fewer than three of them.
    """
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    amount = np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, filled - filled.sum(axis=0) / amount, 0.0)
    scale = np.sqrt((centred**2).sum(axis=0) / amount)
    centred /= np.where(scale > 1e-12 * np.abs(filled).max(axis=0, initial=0.0), scale, np.inf)
    mask = known.astype(np.float64)
    common = mask.T @ mask
    sums, squares = centred.T @ mask, (centred**2).T @ mask
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = centred.T @ centred - sums * sums.T / common
        spread = np.maximum(squares - sums**2 / common, 0.0)
        spread = np.where(spread > 1e-12 * np.maximum(squares, 1e-300), spread, 0.0)
        found = np.clip(covariance / np.sqrt(spread * spread.T), -1.0, 1.0)
    return np.where((common >= 3) & np.isfinite(found), found, np.nan)


def correlation_figure(readings: Readings) -> Figure:
    """Return the map: red together, blue against each other, grey where a channel is constant."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    names = [plain(short(clean(name), 28)) for name in readings.schema.names[:MAX_CHANNELS]]
    found = correlation(readings.values[:, :MAX_CHANNELS])
    cell = 0.62 if len(names) <= 12 else 0.42 if len(names) <= MANY else 0.34
    side = max(cell * len(names), 2.4)
    margin = 0.085 * max(map(len, names), default=1)
    figure = Figure(figsize=(side + margin + 1.6, side + margin + 0.9), layout="constrained", facecolor="white")
    axes = figure.subplots()
    colours = colormaps["RdBu_r"].with_extremes(bad="#e9ecf0")
    image = axes.imshow(np.ma.masked_invalid(found), cmap=colours, vmin=-1, vmax=1)
    _name(axes, names)
    if len(names) <= MAX_NUMBERED:
        _number(axes, found, size=9.5 if len(names) <= 12 else 7.5 if len(names) <= MANY else 6)
    bar = figure.colorbar(image, ax=axes, shrink=0.8, aspect=30, ticks=[-1, -0.5, 0, 0.5, 1])
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=MUTED, labelsize=8.5, length=0)
    more = f" (the first {len(names)} channels)" if len(names) < len(readings.schema) else ""
    axes.set_title(f"Correlation of the channels{more}", loc="left", fontsize=11, color=INK, fontweight="bold", pad=10)
    return figure


def _name(axes: Axes, names: list[str]) -> None:
    size = 9.5 if len(names) <= MANY else 8
    axes.set_xticks(range(len(names)), names, rotation=90 if len(names) > 8 else 35, ha="center", fontsize=size)
    if len(names) <= 8:
        for label in axes.get_xticklabels():
            label.set_horizontalalignment("right")
            label.set_rotation_mode("anchor")
    axes.set_yticks(range(len(names)), names, fontsize=size)
    axes.tick_params(length=0, colors=INK)
    axes.set_xticks(np.arange(len(names) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(names) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)


def _number(axes: Axes, found: FloatArray, *, size: float) -> None:
    for (row, column), value in np.ndenumerate(found):
        if len(found) > MANY and column > row:
            continue
        text = "–" if np.isnan(value) else f"{value:.2f}".replace("0.", ".", 1).replace("-", "−")
        strong = not np.isnan(value) and abs(value) > 0.6
        axes.text(column, row, text, ha="center", va="center", fontsize=size, color="white" if strong else INK)
