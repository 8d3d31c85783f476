"""The proof of an export as one HTML file that needs no network: what was made, what it was held to, how to run it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.evaluation.pages import _export_charts as charts
from tocsin.evaluation.pages import _report_tables as tables
from tocsin.evaluation.pages._report_story import Card
from tocsin.evaluation.pages._report_words import count, safe

MEANINGS = {
    "normal": "windows of normal readings",
    "anomalous": "faults of all sizes put into normal windows: spike, offset, drift, stuck, swapped channels",
    "borderline": "between a normal and an anomalous window, within a thousandth of the limit, on both its sides",
    "wide range": "values ×10 to ×1,000,000, nought, held, far out, and as large as old counters",
}
"""What golden windows of each kind are."""


@dataclass(frozen=True, eq=False)
class ExportReport:
    """What the page tells.

    Parameters
    ----------
    title
        What was exported, such as "room.tocsin → room.c".
    target
        What it was made for, such as "c".
    files
        Bytes by file name, the main one first.
    facts
        What else was made, as text by name.
    notes
        What to know before using it.
    promised
        The promise in plain words.
    commands
        How to run it: a title and the lines to type for each way.
    kind
        Of each golden window.
    own, other
        ndarrays of shape (n,), float64: the artifact's scores of them, and the export's.
    limit
        Above which a score is anomalous.
    margin
        Share of the limit around it in which verdicts may differ.
    rows
        For each kind: its name, windows, greatest difference of scores in words, turned verdicts, those of them that
        lie within the margin.
    """

    title: str
    target: str
    files: Mapping[str, int]
    facts: Mapping[str, str]
    notes: Sequence[str]
    promised: str
    commands: Sequence[tuple[str, str]]
    kind: tuple[str, ...]
    own: FloatArray
    other: FloatArray
    limit: float
    margin: float
    rows: Sequence[tuple[str, int, str, int, int]]


def write(path: Path, report: ExportReport) -> None:
    """Write the page to ``path`` as one self-contained UTF-8 file."""
    path.write_text(render(report), encoding="utf-8")


def render(report: ExportReport) -> str:
    """Return the page, which loads nothing from anywhere and needs no script."""
    turned, windows = sum(row[3] for row in report.rows), sum(row[1] for row in report.rows)
    return Template(_asset("export.html")).substitute(
        title=safe(report.title),
        style="".join(_asset(name) for name in ("report.css", "evaluation.css", "export.css")),
        tone="calm",
        headline="Proven: it says what the artifact says",
        detail=safe(_detail(windows, turned)),
        cards=tables.card_list(_cards(report, windows, turned)),
        notes=tables.callouts(("info", note) for note in report.notes),
        proof=_proof(report),
        pictures=_pictures(report),
        commands="".join(_command(title, lines) for title, lines in report.commands),
        facts=tables.pairs("Files", _sizes(report.files)) + tables.pairs("What is in them", report.facts),
    )


def _detail(windows: int, turned: int) -> str:
    told = (
        "every verdict is the same"
        if not turned
        else f"{count(turned, 'verdict')} within the margin {'differs' if turned == 1 else 'differ'}"
    )
    return (
        f"Artifact and export have both scored {windows:,} golden windows: {told}. An export that turns a verdict "
        "outside the margin, or strays further than its target promises, is not written at all."
    )


def _cards(report: ExportReport, windows: int, turned: int) -> list[Card]:
    size = next(iter(report.files.values()))
    same = np.count_nonzero(np.array(report.kind) == "normal")
    normal = next((row[3] for row in report.rows if row[0] == "normal"), 0)
    return [
        Card("Target", report.target),
        Card("File", _bytes(size), ", ".join(report.files)),
        Card("Golden windows", f"{windows:,}", "scored by both"),
        Card("Verdicts turned", f"{turned:,}", "all within the margin" if turned else f"of {windows:,}"),
        Card("Normal windows", f"{same - normal:,} of {same:,}", "with the same verdict"),
    ]


def _proof(report: ExportReport) -> str:
    rows = "".join(
        f'<tr><th scope="row">{safe(kind)}</th><td class="what">{safe(MEANINGS.get(kind, ""))}</td><td>{windows:,}</td>'
        f"<td>{safe(apart)}</td><td>{turned:,}</td><td>{inside:,}</td></tr>"
        for kind, windows, apart, turned, inside in report.rows
    )
    heads = (
        "Golden windows",
        "What they are",
        "Number",
        "Scores apart",
        "Verdicts turned",
        "of them within the margin",
    )
    head = "".join(f'<th scope="col"{_left(name)}>{name}</th>' for name in heads)
    return (
        f'<section class="panel proof"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        f"<p>{safe(report.promised)}</p></section>"
    )


def _left(name: str) -> str:
    return ' class="what"' if name == "What they are" else ""


def _pictures(report: ExportReport) -> str:
    pictures = (
        ("All scores", charts.all_scores(report.kind, report.own, report.other, limit=report.limit)),
        (
            "Around the limit",
            charts.around_the_limit(report.kind, report.own, report.other, limit=report.limit, margin=report.margin),
        ),
    )
    return "".join(f'<section class="panel"><h3>{title}</h3>{chart}</section>' for title, chart in pictures if chart)


def _command(title: str, lines: str) -> str:
    return f'<section class="panel"><h3>{safe(title)}</h3><pre>{safe(lines)}</pre></section>'


def _sizes(found: Mapping[str, int]) -> dict[str, str]:
    return {name: f"{size:,} bytes" for name, size in found.items()}


def _bytes(size: int) -> str:
    """Return a size as people say it.

    >>> _bytes(812), _bytes(12_870), _bytes(3_400_000)
    ('812 B', '12.9 kB', '3.4 MB')
    """
    if size < 1_000:
        return f"{size} B"
    return f"{size / 1e3:.1f} kB" if size < 1_000_000 else f"{size / 1e6:.1f} MB"


def _asset(name: str) -> str:
    return files("tocsin.evaluation.pages").joinpath("assets", name).read_text("utf-8")
