"""The charts of a cascade's rehearsal: what each level saves and misses, and what was forwarded over time."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.evaluation.pages._plot import SIDE, Axis, band, dots, frame, line
from tocsin.evaluation.pages.thin import bucket_starts, extremes, gaps, ranges

_POINTS, _SPANS = 2_000, 400
_HOTTEST = 3.0
"""Scores are drawn up to so many times the limit."""


def level_chart(levels: FloatArray, saved: FloatArray, missed: FloatArray, *, asked: float, best: float | None) -> str:
    """Return the share of bytes saved, and that of events missed, by forwarding level.

    Parameters
    ----------
    levels, saved, missed
        ndarrays of shape (levels,): rising; shares from 0 to 1, of no events NaN.
    asked, best
        The level that was asked for, and the one recommended.
    """
    across, up = Axis(0.0, 1.0), Axis(0.0, 1.0)
    place = across.at(levels)
    drawing = line(place, up.at(saved), "main") + dots(place, up.at(saved), "saved")
    drawing += line(place, up.at(missed), "lost") + dots(place, up.at(missed), "missed")
    drawing += f'<path class="chance" d="M{across.place(asked):.1f},0V{SIDE}"/>'
    drawing += "" if best is None else f'<path class="best" d="M{across.place(best):.1f},0V{SIDE}"/>'
    keys = [
        '<li><i class="k0"></i>bytes saved, of what came in</li>',
        '<li><i class="dot"></i>events missed, of those the centre finds alone</li>',
        '<li><i class="dash"></i>level asked for</li>',
    ]
    keys += [] if best is None else ['<li><i class="dash green"></i>level recommended</li>']
    titles = (
        '<p class="axes muted"><span>↑ share</span><span>forwarding level →</span></p>'
        f'<ul class="legend">{"".join(keys)}</ul>'
    )
    return frame(
        drawing,
        name="Bytes saved and events missed by forwarding level",
        across=across,
        up=up,
        x_ticks=across.ticks(),
        kind="square",
        titles=titles,
    )


def timeline(
    time: IntArray,
    heat: FloatArray,
    *,
    forwarded: BoolArray,
    told: BoolArray,
    labels: BoolArray,
    level: float,
    row_clock: bool,
) -> str:
    """Return one device's score at the edge over time, what was forwarded shaded, what was told above.

    Parameters
    ----------
    time, heat, forwarded, told, labels
        ndarrays of shape (n,), of one device in order of time; heat is the score as a share of the limit.
    level
        The forwarding level.
    row_clock
        Are times row numbers?
    """
    when = time.astype(np.float64)
    known = heat[np.isfinite(heat)]
    most = min(max(float(known.max(initial=1.0)), 1.0), _HOTTEST) * 1.08
    across, up = Axis(float(when[0]), float(when[-1])), Axis(0.0, most)
    pauses = np.zeros(0, np.int64) if row_clock else gaps(time)
    starts = bucket_starts(len(time), _POINTS, cuts=pauses)
    low, high = extremes(np.minimum(heat, most), starts)
    place = across.at(when[starts])
    drawing = _bands(forwarded, across, when, pauses, "forwarded")
    drawing += _bands(labels, across, when, pauses, "labelled", bottom=0.93 * SIDE, top=0.96 * SIDE)
    drawing += _bands(told, across, when, pauses, "told", bottom=0.97 * SIDE)
    drawing += line(np.repeat(place, 2), np.stack([up.at(low), up.at(high)], axis=1).ravel(), "main")
    drawing += f'<path class="limit" d="M0,{up.place(1.0):.1f}H{SIDE}"/>'
    drawing += f'<path class="chance" d="M0,{up.place(level):.1f}H{SIDE}"/>'
    ticks = across.ticks(6) if row_clock else across.time_ticks()
    return frame(drawing, name="Score at the edge over time", across=across, up=up, x_ticks=ticks, kind="wide")


def timeline_legend() -> str:
    """Return what the marks of a timeline mean."""
    return (
        '<ul class="legend"><li><i class="k0"></i>score at the edge, limit = 1</li>'
        '<li><i class="sent"></i>forwarded to the centre</li><li><i class="dash"></i>forwarding level</li>'
        '<li><i class="dash red"></i>limit</li><li><i class="amber"></i>event</li>'
        '<li><i class="strip"></i>told by the centre, at the top</li></ul>'
    )


def _bands(
    flags: BoolArray,
    across: Axis,
    when: FloatArray,
    cuts: IntArray,
    kind: str,
    *,
    bottom: float = 0,
    top: float = SIDE,
) -> str:
    found = np.array(ranges(flags, when, _SPANS, cuts=cuts)).reshape(-1, 2)
    return "".join(band(low, high, kind, bottom=bottom, top=top) for low, high in across.at(found).tolist())
