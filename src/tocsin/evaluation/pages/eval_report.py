"""The evaluation as one HTML file that needs no network: figures with intervals, curves, scores and events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from string import Template

import numpy as np

from tocsin.core.arrays import BoolArray, IntArray
from tocsin.evaluation.judgement import Judgement
from tocsin.evaluation.judgement.cautions import cautions
from tocsin.evaluation.judgement.explained import Group, Line, explained
from tocsin.evaluation.pages import _eval_charts as charts
from tocsin.evaluation.pages import _report_tables as tables
from tocsin.evaluation.pages._eval_story import cards, story
from tocsin.evaluation.pages._report_labels import recall_matrix
from tocsin.evaluation.pages._report_words import safe
from tocsin.evaluation.scored_file import Read

MAX_DEVICES = 6
"""Devices whose scores are drawn, those with the most labelled readings."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What the page tells.

    Parameters
    ----------
    title
        What was judged, such as the file's name.
    read
        Scores and flags beside the labels, and how they were read.
    judgement
        What was found.
    facts
        How it was judged, as text by name.
    devices
        Names of the devices; the outcome refers to them by index.
    """

    title: str
    read: Read
    judgement: Judgement
    facts: Mapping[str, str] = field(default_factory=dict)
    devices: tuple[str, ...] = ("-",)


def write(path: Path, evaluation: Evaluation) -> None:
    """Write the page to ``path`` as one self-contained UTF-8 file."""
    path.write_text(render(evaluation), encoding="utf-8")


def render(evaluation: Evaluation) -> str:
    """Return the page, which loads nothing from anywhere and needs no script."""
    judgement = evaluation.judgement
    told = story(judgement)
    warned = [("warning", text) for text in cautions(judgement)]
    noted = [("info", text) for text in evaluation.read.notes]
    return Template(_asset("evaluation.html")).substitute(
        title=safe(evaluation.title),
        style=_asset("report.css") + _asset("evaluation.css"),
        tone=told.tone,
        headline=safe(told.headline),
        detail=safe(told.detail),
        cards=tables.card_list(cards(judgement)),
        notes=tables.callouts([*warned, *noted]),
        heading="Figures, with 95\u00a0% intervals" if judgement.intervals else "Figures",
        figures="".join(_group(group) for group in explained(judgement, policy=evaluation.read.policy)),
        curves=_curves(evaluation),
        scores=_scores(evaluation),
        events=_events(evaluation),
        facts=tables.pairs("Judged", evaluation.facts),
    )


def _asset(name: str) -> str:
    return files("tocsin.evaluation.pages").joinpath("assets", name).read_text("utf-8")


def _group(group: Group) -> str:
    rows = "".join(_row(line) for line in group.lines)
    return (
        f'<section class="panel figures"><h3>{safe(group.title)} <span class="muted">{safe(group.remark)}</span></h3>'
        f"<table><tbody>{rows}</tbody></table></section>"
    )


def _row(line: Line) -> str:
    return (
        f'<tr><th scope="row">{safe(line.title)}</th><td class="value">{safe(line.value)}</td>'
        f'<td class="range">{_range(line)}</td><td class="meaning">{safe(line.meaning)}</td></tr>'
    )


def _range(line: Line) -> str:
    """Return the interval as a bar on the way from 0 to 1, with its ends as text."""
    if not line.interval:
        return ""
    low, high = (float(end) for end in line.interval.split("–"))
    middle = f'<b style="left:{100 * float(line.value):.1f}%"></b>' if line.value != "–" else ""
    reach = f"left:{100 * low:.1f}%;width:{max(100 * (high - low), 1):.1f}%"
    return f'<span class="whisker"><i style="{reach}"></i>{middle}</span><span>{safe(line.interval)}</span>'


def _curves(evaluation: Evaluation) -> str:
    outcome, judgement = evaluation.read.outcome, evaluation.judgement
    pairs = (
        ("ROC", charts.roc_chart(outcome, judgement)),
        ("Precision and recall", charts.pr_chart(outcome, judgement)),
    )
    return "".join(f'<section class="panel"><h3>{title}</h3>{chart}</section>' for title, chart in pairs if chart)


def _scores(evaluation: Evaluation) -> str:
    outcome = evaluation.read.outcome
    shown = _most_labelled(outcome.device, outcome.labels)
    more = len(np.unique(outcome.device)) - len(shown)
    cut = f'<p class="muted">{more:,} more devices are not drawn.</p>' if more else ""
    body = "".join(_of_device(evaluation, device) for device in shown)
    return f'<section class="panel">{charts.score_legend(outcome)}{body}{cut}</section>'


def _of_device(evaluation: Evaluation, device: int) -> str:
    named = len(evaluation.devices) > 1
    title = f"<h3><bdi>{safe(evaluation.devices[device])}</bdi></h3>" if named else ""
    return title + charts.score_chart(evaluation.read.outcome, device)


def _most_labelled(device: IntArray, labels: BoolArray) -> list[int]:
    amount = np.bincount(device, weights=labels)
    present = np.unique(device)
    order = present[np.argsort(-amount[present], kind="stable")]
    return sorted(order[:MAX_DEVICES].tolist())


def _events(evaluation: Evaluation) -> str:
    panels = "".join(
        f'<section class="panel"><h3>{title}</h3>{body}</section>' for title, body in _event_panels(evaluation) if body
    )
    return f'<h2>Events</h2><div class="columns">{panels}</div>' if panels else ""


def _event_panels(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    judgement, policy = evaluation.judgement, evaluation.read.policy
    yield "How late alarms rang", charts.delay_chart(judgement)
    if judgement.kinds_told is not None and policy:
        yield "Events told in an alarm", recall_matrix(judgement.kinds_told, caught="lies in an alarm")
    if judgement.kinds is not None:
        yield "Events with a flagged reading", recall_matrix(judgement.kinds)
