"""How the flags compare with the labels, and the training curve: small figures drawn without any script."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tocsin.evaluation.events import EventRecall
from tocsin.evaluation.metrics.points import PointMetrics
from tocsin.evaluation.pages import _report_words as words
from tocsin.evaluation.pages._report_words import safe

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640.0, 220.0, 62.0, 30.0, 12.0


def point_panel(metrics: PointMetrics) -> str:
    """Return precision, recall, F1 and accuracy as meters, with the counts they come from."""
    figures = (
        ("Precision", metrics.precision, "of the flagged readings are labelled"),
        ("Recall", metrics.recall, "of the labelled readings were flagged"),
        ("F1", metrics.f1, "the two in one figure"),
        ("Accuracy", metrics.accuracy, "of the readings judged right"),
    )
    meters = "".join(
        f"<div><dt>{name}</dt><dd>{words.percent(part)}</dd>"
        f'<span class="bar"><i style="width:{100 * (part or 0):.1f}%"></i></span><p>{remark}</p></div>'
        for name, part, remark in figures
    )
    return f'<dl class="meters">{meters}</dl>{_counts(metrics)}{_left_out(metrics)}'


def _counts(metrics: PointMetrics) -> str:
    return (
        '<table class="counts"><thead><tr><td></td><th scope="col">labelled anomalous</th>'
        '<th scope="col">labelled normal</th></tr></thead><tbody>'
        f'<tr><th scope="row">flagged</th><td class="good">{metrics.tp:,}</td><td class="bad">{metrics.fp:,}</td></tr>'
        f'<tr><th scope="row">not flagged</th><td class="bad">{metrics.fn:,}</td><td class="good">{metrics.tn:,}</td>'
        "</tr></tbody></table>"
    )


def _left_out(metrics: PointMetrics) -> str:
    if not metrics.left_out:
        return '<p class="muted">Every reading was scored; none is left out.</p>'
    were = "is" if metrics.left_out_labelled == 1 else "are"
    return (
        f'<p class="muted">{words.count(metrics.left_out, "reading")} without a score '
        f"(warming up, in a gap, late or invalid) left out; {metrics.left_out_labelled:,} of them {were} labelled.</p>"
    )


def recall_matrix(found: tuple[EventRecall, ...], *, caught: str = "is flagged") -> str:
    """Return events caught, one row a kind and one column a band of sizes, darker where more were caught."""
    kinds = list(dict.fromkeys(row.kind for row in found))
    known = {(row.kind, row.band): row for row in found}
    bands = sorted({row.band for row in found}, key=_band_order)
    head = "".join(f'<th scope="col">{safe(band or "size unknown")}</th>' for band in bands)
    body = "".join(
        f'<tr><th scope="row"><bdi>{safe(kind or "event")}</bdi></th>'
        + "".join(_recall_cell(known.get((kind, band))) for band in bands)
        + _recall_cell(_together([row for row in found if row.kind == kind]), "total")
        + "</tr>"
        for kind in kinds
    )
    return (
        '<div class="scroll"><table class="matrix"><thead><tr><td></td>'
        f'{head}<th scope="col">all sizes</th></tr></thead><tbody>{body}</tbody></table></div>'
        f'<p class="muted">Events caught of events that were scored, {_overall(found)} in all. '
        f"An event is caught if any of its readings {caught}.</p>"
    )


def _band_order(band: str) -> tuple[int, float]:
    if not band:
        return 2, 0.0
    first = band.lstrip("<≥ ").split("–")[0].split()[0]
    try:
        return (0 if band.startswith("<") else 1), float(first)
    except ValueError:
        return 1, math.inf


def _recall_cell(row: EventRecall | None, extra: str = "") -> str:
    if row is None or row.recall is None:
        return f'<td class="none {extra}">–</td>'
    return (
        f'<td class="heat {extra}" style="--share:{row.recall:.3f}"><b>{words.percent(row.recall)}</b>'
        f"<span>{row.caught:,} of {row.events:,}</span></td>"
    )


def _together(rows: list[EventRecall]) -> EventRecall:
    return EventRecall("", "", events=sum(row.events for row in rows), caught=sum(row.caught for row in rows))


def _overall(found: tuple[EventRecall, ...]) -> str:
    total = _together(list(found))
    return f"{total.caught:,} of {total.events:,}"


def curve_figure(curves: Mapping[str, tuple[float, ...]]) -> str:
    """Return the training curves as an SVG; nothing where there is no finite value."""
    finite = [value for curve in curves.values() for value in curve if math.isfinite(value)]
    epochs = max((len(curve) for curve in curves.values()), default=0)
    if not finite or epochs < 2:
        return ""
    low, high = min(*finite, math.inf), max(*finite, -math.inf)
    axis = _Axis(low=low, high=high if high > low else low + abs(low) + 1.0, epochs=epochs)
    lines = "".join(
        f'<polyline class="k{k % 4}" points="{axis.points(curve)}"/>' for k, curve in enumerate(curves.values())
    )
    legend = "".join(
        f'<li><i class="k{k % 4}"></i>{safe(name.replace("_", " "))} '
        f'<span class="muted">ends at {words.number(curve[-1]) if curve else "–"}</span></li>'
        for k, (name, curve) in enumerate(curves.items())
    )
    return (
        f'<figure class="curve"><svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" aria-label="Training curve">'
        f'{axis.frame()}{lines}</svg><ul class="legend">{legend}</ul></figure>'
    )


class _Axis:
    """Where an epoch and a loss lie in the drawing; logarithmic where losses span more than a factor of 20."""

    def __init__(self, *, low: float, high: float, epochs: int) -> None:
        self.log = low > 0 and high / low > 20
        self.low, self.high, self.epochs = self._scaled(low), self._scaled(high), epochs

    def _scaled(self, value: float) -> float:
        return math.log10(value) if self.log else value

    def x(self, epoch: int) -> float:
        return _LEFT + (_WIDTH - _LEFT - 10) * epoch / (self.epochs - 1)

    def y(self, value: float) -> float:
        part = (self._scaled(value) - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * part

    def points(self, curve: tuple[float, ...]) -> str:
        shown = [(self.x(epoch), self.y(value)) for epoch, value in enumerate(curve) if math.isfinite(value)]
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in shown)

    def frame(self) -> str:
        ticks = [self.low + (self.high - self.low) * k / 3 for k in range(4)]
        values = [10**tick if self.log else tick for tick in ticks]
        rows = "".join(
            f'<line x1="{_LEFT:g}" x2="{_WIDTH - 10:g}" y1="{self.y(value):.1f}" y2="{self.y(value):.1f}"/>'
            f'<text x="{_LEFT - 8:g}" y="{self.y(value) + 4:.1f}" text-anchor="end">{value:.3g}</text>'
            for value in values
        )
        epochs = sorted({0, (self.epochs - 1) // 2, self.epochs - 1})
        columns = "".join(
            f'<text x="{self.x(epoch):.1f}" y="{_HEIGHT - 8:g}" '
            f'text-anchor="{"end" if epoch == epochs[-1] else "middle"}">'
            f"epoch {epoch + 1}</text>"
            for epoch in epochs
        )
        return rows + columns
