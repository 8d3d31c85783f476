"""``tocsin gather``: the tables of an asset side by side, its labels, and what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture
def pump(tmp_path: Path) -> Path:
    """A pump as Lookout for Equipment took it: a folder for each component, a sensor that says nothing among them."""
    place = tmp_path / "pump"
    (place / "motor").mkdir(parents=True)
    (place / "valve").mkdir()
    (place / "motor" / "a.csv").write_text(
        "Timestamp,speed,amps\n2026-03-01 00:00:00,10,1\n2026-03-01 00:05:00,11,\n2026-03-01 00:10:00,12,oops\n",
        "utf-8",
    )
    (place / "motor" / "b.csv").write_text(
        "Timestamp,speed,amps\n2026-03-01 00:10:00,13,3\n2026-03-20 00:00:00,14,4\nnever,15,5\n", "utf-8"
    )
    (place / "valve" / "v.csv").write_text(
        "Timestamp,position,spare\n2026-03-01 00:00:00,0.5,\n2026-03-01 00:07:30,0.6,\n", "utf-8"
    )
    return place


def test_side_by_side_in_order_of_time(shell: Shell, pump: Path, tmp_path: Path) -> None:
    code, out, err = shell("gather", pump, "-o", "pump.csv")
    assert code == 0
    assert "5 readings of 3 sensors." in out
    assert "spare says nothing, and is left out." in err
    assert (tmp_path / "pump.csv").read_text("utf-8").splitlines() == [
        "timestamp,motor\\speed,motor\\amps,valve\\position",
        "2026-03-01T00:00:00Z,10.0,1.0,0.5",
        "2026-03-01T00:05:00Z,11.0,,",
        "2026-03-01T00:07:30Z,,,0.6",
        "2026-03-01T00:10:00Z,13.0,3.0,",
        "2026-03-20T00:00:00Z,14.0,4.0,",
    ]


@pytest.mark.parametrize("head", ["", "start,end,fault code\n"])
def test_periods_become_labels(shell: Shell, pump: Path, tmp_path: Path, head: str) -> None:
    (tmp_path / "labels.csv").write_text(
        f"{head}2026-03-01T00:05:00,2026-03-01T00:10:00,E7\n2026-04-01T00:00:00,2026-04-02T00:00:00,E8\n", "utf-8"
    )
    code, out, _ = shell("gather", pump, "-o", "pump.csv", "--labels", "labels.csv")
    assert code == 0
    assert "2 periods labelled" in out
    assert pl.read_csv(tmp_path / "pump.csv")["label"].to_list() == [0, 1, 1, 1, 0]


def test_what_is_wrong_is_counted_as_lookout_did(shell: Shell, pump: Path, tmp_path: Path) -> None:
    assert shell("gather", pump, "--quality", "quality.json")[0] == 0
    found = json.loads((tmp_path / "quality.json").read_text("utf-8"))
    assert found["DataQualitySummary"] == {
        "InsufficientSensorData": {
            "MissingCompleteSensorData": {"AffectedSensorCount": 1},
            "SensorsWithShortDateRange": {"AffectedSensorCount": 1},
        },
        "MissingSensorData": {"AffectedSensorCount": 2, "TotalNumberOfMissingValues": 3},
        "InvalidSensorData": {"AffectedSensorCount": 1, "TotalNumberOfInvalidValues": 1},
        "UnsupportedTimestamps": {"TotalNumberOfUnsupportedTimestamps": 2},
        "DuplicateTimestamps": {"TotalNumberOfDuplicateTimestamps": 2},
    }
    each: dict[str, dict[str, Any]] = {one["SensorName"]: one for one in found["SensorStatisticsSummaries"]}
    assert each["amps"] == {
        "ComponentName": "motor",
        "SensorName": "amps",
        "DataExists": True,
        "MissingValues": {"Count": 1, "Percentage": 16.66667},
        "InvalidValues": {"Count": 1, "Percentage": 16.66667},
        "InvalidDateEntries": {"Count": 1, "Percentage": 16.66667},
        "DuplicateTimestamps": {"Count": 1, "Percentage": 16.66667},
        "DataStartTime": "2026-03-01T00:00:00Z",
        "DataEndTime": "2026-03-20T00:00:00Z",
    }
    assert each["spare"]["DataExists"] is False
    assert "DataStartTime" not in each["spare"]


def test_gathered_columns_keep_their_names_in_lookouts_lines(shell: Shell, room: Path, tmp_path: Path) -> None:
    for component, names in (("air", ["temperature", "humidity"]), ("noise", ["loudness"])):
        (tmp_path / "room" / component).mkdir(parents=True)
        pl.read_csv(room).select("time", *names).write_csv(tmp_path / "room" / component / "all.csv")
    assert shell("gather", "room", "-o", "all.csv")[0] == 0
    assert shell("fit", "all.csv", "--detector", "rolling_zscore", "-o", "all.tocsin")[0] == 0
    assert shell("score", "all.tocsin", "all.csv", "-o", "lines", "--format", "lookout")[0] == 0
    first = json.loads((tmp_path / "lines").read_text("utf-8").splitlines()[0])
    names = [part["name"] for part in first["diagnostics"]]
    assert names == ["air\\temperature", "air\\humidity", "noise\\loudness"]


def test_one_table_stays_as_it_is(shell: Shell, room: Path, tmp_path: Path) -> None:
    assert shell("gather", room, "-o", "again.csv")[0] == 0
    found, given = pl.read_csv(tmp_path / "again.csv"), pl.read_csv(room)
    for name in ("temperature", "humidity", "light", "loudness", "air_quality"):
        assert found[name].to_list() == given[name].cast(pl.Float64).to_list()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-03-01T00:05:00\n", "without two times"),
        ("2026-03-02T00:00:00,2026-03-01T00:00:00\n2026-03-02T00:00:00,2026-03-03T00:00:00\n", "before the start"),
        ("2026-03-01T00:00:00,2026-03-02T00:00:00\n2026-03-03T00:00:00,later\n", "cannot be read"),
        ("2026-03-01T00:00:00,2026-03-02T00:00:00\n" * 30 + "2026-03-03T00:00:00,later\n", "line 31: one of"),
        ("some,words\n", "cannot be read"),
    ],
)
def test_periods_that_mean_nothing(shell: Shell, pump: Path, tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "labels.csv").write_text(text, "utf-8")
    code, _, err = shell("gather", pump, "--labels", "labels.csv")
    assert code == 2
    assert told in err


def test_a_folder_without_tables_and_tables_without_times(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no CSV or Parquet file" in shell("gather", "empty")[2]
    (tmp_path / "empty" / "x.csv").write_text("a,b\n1,2\n3,4\n", "utf-8")
    code, _, err = shell("gather", "empty")
    assert code == 2
    assert "time column" in err
    assert "Traceback" not in err
