"""The report people open: one HTML file that needs no network, from a scored table to a verdict in plain words."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from string import Template

from tocsin.evaluation.pages import _report_tables as tables
from tocsin.evaluation.pages._report_facts import Report
from tocsin.evaluation.pages._report_labels import curve_figure, point_panel, recall_matrix
from tocsin.evaluation.pages._report_series import payload, shown_devices
from tocsin.evaluation.pages._report_story import cards, extent, story
from tocsin.evaluation.pages._report_words import moment, safe

__all__ = ["Report", "render", "write"]

_SCRIPTS = ("scale.js", "series.js", "chart.js", "distribution.js", "navigator.js", "page.js")


def write(path: Path, report: Report) -> None:
    """Write the report to ``path`` as one self-contained UTF-8 file."""
    path.write_text(render(report), encoding="utf-8")


def render(report: Report) -> str:
    """Return the report as one HTML page that loads nothing from anywhere.

    Readings are thinned to some 20,000 points per channel and device, so that a million of them stay smooth; extremes,
    anomalies and gaps are kept, incidents at full resolution.
    """
    told = story(report)
    return Template(_asset("page.html")).substitute(
        title=safe(report.title),
        style=_asset("report.css"),
        tone=told.tone,
        headline=safe(told.headline),
        detail=safe(told.detail),
        covered=safe(_covered(report)),
        cards=tables.card_list(cards(report)),
        notes=tables.callouts(("info", note) for note in (*report.notes, *_own_notes(report))),
        incidents=tables.incident_table(report),
        statuses=tables.status_bar(report),
        quality=tables.callouts(report.quality),
        labels=_labels(report),
        choices=_choices(report),
        payload=embedded(payload(report)),
        script="\n".join(_asset(name) for name in _SCRIPTS),
    )


def embedded(value: object) -> str:
    r"""Return JSON that cannot end the script element it stands in, whatever names it holds.

    >>> print(embedded("</script><!--"))
    "\u003c/script\u003e\u003c!--"
    """
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _asset(name: str) -> str:
    return files("tocsin.evaluation.pages").joinpath("assets", name).read_text("utf-8")


def _covered(report: Report) -> str:
    reach = extent(report)
    if reach is None:
        return ""
    first, last = (moment(time, row_clock=report.row_clock) for time in reach)
    return f"{first} – {last}{'' if report.row_clock else ' UTC'}"


def _own_notes(report: Report) -> list[str]:
    present, shown = len(set(report.device.tolist())), len(shown_devices(report))
    if present == shown:
        return []
    return [f"Charts are drawn for the {shown} devices with the worst incidents; {present - shown} more have none."]


def _labels(report: Report) -> str:
    if report.metrics is None:
        return ""
    matrix = ""
    if report.recall_by_kind:
        matrix = f'<section class="panel"><h3>Events caught</h3>{recall_matrix(report.recall_by_kind)}</section>'
    points = f'<section class="panel"><h3>Reading by reading</h3>{point_panel(report.metrics)}</section>'
    return f'<section id="labels"><h2>Against the labels</h2><div class="columns">{points}{matrix}</div></section>'


def _choices(report: Report) -> str:
    figure = curve_figure(report.curves)
    curve = f'<section class="panel"><h3>Training</h3>{figure}</section>' if figure else ""
    return (
        tables.pairs("Threshold", report.threshold)
        + tables.pairs("Provenance", report.provenance)
        + tables.sentences("Chosen from the readings", report.why)
        + tables.pairs("Settings", report.settings)
        + curve
    )
