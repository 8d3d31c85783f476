"""The rehearsal of a cascade as one HTML file that needs no network: what it saves, what it costs, level by level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.evaluation.pages import _cascade_charts as charts
from tocsin.evaluation.pages import _report_tables as tables
from tocsin.evaluation.pages._report_story import Card
from tocsin.evaluation.pages._report_words import safe

MAX_DEVICES = 6
"""Devices that are drawn, those of which most was forwarded."""


@dataclass(frozen=True, eq=False)
class CascadeReport:
    """What the page tells.

    Parameters
    ----------
    title
        What was rehearsed, such as "small.tocsin → big.tocsin".
    tone, headline, detail
        "calm" or "alarm", and the outcome in plain words.
    cards
        Key figures: a name, a figure and a remark each.
    notes
        What to know before trusting it: a level ("info", "warning") and a sentence each.
    heads, rows
        The table of levels: names of its columns, and a line of texts for each level.
    marked
        The row of the level that was asked for.
    levels, saved, missed
        ndarrays of shape (levels,): what is drawn of it; shares from 0 to 1.
    asked, best
        The level that was asked for, and the one recommended.
    devices
        Names of the devices, by index.
    device, time, heat, forwarded, told, labels
        ndarrays of shape (readings,): the readings, as :func:`tocsin.evaluation.pages._cascade_charts.timeline` has it.
    row_clock
        Are times row numbers?
    facts
        How it was rehearsed, as text by name.
    """

    title: str
    tone: str
    headline: str
    detail: str
    cards: Sequence[tuple[str, str, str]]
    notes: Sequence[tuple[str, str]]
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    marked: int
    levels: FloatArray
    saved: FloatArray
    missed: FloatArray
    asked: float
    best: float | None
    devices: tuple[str, ...]
    device: IntArray
    time: IntArray
    heat: FloatArray
    forwarded: BoolArray
    told: BoolArray
    labels: BoolArray
    row_clock: bool
    facts: Mapping[str, str]


def write(path: Path, report: CascadeReport) -> None:
    """Write the page to ``path`` as one self-contained UTF-8 file."""
    path.write_text(render(report), encoding="utf-8")


def render(report: CascadeReport) -> str:
    """Return the page, which loads nothing from anywhere and needs no script."""
    return Template(_asset("cascade.html")).substitute(
        title=safe(report.title),
        style="".join(_asset(name) for name in ("report.css", "evaluation.css", "cascade.css")),
        tone=safe(report.tone),
        headline=safe(report.headline),
        detail=safe(report.detail),
        cards=tables.card_list(Card(*own) for own in report.cards),
        notes=tables.callouts(report.notes),
        levels=charts.level_chart(report.levels, report.saved, report.missed, asked=report.asked, best=report.best),
        table=_table(report),
        timelines=_timelines(report),
        facts=tables.pairs("Rehearsed", report.facts),
    )


def _table(report: CascadeReport) -> str:
    head = "".join(f'<th scope="col">{safe(name)}</th>' for name in report.heads)
    body = "".join(
        f'<tr{" class=chosen" if place == report.marked else ""}><th scope="row">{safe(row[0])}</th>'
        + "".join(f"<td>{safe(text)}</td>" for text in row[1:])
        + "</tr>"
        for place, row in enumerate(report.rows)
    )
    return f'<div class="levels"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _timelines(report: CascadeReport) -> str:
    amount = np.bincount(report.device, report.forwarded + 1e-9, minlength=len(report.devices))
    shown = sorted(np.argsort(-amount, kind="stable")[:MAX_DEVICES].tolist())
    parts = [_timeline(report, device) for device in shown if (report.device == device).any()]
    more = len(np.unique(report.device)) - len(parts)
    cut = f'<p class="muted">{more:,} more devices are not drawn.</p>' if more > 0 else ""
    return charts.timeline_legend() + "".join(parts) + cut


def _timeline(report: CascadeReport, device: int) -> str:
    own = np.flatnonzero(report.device == device)
    own = own[np.argsort(report.time[own], kind="stable")]
    named = f"<h3><bdi>{safe(report.devices[device])}</bdi></h3>" if len(report.devices) > 1 else ""
    return named + charts.timeline(
        report.time[own],
        report.heat[own],
        forwarded=report.forwarded[own],
        told=report.told[own],
        labels=report.labels[own],
        level=report.asked,
        row_clock=report.row_clock,
    )


def _asset(name: str) -> str:
    return files("tocsin.evaluation.pages").joinpath("assets", name).read_text("utf-8")
