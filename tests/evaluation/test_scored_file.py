"""Tables with scores, tocsin's and others', become outcomes; what would flatter or mislead is turned away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.core.errors import InputError, SettingError, TocsinError
from tocsin.evaluation.scored_file import Marks, Read, open_scored, read_outcome
from tocsin.sources import Overrides

LABELS = [0, 0, 1, 1, 0, 0, 1, 0]
SCORES = [0.1, 0.3, 0.9, 0.4, 0.6, 0.2, 0.8, 0.1]
Columns = Mapping[str, Sequence[object]]

WRITTEN: Columns = {
    "score": SCORES,
    "limit": [0.5] * 8,
    "severity": [2 * score for score in SCORES],
    "anomaly": [score > 0.5 for score in SCORES],
    "status": ["ok"] * 8,
    "cause": [""] * 8,
    "incident_id": ["", "", "", "a1b2", "a1b2", "", "", ""],
}


def read(folder: Path, columns: Columns, marks: Marks = Marks(), **settings: str) -> Read:  # noqa: B008  # frozen
    path = folder / "scored.csv"
    pl.DataFrame(dict(columns), strict=False).write_csv(path)
    return read_outcome(open_scored(path, overrides=Overrides(**settings), marks=marks), marks)  # type: ignore[arg-type]


def test_what_tocsin_wrote_is_known_again(tmp_path: Path) -> None:
    found = read(tmp_path, {"temp": [*range(8)], "label": LABELS, **WRITTEN})
    assert found.flagged
    assert found.policy
    assert found.outcome.labels.tolist() == [bool(label) for label in LABELS]
    assert found.outcome.score.tolist() == SCORES
    assert found.outcome.anomaly.tolist() == [score > 0.5 for score in SCORES]
    assert found.outcome.told.tolist() == [False] * 3 + [True] * 2 + [False] * 3
    assert found.outcome.limit.tolist() == [0.5] * 8


def test_a_label_called_anomaly_is_the_truth_where_the_verdict_stood_aside(tmp_path: Path) -> None:
    aside = {"tocsin_anomaly" if name == "anomaly" else name: column for name, column in WRITTEN.items()}
    found = read(tmp_path, {"temp": [*range(8)], "anomaly": LABELS, **aside})
    assert found.outcome.labels.tolist() == [bool(label) for label in LABELS]
    assert found.outcome.anomaly.tolist() == [score > 0.5 for score in SCORES]


def test_the_verdict_is_not_judged_against_itself(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'anomaly' was written by tocsin"):
        read(tmp_path, {"temp": [*range(8)], **WRITTEN}, label="anomaly")
    with pytest.raises(InputError, match="no labels"):
        read(tmp_path, {"temp": [*range(8)], **WRITTEN})
    with pytest.raises(InputError, match="cannot be both"):
        read(tmp_path, {"temp": [*range(8)], "label": LABELS}, Marks(score="label"))


def test_scores_alone_will_do(tmp_path: Path) -> None:
    found = read(tmp_path, {"score": SCORES, "label": LABELS})
    assert (found.flagged, found.policy) == (False, False)
    assert not found.outcome.anomaly.any()
    assert np.isnan(found.outcome.limit).all()


def test_flags_come_from_a_column_or_from_a_limit(tmp_path: Path) -> None:
    table: Columns = {"mine": SCORES, "hit": ["yes", "no", None, "YES", "no", "no", "no", "no"], "label": LABELS}
    by_column = read(tmp_path, table, Marks(score="mine", flag="hit"))
    assert np.flatnonzero(by_column.outcome.anomaly).tolist() == [0, 3]
    assert by_column.outcome.told.tolist() == by_column.outcome.anomaly.tolist()
    by_limit = read(tmp_path, table, Marks(score="mine", limit=0.6))
    assert np.flatnonzero(by_limit.outcome.anomaly).tolist() == [2, 6]
    again = read(tmp_path, {"temp": [*range(8)], "label": LABELS, **WRITTEN}, Marks(limit=0.85))
    assert np.flatnonzero(again.outcome.told).tolist() == [2]


def test_missing_and_infinite_scores_are_none(tmp_path: Path) -> None:
    found = read(tmp_path, {"score": [None, "NaN", 0.9, "inf", 0.6, 0.2, 0.8, 0.1], "label": LABELS})
    assert found.outcome.scored.tolist() == [False, False, True, False, True, True, True, True]
    assert not np.isinf(found.outcome.score).any()
    assert found.notes == ("1 infinite scores are taken as none.",)


def test_readings_are_taken_in_order_of_time_within_each_device(tmp_path: Path) -> None:
    table: dict[str, Sequence[object]] = {
        "time": [f"2024-01-01T00:{k:02d}:00Z" for k in (3, 2, 1, 0)] * 2 + ["never"],
        "device": ["a", "b"] * 4 + ["a"],
        "temp": [*range(9)],
        "score": [0.1 * k for k in range(9)],
        "label": [1, 0, 0, 0, 0, 0, 0, 1, 0],
    }
    found = read(tmp_path, table)
    assert found.outcome.device.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert (np.diff(found.outcome.time[:4]) >= 0).all()
    assert found.outcome.labels[found.outcome.score == 0].tolist() == [True]
    assert found.notes == ("1 rows whose time cannot be read are left out.",)


def test_the_decimal_sign_of_the_file_holds_for_scores(tmp_path: Path) -> None:
    path = tmp_path / "scored.csv"
    rows = [f"{k},5;{str(score).replace('.', ',')};{label}" for k, (score, label) in enumerate(zip(SCORES, LABELS))]  # noqa: B905  # of one length
    path.write_text("\n".join(["temp;score;label", *rows]), "utf-8")
    found = read_outcome(open_scored(path, overrides=Overrides(), marks=Marks()), Marks())
    assert found.outcome.score.tolist() == SCORES


def test_in_long_form_the_rows_of_a_reading_share_its_score(tmp_path: Path) -> None:
    twice = np.repeat(np.arange(8), 2).tolist()
    table: Columns = {
        "time": [f"2024-01-01T00:{k:02d}:00Z" for k in twice],
        "sensor": ["a", "b"] * 8,
        "value": [float(k) for k in range(16)],
        "label": [LABELS[k] for k in twice],
        **{name: [column[k] for k in twice] for name, column in WRITTEN.items()},
    }
    assert read(tmp_path, table).outcome.score.tolist() == SCORES


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"temp": SCORES, "label": LABELS}, "no column 'score'"),
        ({"score": SCORES, "temp": SCORES}, "no labels"),
        ({"score": SCORES, "label": [0] * 8}, "All 8 readings are labelled normal"),
        ({"score": SCORES, "label": [1] * 8}, "All 8 readings are labelled anomalous"),
        ({"score": ["high"] * 8, "label": LABELS}, "row 1 holds 'high'"),
        ({"score": [*SCORES[:7], "oops"], "label": LABELS}, "row 8 holds.*'oops'"),
        ({"score": [*SCORES[:7], "oops"], "temp": SCORES, "label": LABELS}, "row 8 holds.*'oops'"),
        ({"score": [None] * 8, "temp": SCORES, "label": LABELS}, "No reading has a score"),
        ({"score": [None if k else 0.5 for k in LABELS], "temp": SCORES, "label": LABELS}, "All 5 readings that have"),
    ],
)
def test_what_cannot_be_judged_is_said(tmp_path: Path, columns: Columns, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(tmp_path, columns)


def test_flags_must_be_flags(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Column 'size' should hold flags"):
        read(tmp_path, {"score": SCORES, "size": SCORES, "label": LABELS}, Marks(flag="size"))
    with pytest.raises(InputError, match="no column 'nope'"):
        read(tmp_path, {"score": SCORES, "label": LABELS}, Marks(flag="nope"))


def test_marks_that_cannot_work_are_refused() -> None:
    for wrong in ({"flag": "a", "limit": 1.0}, {"limit": float("nan")}):
        with pytest.raises(SettingError):
            Marks(**wrong)


def test_a_parquet_file_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "scored.parquet"
    pl.DataFrame({"temp": SCORES, "label": LABELS, "hit": [True, None, *[False] * 6], **WRITTEN}).write_parquet(path)
    table = open_scored(path, overrides=Overrides(), marks=Marks())
    assert read_outcome(table, Marks()).outcome.score.tolist() == SCORES
    assert np.flatnonzero(read_outcome(table, Marks(flag="hit")).outcome.anomaly).tolist() == [0]


def test_a_missing_file_is_an_error_for_people(tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match="There is no file"):
        open_scored(tmp_path / "nope.csv", overrides=Overrides(), marks=Marks())
