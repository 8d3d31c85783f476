"""From a table that holds scores, tocsin's or anybody's, to the outcome that metrics judge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.core.errors import InputError, SettingError
from tocsin.evaluation._scored_columns import flags_in, named_in, numbers_in
from tocsin.evaluation.outcome import Outcome
from tocsin.sources import Overrides, Table, open_table, written_by_tocsin

SCORE, LIMIT, INCIDENT = "score", "limit", "incident_id"


@dataclass(frozen=True)
class Marks:
    """Which columns say what; None leaves it to what tocsin writes.

    Parameters
    ----------
    score
        The column of scores; higher is stranger. None for "score".
    flag
        The column that holds 1 or true where a reading is flagged.
    limit
        Readings that score above it are flagged.
    """

    score: str | None = None
    flag: str | None = None
    limit: float | None = None

    def __post_init__(self) -> None:
        if self.flag is not None and self.limit is not None:
            raise SettingError("A reading is flagged by --flag or by --limit, not by both.", remedy="Leave one out.")
        if self.limit is not None and not np.isfinite(self.limit):
            raise SettingError(f"{self.limit} is no limit.", remedy="Give a number.")


@dataclass(frozen=True, eq=False)
class Read:
    """What a file says.

    Parameters
    ----------
    outcome
        Of the readings whose time can be read, in order of device and time.
    flagged
        Does the file tell which readings are flagged?
    policy
        Does it tell which alarms a policy told? Otherwise each run of flagged readings is one.
    notes
        How it was read, where that is not plain.
    """

    outcome: Outcome
    flagged: bool
    policy: bool
    notes: tuple[str, ...]


Kinds = tuple[npt.NDArray[np.str_], FloatArray | None]


def open_scored(path: Path, *, overrides: Overrides, marks: Marks) -> Table:
    """Read a table with scores in order of time; one that holds nothing but scores beside the labels will do.

    Raises
    ------
    InputError
        If it cannot be read, or the label is what is to be judged.
    """
    try:
        table = open_table(path, overrides=overrides)
    except InputError as error:
        scores_alone = replace(overrides, channels=(marks.score or SCORE,), keep_sentinels=True)
        try:
            table = open_table(path, overrides=scores_alone)
        except InputError:
            raise error from None
    _refuse_self_praise(table, marks)
    return table.in_time_order()


def read_outcome(table: Table, marks: Marks, *, kinds: Kinds | None = None) -> Read:
    """Return scores and flags beside the labels.

    Parameters
    ----------
    table
        As :func:`open_scored` gives it.
    marks
        Which columns say what.
    kinds
        Kind and size of the labelled event at each reading, where they are known.

    Raises
    ------
    InputError
        If there are no labels or all are alike, or if scores or flags are missing or no numbers.
    """
    labels = _labels(table)
    score = numbers_in(table, marks.score or SCORE, "scores")
    infinite = int(np.count_nonzero(np.isinf(score)))
    score[np.isinf(score)] = np.nan
    limit, anomaly, told = _flags(table, marks, score)
    flags = np.zeros(len(score), np.bool_) if anomaly is None else anomaly
    outcome = Outcome(
        labels=labels,
        score=score,
        anomaly=flags,
        told=flags if told is None else told,
        limit=limit,
        time=table.readings.time,
        device=table.readings.device,
        row_clock=table.cadence.row_clock,
        kind=None if kinds is None else kinds[0],
        size=None if kinds is None else kinds[1],
    )
    _refuse_unscored(outcome, marks.score or SCORE)
    notes = [f"{infinite:,} infinite scores are taken as none."] if infinite else []
    lost = int(np.count_nonzero(table.reading < 0))
    notes += [f"{lost:,} rows whose time cannot be read are left out."] if lost else []
    notes += [f"{found.text}." for found in table.quality.findings if found.topic == "unlabelled"]
    return Read(outcome, anomaly is not None, told is not None, tuple(notes))


def _flags(table: Table, marks: Marks, score: FloatArray) -> tuple[FloatArray, BoolArray | None, BoolArray | None]:
    """Return the limit, what is flagged, and what was told; None where nobody says."""
    nowhere = np.full(len(score), np.nan)
    if marks.flag is not None:
        return nowhere, flags_in(table, marks.flag), None
    if marks.limit is not None:
        return np.full(len(score), marks.limit), score > marks.limit, None
    if marks.score not in (None, SCORE) or not written_by_tocsin(table.columns.columns):
        return nowhere, None, None
    limit = numbers_in(table, LIMIT, "limits")
    return limit, score > limit, named_in(table, INCIDENT)


def _labels(table: Table) -> BoolArray:
    if table.labels is None:
        raise InputError("The table has no labels.", remedy="Name the label column with --label.")
    if table.labels.all() or not table.labels.any():
        alike = "anomalous" if table.labels.any() else "normal"
        raise InputError(
            f"All {len(table):,} readings are labelled {alike}, so nothing can be told apart.",
            remedy="Give labels of both kinds, or try faults on normal readings with: tocsin rehearse",
        )
    return np.array(table.labels)


def _refuse_self_praise(table: Table, marks: Marks) -> None:
    """A score judged against itself would look perfect."""
    label, names = table.layout.label, table.columns.columns
    if label is not None and label in written_by_tocsin(names):
        raise InputError(
            f"Column {label!r} was written by tocsin: it is what is to be judged, not the truth.",
            remedy="Name the column that somebody labelled with --label.",
        )
    if label is not None and label in (marks.score or SCORE, marks.flag):
        raise InputError(
            f"Column {label!r} cannot be both the truth and what is judged against it.",
            remedy="Name another column with --label, --score or --flag.",
        )


def _refuse_unscored(outcome: Outcome, name: str) -> None:
    scored = outcome.scored
    if not scored.any():
        raise InputError(f"No reading has a score: column {name!r} is empty.", remedy="Score more readings.")
    seen = outcome.labels[scored]
    if seen.all() or not seen.any():
        alike = "anomalous" if seen.any() else "normal"
        raise InputError(
            f"All {len(seen):,} readings that have a score are labelled {alike}, so nothing can be told apart.",
            remedy="Score readings of both kinds.",
        )
