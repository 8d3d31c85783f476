"""The charts of an evaluation: curves over all limits, scores over time, and how late alarms rang."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.evaluation.judgement import Judgement
from tocsin.evaluation.metrics import precision_recall_curve, roc_curve
from tocsin.evaluation.outcome import Outcome
from tocsin.evaluation.pages._plot import SIDE, Axis, band, dots, frame, line
from tocsin.evaluation.pages._report_words import count, safe
from tocsin.evaluation.pages.thin import bucket_starts, extremes, gaps, ranges, worst_spread

POINTS, MARKS, SPANS, BARS = 3_000, 500, 300, 16
STEEP = 30.0
"""Highest score over the median from which the axis is logarithmic."""

_UNIT = Axis(0.0, 1.0)


def roc_chart(outcome: Outcome, judgement: Judgement) -> str:
    """Return the ROC curve with chance's diagonal, and where the flags lie on it."""
    scored = outcome.take(outcome.scored)
    curve = roc_curve(scored.labels, scored.score)
    if curve is None:
        return ""
    drawing = f'<path class="chance" d="M0,0L{SIDE},{SIDE}"/>' + line(curve.x * SIDE, curve.y * SIDE, "main")
    points = judgement.points
    if points is not None and points.false_positive_rate is not None and points.recall is not None:
        drawing += dots(np.array([points.false_positive_rate * SIDE]), np.array([points.recall * SIDE]), "here")
    return _square(drawing, "ROC curve", "false-positive rate →", "↑ recall", judgement)


def pr_chart(outcome: Outcome, judgement: Judgement) -> str:
    """Return the precision-recall curve with the base rate, and where the flags lie on it."""
    scored = outcome.take(outcome.scored)
    curve = precision_recall_curve(scored.labels, scored.score)
    if curve is None:
        return ""
    base = (judgement.base_rate or 0.0) * SIDE
    across, up = _steps(curve.x, curve.y)
    drawing = f'<path class="chance" d="M0,{base:.1f}H{SIDE}"/>' + line(across * SIDE, up * SIDE, "main")
    points = judgement.points
    if points is not None and points.precision is not None and points.recall is not None:
        drawing += dots(np.array([points.recall * SIDE]), np.array([points.precision * SIDE]), "here")
    return _square(drawing, "Precision-recall curve", "recall →", "↑ precision", judgement)


