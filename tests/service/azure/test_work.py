"""The work behind the routes, done here and now: a file for each variable, parts of a batch, variables not learned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tocsin.service.azure.asked import AlignPolicy, BatchOrder, TrainingOrder
from tocsin.service.azure.errors import CodedError
from tocsin.service.azure.work import OUTCOME, RESULT, judge_batch, train_model

START, SPLIT, END = "2026-03-01T00:00:00Z", "2026-03-01T12:00:00Z", "2026-03-01T16:39:00Z"


def plant(rows: int = 1000) -> pl.DataFrame:
    """Return two variables, a minute apart; ``temp`` jumps near the end."""
    rng, row = np.random.default_rng(3), np.arange(rows)
    time = np.datetime_as_string(np.datetime64("2026-03-01T00:00:00") + row.astype("timedelta64[m]"))
    temp = np.sin(row / 40) * 5 + rng.normal(0, 0.1, rows)
    temp[-20:-10] += 30
    return pl.DataFrame(
        {"timestamp": [f"{one}Z" for one in time.tolist()], "flow": rng.normal(2, 0.1, rows), "temp": temp}
    )


def written(table: pl.DataFrame, place: Path) -> Path:
    """Write a table as a file for each variable."""
    place.mkdir()
    for name in table.columns[1:]:
        table.select("timestamp", value=name).write_csv(place / f"{name}.csv")
    return place


def trained(place: Path, folder: Path, **changes: Any) -> Path:
    order = {"dataSource": "x", "startTime": START, "endTime": SPLIT, "slidingWindow": 28, "detector": "pca"} | changes
    folder.mkdir()
    done = train_model(
        order=TrainingOrder.model_validate(order).model_dump_json(by_alias=True),
        place=str(place),
        folder=str(folder),
        registry=str(folder / "artifacts"),
        name="plant",
        by="ada",
        most_rows=100_000,
    )
    assert done == {"artifact": "plant", "version": 1}
    return folder / "artifacts" / "plant" / "active.tocsin"


def judged(place: Path, artifact: Path, folder: Path, **changes: Any) -> list[dict[str, Any]]:
    order = {"dataSource": "x", "startTime": START, "endTime": END, "topContributorCount": 2}
    judge_batch(
        order=BatchOrder.model_validate(order | changes).model_dump_json(by_alias=True),
        place=str(place),
        folder=str(folder),
        artifact=str(artifact),
        policy=AlignPolicy().model_dump_json(by_alias=True),
        schema="MultiTable" if place.is_dir() else "OneTable",
        most_rows=100_000,
    )
    rows: list[dict[str, Any]] = json.loads((folder / RESULT).read_text("utf-8"))
    return rows


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("readings") / "plant.csv"
    plant().write_csv(path)
    return path


@pytest.fixture(scope="module")
def artifact(one: Path) -> Path:
    return trained(one, one.parent / "model")


def test_a_file_for_each_variable_says_the_same(one: Path, artifact: Path, tmp_path: Path) -> None:
    many = written(plant(), tmp_path / "many")
    other = trained(many, tmp_path / "model", dataSchema="MultiTable")
    first, second = judged(one, artifact, tmp_path), judged(many, other, tmp_path)
    assert first == second
    assert sum(row["value"]["isAnomaly"] for row in first[27:]) >= 10


def test_a_part_of_a_batch_has_the_same_verdicts(one: Path, artifact: Path, tmp_path: Path) -> None:
    whole = judged(one, artifact, tmp_path)
    part = judged(one, artifact, tmp_path, startTime=SPLIT, endTime="2026-03-01T13:00:00Z")
    assert part == whole[720:781]
    assert judged(one, artifact, tmp_path, startTime=SPLIT, endTime=SPLIT) == whole[720:721]


def test_values_that_are_missing_are_filled_and_counted(one: Path, artifact: Path, tmp_path: Path) -> None:
    holes = plant().with_columns(flow=pl.when(pl.int_range(pl.len()) % 10 > 0).then("flow"))
    holes.write_csv(tmp_path / "holes.csv")
    rows = judged(tmp_path / "holes.csv", artifact, tmp_path)
    outcome = json.loads((tmp_path / OUTCOME).read_text("utf-8"))
    assert all("value" in row for row in rows[27:])
    assert outcome["variableStates"][0]["variable"] == "flow"
    assert outcome["variableStates"][0]["filledNARatio"] == pytest.approx(0.1)
    assert outcome["variableStates"][0]["effectiveCount"] == 900
    assert outcome["variableStates"][0]["firstTimestamp"] == "2026-03-01T00:01:00Z"
    assert len(judged(one, artifact, tmp_path)) == len(rows)


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        (pl.exclude("flow"), "FileNotExist", "flow"),
        ([pl.all(), pl.col("flow").alias("volts")], "RedundantFile", "volts"),
    ],
)
def test_variables_that_are_not_those_learned(
    artifact: Path, tmp_path: Path, change: Any, code: str, named: str
) -> None:
    plant().select(change).write_csv(tmp_path / "other.csv")
    with pytest.raises(CodedError, match=named) as told:
        judged(tmp_path / "other.csv", artifact, tmp_path)
    assert told.value.code == code
    assert json.loads((tmp_path / OUTCOME).read_text("utf-8"))["errors"] == [told.value.body()]


def test_too_much_is_refused(one: Path, tmp_path: Path) -> None:
    order = TrainingOrder.model_validate({"dataSource": "x", "startTime": START, "endTime": END})
    with pytest.raises(CodedError) as told:
        train_model(
            order=order.model_dump_json(by_alias=True),
            place=str(one),
            folder=str(tmp_path),
            registry=str(tmp_path / "artifacts"),
            name="plant",
            by="ada",
            most_rows=999,
        )
    assert told.value.code == "TooManyData"


@pytest.mark.slow
def test_losses_are_told_epoch_by_epoch(one: Path, tmp_path: Path) -> None:
    trained(one, tmp_path / "model", detector="autoencoder")
    state = json.loads((tmp_path / "model" / OUTCOME).read_text("utf-8"))["modelState"]
    assert state["epochIds"] == list(range(1, len(state["trainLosses"]) + 1))
    assert len(state["trainLosses"]) == len(state["validationLosses"]) > 1
    assert state["latenciesInSeconds"] == []
