"""From the runs of a comparison to the lines of its scoreboard: judged, timed, and written as Markdown and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from tocsin.artifact import bundle
from tocsin.core.progress import report
from tocsin.evaluation.judgement import judge
from tocsin.evaluation.scoreboard import COSTS, COUNTS, MAIN, Row, kinds_markdown, markdown
from tocsin.sources import Table
from tocsin.training.lab.compare import Result
from tocsin.training.lab.timing import timing


def standing(results: Sequence[Result], table: Table, *, window: int | None = None) -> tuple[Row, ...]:
    """Return a line for each contender.

    Parameters
    ----------
    results
        As :func:`tocsin.training.lab.compare.compare` returns them; runs of one contender stand together.
    table
        What was compared on, in order of time; single readings of it are timed.
    window
        Readings of the buffers of VUS; None for the median length of a labelled event.
    """
    lines = []
    for name, runs in groupby(results, key=lambda result: result.name):
        lines.append(_row(name, list(runs), table, window))
        report("judging", len(lines), len({result.name for result in results}), name)
    return tuple(lines)


def text_of(rows: Sequence[Row]) -> str:
    """Return the standing as Markdown: how well, how often wrong, by kind, and at what cost."""
    parts = [
        ("How well", markdown(rows, MAIN)),
        ("Reading by reading, at a limit found before", markdown(rows, COUNTS)),
        ("Events caught, by kind", kinds_markdown(rows)),
        ("What it costs", markdown([row for row in rows if row.costs], COSTS)),
        ("Failed", "\n".join(f"- {row.name}: {row.note}" for row in rows if row.note)),
    ]
    return "\n\n".join(f"## {title}\n\n{text}" for title, text in parts if text)


def _row(name: str, runs: list[Result], table: Table, window: int | None) -> Row:
    judged = tuple(judge(run.outcome, window=window) for run in runs if run.outcome is not None)
    failures = sorted({run.failure for run in runs if run.failure})
    first = runs[0]
    if first.artifact is None or not judged:
        return Row(name, judged, note=" ".join(failures))
    costs = {"fit_s": first.fit_s, "score_s": first.score_s, **asdict(timing(bundle.load(first.artifact), table))}
    return Row(name, judged, costs, note=" ".join(failures))