def _steps(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the curve as the steps whose area is the average precision: each step is as high as its right end."""
    return np.repeat(x, 2)[:-1], np.concatenate([y[:1], np.repeat(y[1:], 2)])


def _square(drawing: str, name: str, across: str, up: str, judgement: Judgement) -> str:
    here = '<li><i class="dot"></i>the flags</li>' if judgement.points is not None else ""
    titles = (
        f'<p class="axes muted"><span>{up}</span><span>{across}</span></p>'
        f'<ul class="legend"><li><i class="k0"></i>the score</li><li><i class="dash"></i>chance</li>{here}</ul>'
    )
    return frame(drawing, name=name, across=_UNIT, up=_UNIT, x_ticks=_UNIT.ticks(), kind="square", titles=titles)


def score_chart(outcome: Outcome, device: int) -> str:
    """Return one device's score and limit over time; labelled events shaded, flagged readings dotted, alarms above."""
    own = outcome.take(outcome.device == device)
    finite = own.score[own.scored]
    if not len(finite):
        return '<p class="empty">No reading of this device was scored.</p>'
    time = own.time.astype(np.float64)
    across, up = Axis(float(time[0]), float(time[-1])), _score_axis(own)
    pauses = np.zeros(0, np.int64) if own.row_clock else gaps(own.time)
    starts = bucket_starts(len(own), POINTS, cuts=pauses)
    low, high = extremes(np.where(own.scored, own.score, np.nan), starts)
    place = across.at(time[starts])
    drawing = _bands(own.labels, across, time, pauses, "labelled")
    drawing += _bands(own.told, across, time, pauses, "told", bottom=0.972 * SIDE)
    drawing += _trace(place, up.at(low), up.at(high), holes=np.searchsorted(starts, pauses))
    if np.isfinite(own.limit).any():
        drawing += line(place, up.at(own.limit[starts]), "limit")
    flagged = worst_spread(np.flatnonzero(own.anomaly & own.scored), own.score[own.anomaly & own.scored], MARKS)
    drawing += dots(across.at(time[flagged]), up.at(own.score[flagged]), "flagged")
    ticks = across.ticks(6) if own.row_clock else across.time_ticks()
    return frame(drawing, name="Score over time", across=across, up=up, x_ticks=ticks, kind="wide")


def score_legend(outcome: Outcome) -> str:
    """Return what the marks in the charts of scores mean."""
    keys = ['<li><i class="k0"></i>score</li>']
    keys += ['<li><i class="dash red"></i>limit</li>'] if np.isfinite(outcome.limit).any() else []
    keys += ['<li><i class="dot"></i>flagged</li>'] if outcome.anomaly.any() else []
    keys += ['<li><i class="strip"></i>alarm, at the top</li>'] if outcome.told.any() else []
    return f'<ul class="legend">{"".join(keys)}<li><i class="amber"></i>labelled anomalous</li></ul>'


def _score_axis(own: Outcome) -> Axis:
    finite = own.score[own.scored]
    limit = own.limit[np.isfinite(own.limit)]
    low, high = float(finite.min()), float(max(finite.max(), limit.max(initial=-np.inf)))
    if low > 0 and high > STEEP * float(np.median(finite)):
        return Axis(low, high * 1.3, log=True)
    room = (high - low) * 0.06 or abs(high) * 0.05 or 1.0
    return Axis(0.0 if 0 <= low < 0.3 * high else low - room, high + room)


def _bands(flags: BoolArray, across: Axis, time: FloatArray, cuts: IntArray, kind: str, *, bottom: float = 0) -> str:
    found = np.array(ranges(flags, time, SPANS, cuts=cuts)).reshape(-1, 2)
    return "".join(band(low, high, kind, bottom=bottom) for low, high in across.at(found).tolist())


def _trace(place: FloatArray, low: FloatArray, high: FloatArray, *, holes: IntArray) -> str:
    """Return lowest and highest score of each bucket in turn, broken at pauses."""
    if np.array_equal(low, high, equal_nan=True):
        return line(np.insert(place, holes, np.nan), np.insert(low, holes, np.nan), "main")
    both = np.stack([low, high], axis=1).ravel()
    return line(np.insert(np.repeat(place, 2), 2 * holes, np.nan), np.insert(both, 2 * holes, np.nan), "main")


def delay_chart(judgement: Judgement) -> str:
    """Return how many readings after their start events were told, as bars; the missed ones in words."""
    alarms = judgement.alarms
    if alarms is None or not alarms.events:
        return ""
    missed = alarms.events - alarms.caught
    remark = f'<p class="muted">{count(alarms.caught, "event")} told, {missed:,} missed.</p>'
    if not alarms.delays:
        return f'<p class="empty">No labelled event was told in an alarm.</p>{remark}'
    delays = np.array(alarms.delays)
    width = max(1, -(-(int(delays.max()) + 1) // BARS))
    bins = np.bincount(delays // width)
    across, up = Axis(0.0, float(len(bins) * width)), Axis(0.0, float(bins.max()) * 1.08)
    drawing = "".join(
        band(across.place(k * width) + 4, across.place((k + 1) * width) - 4, "column", top=up.place(float(amount)))
        for k, amount in enumerate(bins.tolist())
        if amount
    )
    every = -(-len(bins) // 8)
    ticks = [((k + 0.5) * width, _span(k * width, width)) for k in range(0, len(bins), every)]
    titles = '<p class="axes muted"><span>↑ events</span><span>readings from start to alarm →</span></p>' + remark
    return frame(drawing, name="Delays", across=across, up=_whole(up), x_ticks=ticks, kind="low", titles=titles)


def _span(low: int, width: int) -> str:
    return safe(str(low) if width == 1 else f"{low}–{low + width - 1}")


def _whole(axis: Axis) -> Axis:
    """Counts get an axis long enough that its ticks are whole numbers."""
    return axis if axis.high >= 4 else Axis(0.0, 4.32)
