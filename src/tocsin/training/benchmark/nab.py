"""NAB: 58 files from clouds, roads, tweets and machines, scored by how early warnings come and how many are false."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.core.errors import InputError
from tocsin.evaluation.metrics.nab import PROFILES, nab_score, probation
from tocsin.evaluation.outcome import Outcome
from tocsin.sources import Table, open_table
from tocsin.training.benchmark._contract import Benchmark, Case, Column, Facts, Run, Sheet
from tocsin.training.benchmark._files import exactly, first_rows
from tocsin.training.benchmark._frozen import frozen_facts, frozen_sheet

_COLUMNS = tuple(
    Column(name, name.replace("_", " "), meaning, 1)
    for name, meaning in zip(
        PROFILES,
        ("NAB's score, 0 = no alarm, 100 = perfect", "false alarms cost twice", "missed windows cost twice"),
        strict=True,
    )
)
_AS_THEY_ARE = ("random", "all-ones")
_REST = 30
"""Readings after an alarm during which only a greater severity is told."""

_REMARKS = (
    "One threshold a profile for the whole corpus, chosen on its labels by NAB's own rules, for every row of this "
    "table: it says what scores could reach, not what a frozen limit does. The next table does.",
    "Strictly causal: learned from the first 15 % of each file (at most 750 rows), which are not judged, and from "
    "nothing else. NAB's own detectors go on learning while they are judged.",
    "Scores are severity / (1 + severity), where severity is score / limit; those of random and all-ones are as they "
    "are, in [0, 1].",
    "NAB counts each reading above the threshold as an alarm of its own; here an alarm is told once: a severity that "
    f"one of the {_REST} readings before it reached counts as 0, for all detectors alike.",
    "In a table of one channel max |z| and PCA error rank alike.",
)


@dataclass(frozen=True, kw_only=True)
class Nab(Benchmark):
    """NAB, the Numenta Anomaly Benchmark: 58 univariate files, official score in three profiles.

    Lavin & Ahmad 2015, "Evaluating real-time anomaly detection algorithms". Result files as NAB's own tools read them
    lie in ``results/<detector>/<category>/<detector>_<file>.csv``.
    """

    folder: ClassVar[str] = "nab"
    sign: ClassVar[str] = "labels/combined_windows.json"
    origin: ClassVar[str] = "https://github.com/numenta/NAB, the folders data and labels"
    example: ClassVar[str] = "realKnownCause/machine_temperature_system_failure"

    def cases(self, folder: Path) -> Iterator[Case]:
        """Yield a case for each file, rows in the file's order."""
        windows = json.loads((folder / "labels" / "combined_windows.json").read_text("utf-8"))
        for name, spans in sorted(windows.items()):
            table = open_table(folder / "data" / name, overrides=exactly(["value"], time=("timestamp",)))
            learn = first_rows(len(table), probation(len(table)))
            labelled = replace(table, labels=_inside(table, spans, name))
            yield Case(name.removesuffix(".csv"), labelled, learn, ~learn)

    def facts(self, case: Case, outcome: Outcome, *, window: int) -> Facts:  # noqa: ARG002  # one shape for all
        """Return what came of the frozen limit; NAB's own score takes the whole corpus together."""
        return frozen_facts(case, outcome)

    def sheets(self, cases: Sequence[Case]) -> tuple[Sheet, ...]:
        """Return NAB's table, and what a user lives with."""
        few = (
            () if len(cases) == 58 else (f"Only {len(cases)} of the 58 files: not to be compared with published rows.",)
        )
        official = Sheet("official", "NAB, official score", _COLUMNS, _official, (*few, *_REMARKS), published="nab")
        return official, frozen_sheet("NAB, at a frozen limit", remarks=few)

    def keep(self, run: Run, folder: Path) -> None:
        """Write the result file that NAB's own tools read."""
        import polars as pl

        category, _, name = run.case.name.partition("/")
        path = folder / "results" / run.method / category / f"{run.method}_{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = run.case.table.columns.select("timestamp", pl.col("value").cast(pl.Float64))
        score, label = pl.Series("anomaly_score", scores_of(run)), pl.Series("label", run.case.labels.astype(np.int8))
        columns.with_columns(score, label).write_csv(path)


def scores_of(run: Run) -> FloatArray:
    """Return scores in [0, 1] of all rows of a file, ndarray of shape (rows,), float64: severity / (1 + severity).

    Those of the baselines that lie in [0, 1] anyway stay as they are. A row without a score has 0, and so has one whose
    severity was reached shortly before: that has been told.
    """
    outcome = run.outcome()
    if outcome is None:
        return np.zeros(len(run.case.table))
    if run.method in _AS_THEY_ARE:
        return np.clip(np.nan_to_num(outcome.score), 0, 1)
    found = np.maximum(np.nan_to_num(outcome.severity, nan=0.0), 0)
    with np.errstate(invalid="ignore"):
        return told_once(np.where(np.isinf(found), 1.0, found / (1 + found)))


def told_once(scores: FloatArray, rest: int = _REST) -> FloatArray:
    """Return ``scores`` of shape (n,), none negative, but 0 where one of the ``rest`` before is as great.

    >>> told_once(np.array([0.2, 0.5, 0.5, 0.3, 0.4]), 1).tolist()
    [0.2, 0.5, 0.0, 0.0, 0.4]
    """
    before = np.concatenate([np.full(rest, -1.0), scores[:-1]])
    greatest = np.lib.stride_tricks.sliding_window_view(before, rest).max(axis=1)
    return np.where(scores > greatest, scores, 0.0)


def _official(runs: Sequence[Run]) -> dict[str, float | None]:
    labels, scores = [run.case.labels for run in runs], [scores_of(run) for run in runs]
    if not any(marked[probation(len(marked)) :].any() for marked in labels):
        return dict.fromkeys(PROFILES)
    return {name: nab_score(labels, scores, profile=name).score for name in PROFILES}


def _inside(table: Table, spans: Sequence[Sequence[str]], name: str) -> BoolArray:
    """Return which rows lie in a window; its borders are rows, by the first row of each time."""
    stamps = table.columns["timestamp"].cast(str).to_list()
    row = {stamp: k for k, stamp in reversed(list(enumerate(stamps)))}
    marked = np.zeros(len(table), np.bool_)
    for span in spans:
        first, last = (row.get(stamp.partition(".")[0]) for stamp in span)
        if first is None or last is None:
            raise InputError(f"{name} has no row at the border of the window {span}.", remedy="Fetch it anew.")
        marked[first : last + 1] = True
    return marked
