"""The scoreboard: contenders down, figures across, mean and spread over seeds; the same wherever it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tocsin.evaluation.events import EventRecall
from tocsin.evaluation.judgement import Judgement


@dataclass(frozen=True)
class Column:
    """One figure of the board.

    Parameters
    ----------
    figure
        Its name in :meth:`tocsin.evaluation.judgement.Judgement.flat`, or among a row's costs.
    title
        What stands above it.
    digits
        Digits behind the point.
    percent
        Is it a share, shown in per cent?
    """

    figure: str
    title: str
    digits: int = 3
    percent: bool = False


MAIN = (
    Column("vus_pr", "VUS-PR"),
    Column("auc_pr", "AUC-PR"),
    Column("roc_auc", "ROC-AUC"),
    Column("f1", "F1"),
    Column("event_f1", "event F1"),
    Column("event_recall", "event recall"),
    Column("alarm_share", "share in alarm"),
    Column("false_alarms_per_day", "false alarms/day", 2),
    Column("delay_readings", "delay", 1),
    Column("left_out", "no score", 0),
)
"""How well scores rank, how well flags fit at the frozen limit, and what people would hear; delay in readings.

A rule that always rings catches every event: hence the share of the time that is spent in alarm. What has no score is
left out of all figures: hence how many readings have none, since a detector with a long window may speak of few.
"""

COUNTS = (
    Column("accuracy", "accuracy", 1, percent=True),
    Column("precision", "precision", 1, percent=True),
    Column("recall", "recall", 1, percent=True),
    Column("f1", "F1", 1, percent=True),
    Column("false_positives", "false pos.", 0),
    Column("false_negatives", "false neg.", 0),
    Column("false_positive_rate", "FP rate", 2, percent=True),
    Column("false_negative_rate", "FN rate", 1, percent=True),
)
"""The figures of a classical table, reading by reading at the frozen limit."""

COSTS = (
    Column("fit_s", "training, s", 1),
    Column("score_s", "scoring, s", 2),
    Column("reading_p50_ms", "one reading, ms", 2),
    Column("reading_p95_ms", "95 % under, ms", 2),
    Column("batch_p50_ms", "batch of 64, ms", 2),
)
"""What it takes."""


@dataclass(frozen=True)
class Row:
    """A contender's line.

    Parameters
    ----------
    name
        The contender's.
    runs
        A judgement for each seed; empty where it failed.
    costs
        Seconds and milliseconds by name.
    note
        Why it failed, or what else must be said.
    """

    name: str
    runs: tuple[Judgement, ...]
    costs: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    def values(self, figure: str) -> list[float]:
        """Return the figure of each run that has it."""
        if figure in self.costs:
            return [self.costs[figure]]
        found = [run.flat().get(figure) for run in self.runs]
        return [float(value) for value in found if value is not None]

    def cell(self, column: Column) -> str:
        """Return the figure as text: the mean, and behind ± the standard deviation over seeds."""
        values = self.values(column.figure)
        if not values:
            return "–"
        factor, unit = (100, " %") if column.percent else (1, "")
        mean, spread = factor * np.mean(values), factor * np.std(values, ddof=1) if len(values) > 1 else 0.0
        told = f"{mean:.{column.digits}f}"
        return f"{told} ± {spread:.{column.digits}f}{unit}" if len(values) > 1 else f"{told}{unit}"

    def as_dict(self) -> dict[str, Any]:
        """Return the line as plain values, ready for JSON."""
        return {
            "name": self.name,
            "note": self.note,
            "costs": dict(self.costs),
            "runs": [run.as_dict() for run in self.runs],
        }


def markdown(rows: Sequence[Row], columns: Sequence[Column], *, first: str = "detector") -> str:
    """Return the board as a Markdown table.

    >>> print(markdown([Row("quiet", (), {"fit_s": 1.26})], [Column("fit_s", "training, s", 1)]))
    | detector | training, s |
    |---|---:|
    | quiet | 1.3 |
    """
    head = f"| {first} | {' | '.join(column.title for column in columns)} |"
    lines = [f"| {_safe(row.name)} | {' | '.join(row.cell(column) for column in columns)} |" for row in rows]
    return "\n".join([head, "|---|" + "---:|" * len(columns), *lines])


def kinds_table(rows: Sequence[Row]) -> tuple[list[str], dict[str, list[str]]] | None:
    """Return kinds of events, and by contender how many of each its flags caught in its first run; None if unknown."""
    told = {row.name: row.runs[0].kinds or () for row in rows if row.runs and row.runs[0].kinds}
    kinds = sorted({found.kind for of_row in told.values() for found in of_row if found.kind})
    if not kinds:
        return None
    return kinds, {name: [_caught(of_row, kind) for kind in kinds] for name, of_row in told.items()}


def kinds_markdown(rows: Sequence[Row]) -> str:
    """Return the same as a Markdown table, or ""."""
    if (found := kinds_table(rows)) is None:
        return ""
    kinds, cells = found
    lines = [f"| {_safe(name)} | {' | '.join(own)} |" for name, own in cells.items()]
    return "\n".join([f"| detector | {' | '.join(kinds)} |", "|---|" + "---:|" * len(kinds), *lines])


def _caught(found: Sequence[EventRecall], kind: str) -> str:
    own = [row for row in found if row.kind == kind]
    return f"{sum(row.caught for row in own)} of {sum(row.events for row in own)}"


def _safe(text: str) -> str:
    return text.replace("|", "\\|")
