"""Charts for a page without any script: a drawing that stretches with the page, its words beside it as text.

Lines keep their width and words their size however wide the page is, since only the drawing inside is stretched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.evaluation.pages import _report_words as words
from tocsin.evaluation.pages._report_words import safe

SIDE = 1000
"""Units of the drawing's inside, across and up."""

_TIME_STEPS_S = (
    1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
    2 * 86_400, 5 * 86_400, 7 * 86_400, 14 * 86_400, 30 * 86_400, 61 * 86_400, 91 * 86_400, 182 * 86_400, 365 * 86_400,
)  # fmt: skip
_DAY_S = 86_400

Tick = tuple[float, str]
"""Where on the axis, and what stands there."""


@dataclass(frozen=True)
class Axis:
    """Where a value lies in the drawing.

    Parameters
    ----------
    low, high
        The values at its ends.
    log
        Is it logarithmic?
    """

    low: float
    high: float
    log: bool = False

    def at(self, values: FloatArray) -> FloatArray:
        """Return places from 0 to 1,000; values beyond the ends lie on them, NaN stays."""
        low, high = float(self._scaled(np.array(self.low))), float(self._scaled(np.array(self.high)))
        return np.asarray(np.clip((self._scaled(values) - low) / ((high - low) or 1.0), 0, 1) * SIDE)

    def place(self, value: float) -> float:
        """Return the place of one value."""
        return float(self.at(np.array([value]))[0])

    def _scaled(self, values: FloatArray) -> FloatArray:
        return np.log10(np.maximum(values, self.low)) if self.log else np.asarray(values, np.float64)

    def ticks(self, wanted: int = 5) -> list[Tick]:
        """Return round values with their text."""
        if self.log:
            powers = range(math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9) + 1)
            every = -(-len(powers) // wanted) or 1
            found = [10.0**power for power in powers[::every]]
            return [(value, f"{value:g}") for value in found] or [(self.low, words.number(self.low))]
        rough = (self.high - self.low) / wanted or 1.0
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(unit * m for m in (1, 2, 5, 10) if unit * m >= rough)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [(k * step, f"{k * step:.10g}") for k in range(first, last + 1)]

    def time_ticks(self, wanted: int = 8) -> list[Tick]:
        """Return round moments, the axis being ns since the epoch, UTC."""
        seconds = (self.high - self.low) / 1e9
        step = next((s for s in _TIME_STEPS_S if seconds / s <= wanted), _TIME_STEPS_S[-1])
        first, last = math.ceil(self.low / 1e9 / step), math.floor(self.high / 1e9 / step)
        return [(k * step * 1e9, _moment(k * step, step)) for k in range(first, last + 1)]


def frame(
    drawing: str, *, name: str, across: Axis, up: Axis, x_ticks: Sequence[Tick], kind: str = "", titles: str = ""
) -> str:
    """Return a chart: its drawing in units from 0 to 1,000 with y upwards, its ticks as text.

    Parameters
    ----------
    drawing
        SVG elements, escaped where they hold text.
    name
        What it shows, for those who cannot see it.
    across, up
        The axes.
    x_ticks
        Of the horizontal axis; those of the vertical one are round numbers.
    kind
        Further CSS classes, such as "square" or "wide".
    titles
        HTML below the chart: the titles of the axes, or a legend.
    """
    y_ticks = up.ticks()
    grid = "".join(f'<path class="grid" d="M0,{up.place(at):.1f}H{SIDE}"/>' for at, _ in y_ticks)
    grid += "".join(f'<path class="grid" d="M{across.place(at):.1f},0V{SIDE}"/>' for at, _ in x_ticks)
    beside = "".join(
        f'<span class="y" style="bottom:{up.place(at) / 10:.2f}%">{safe(text)}</span>' for at, text in y_ticks
    )
    below = "".join(
        f'<span class="x" style="left:{across.place(at) / 10:.2f}%">{safe(text)}</span>' for at, text in x_ticks
    )
    return (
        f'<div class="plot {kind}"><svg viewBox="0 0 {SIDE} {SIDE}" preserveAspectRatio="none" role="img" '
        f'aria-label="{safe(name)}"><g transform="matrix(1 0 0 -1 0 {SIDE})">{grid}{drawing}</g></svg>'
        f"{beside}{below}</div>{titles}"
    )


def line(across: FloatArray, up: FloatArray, kind: str) -> str:
    """Return a line through places from 0 to 1,000, broken where one is NaN."""
    parts, pen = [], "M"
    for x, y in zip(across.tolist(), up.tolist(), strict=True):
        if math.isnan(x) or math.isnan(y):
            pen = "M"
            continue
        parts.append(f"{pen}{x:.1f},{y:.1f}")
        pen = "L"
    return f'<path class="{kind}" d="{"".join(parts)}"/>'


def dots(across: FloatArray, up: FloatArray, kind: str) -> str:
    """Return round dots that stay round when the drawing is stretched."""
    found = "".join(f"M{x:.1f},{y:.1f}h0" for x, y in zip(across.tolist(), up.tolist(), strict=True))
    return f'<path class="{kind}" d="{found}"/>' if found else ""


def band(low: float, high: float, kind: str, *, bottom: float = 0, top: float = SIDE) -> str:
    """Return a shade from one place to another, wide enough to be seen."""
    wide = max(high - low, 1.5)
    return f'<rect class="{kind}" x="{low:.1f}" y="{bottom:.1f}" width="{wide:.1f}" height="{top - bottom:.1f}"/>'


def _moment(seconds: int, step: int) -> str:
    text = words.moment(seconds * 10**9)
    day, clock = text.split(", ")
    if step >= 61 * _DAY_S:
        return " ".join(day.split(" ")[1:])
    day = " ".join(day.split(" ")[:2])
    return clock if seconds % _DAY_S else day
