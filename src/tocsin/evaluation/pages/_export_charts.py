"""The pictures of a proof: the export's scores against the artifact's, all of them, and those around the limit."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.evaluation.pages._plot import SIDE, Axis, band, dots, frame
from tocsin.evaluation.pages._report_words import safe

LOOKS = {"wide range": "k-wide", "anomalous": "k-anomalous", "borderline": "k-borderline", "normal": "k-normal"}
"""How dots of each kind look, those drawn last on top."""

DECADES = 4
"""Powers of ten that are drawn beyond the limit, on both its sides; what lies further out is drawn at the edge."""

LEAST = 2e-3
"""Share of the limit that is drawn on both its sides, at least."""

_AXES = '<p class="axes muted"><span>↑ the export\'s score</span><span>{} →</span></p>'


def all_scores(kind: tuple[str, ...], own: FloatArray, other: FloatArray, *, limit: float) -> str:
    """Return all scores, logarithmic, with the limit on both axes; nothing where a limit of nought allows no logarithm.

    Parameters
    ----------
    kind
        Of each window.
    own, other
        ndarrays of shape (n,), float64: the artifact's scores and the export's.
    limit
        Above which a score is anomalous.
    """
    if limit <= 0:
        return ""
    usual = own[np.isin(kind, ["normal", "borderline"]) & np.isfinite(own) & (own > 0)]
    low = max(min(usual.min(initial=limit), limit / 10), limit / 10**DECADES)
    axis = Axis(low / 1.5, limit * 10**DECADES, log=True)
    at = axis.place(limit)
    lines = f'<path class="chance" d="M0,0L{SIDE},{SIDE}"/>'
    lines += f'<path class="limit" d="M0,{at:.1f}H{SIDE}"/><path class="limit" d="M{at:.1f},0V{SIDE}"/>'
    return _square(lines, kind, own, other, axis=axis, name="All scores of artifact and export")


def around_the_limit(kind: tuple[str, ...], own: FloatArray, other: FloatArray, *, limit: float, margin: float) -> str:
    """Return the scores near the limit, with the margin and the two corners in which verdicts are turned.

    Parameters
    ----------
    kind, own, other, limit
        As in :func:`all_scores`.
    margin
        Share of the limit around it in which verdicts may differ.
    """
    reach = max(LEAST, 2 * margin) * (abs(limit) or 1.0)
    near = (np.abs(own - limit) <= reach) & np.isfinite(other)
    if not near.any():
        return ""
    axis = Axis(limit - reach, limit + reach)
    inner = [axis.place(limit + side * margin * abs(limit)) for side in (-1, 1)]
    middle = axis.place(limit)
    drawing = band(0, middle, "turned", bottom=middle) + band(middle, SIDE, "turned", top=middle)
    drawing += band(inner[0], inner[1], "margin") + f'<path class="chance" d="M0,0L{SIDE},{SIDE}"/>'
    drawing += f'<path class="limit" d="M0,{middle:.1f}H{SIDE}"/><path class="limit" d="M{middle:.1f},0V{SIDE}"/>'
    some = tuple(np.array(kind)[near])
    return _square(drawing, some, own[near], other[near], axis=axis, name="Scores around the limit", near=True)


def _square(
    drawing: str,
    kind: tuple[str, ...],
    own: FloatArray,
    other: FloatArray,
    *,
    axis: Axis,
    name: str,
    near: bool = False,
) -> str:
    """Return a drawing with the scores in it, and what its marks mean beneath."""
    kinds = np.array(kind)
    for title, look in LOOKS.items():
        drawing += _dots(own, other, kinds == title, axis=axis, look=look)
    ticks = axis.ticks(4)
    titles = _AXES.format("the artifact's score") + _legend(kinds, near=near)
    return frame(drawing, name=name, across=axis, up=axis, x_ticks=ticks, kind="square", titles=titles)


def _dots(own: FloatArray, other: FloatArray, which: BoolArray, *, axis: Axis, look: str) -> str:
    """Return dots, one for those that would lie in the same place."""
    finite = which & ~np.isnan(own) & ~np.isnan(other)
    drawn = np.column_stack([axis.at(own[finite]), axis.at(other[finite])])
    places: FloatArray = np.unique(np.rint(drawn), axis=0)
    return dots(places[:, 0], places[:, 1], look)


def _legend(kinds: np.ndarray, *, near: bool) -> str:
    found = [(title, look) for title, look in reversed(LOOKS.items()) if (kinds == title).any()]
    keys = "".join(f'<li><i class="{look}"></i>{safe(title)}</li>' for title, look in found)
    keys += '<li><i class="dash red"></i>limit</li><li><i class="dash"></i>the same score</li>'
    keys += '<li><i class="amber"></i>margin</li>' if near else ""
    return f'<ul class="legend">{keys}</ul>'
