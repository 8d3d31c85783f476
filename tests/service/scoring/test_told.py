"""What is answered says what scoring found, number for number, and in words that JSON knows."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from pydantic_core import to_json

from tocsin.artifact.artifact import Artifact
from tocsin.engine.scorer import Scorer
from tocsin.service.scoring.asked import table_of
from tocsin.service.scoring.told import told
from tocsin.service.settings import Limits
from tocsin.sources import Overrides, open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe

BEGIN = np.datetime64("2024-01-01", "ns")


def frame(rows: int, *, seed: int, fault: slice) -> pl.DataFrame:
    values = np.random.default_rng(seed).normal([20, 50], [1, 5], (rows, 2))
    values[fault, 0] += 30
    values[7, 1] = np.nan
    time = BEGIN + np.arange(rows) * np.timedelta64(60, "s")
    return pl.DataFrame({"time": time, "temperature": values[:, 0], "humidity": values[:, 1]}).fill_nan(None)


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    return train(
        open_table(frame(300, seed=0, fault=slice(0))), Recipe(detector="rolling_zscore", window=8, raise_after=1)
    )


def answered(artifact: Artifact, sent: dict[str, Any], *, shares: bool = False) -> dict[str, Any]:
    table = table_of(json.dumps(sent).encode(), artifact, limits=Limits())
    whole = told(Scorer(artifact).judge(table), name="room", version=3, shares=shares)
    found: dict[str, Any] = json.loads(to_json(whole, inf_nan_mode="null"))
    return found


def number(value: Any) -> float | None:
    return None if value is None or (isinstance(value, float) and not math.isfinite(value)) else value


def test_each_verdict_is_that_of_a_file_bit_for_bit(artifact: Artifact) -> None:
    table = frame(120, seed=1, fault=slice(60, 75))
    sent = {
        "time": [f"{text}Z" for text in np.datetime_as_string(table["time"].to_numpy()).tolist()],
        "values": {name: table[name].to_list() for name in ("temperature", "humidity")},
    }
    found, scored = answered(artifact, sent, shares=True), Scorer(artifact).score(table, shares=True)
    assert (found["artifact"], found["version"], found["row_clock"]) == ("room", 3, False)
    for verdict, row in zip(found["verdicts"], scored.iter_rows(named=True), strict=True):
        for name in ("score", "limit", "severity"):
            assert verdict[name] == number(row[name])
        for name in ("anomaly", "status"):
            assert verdict[name] == row[name]
        for name in ("cause", "incident_id"):
            assert verdict[name] == (row[name] or "")
        own = {name: number(row[f"share_{name}"]) for name in ("temperature", "humidity")}
        assert verdict["shares"] == (own if row["status"] == "ok" else None)
    assert sum(verdict["anomaly"] for verdict in found["verdicts"]) > 3
    incidents = Scorer(artifact).judge(open_table(table)).incident_columns()
    assert found["incidents"] == [
        dict(zip(incidents, row, strict=True)) for row in zip(*incidents.values(), strict=True)
    ]
    assert "2024-01-01T01:00:00Z" in [incident["start"] for incident in found["incidents"]]


def test_counted_readings_are_answered_by_their_numbers(artifact: Artifact) -> None:
    table = frame(120, seed=1, fault=slice(60, 75))
    values = {name: table[name].to_list() for name in ("temperature", "humidity")}
    found, plain = answered(artifact, {"values": values}), table.drop("time")
    scored = Scorer(artifact).judge(open_table(plain, overrides=Overrides(time_format="row"), expect=artifact.layout))
    assert found["row_clock"]
    assert [verdict["time"] for verdict in found["verdicts"]] == list(range(120))
    assert [number(score) for score in scored.verdicts.score.tolist()] == [v["score"] for v in found["verdicts"]]
    assert scored.incidents
    own = [(incident["start"], incident["incident_id"]) for incident in found["incidents"]]
    assert own == [(incident.start, scored.id_of(incident)) for incident in scored.incidents]


def test_nothing_wrong_is_an_empty_list(artifact: Artifact) -> None:
    found = answered(artifact, {"values": {"temperature": [20.0] * 3, "humidity": [50.0] * 3}})
    assert found["incidents"] == []
    assert [verdict["status"] for verdict in found["verdicts"]] == ["warming"] * 3
    assert "shares" not in found["verdicts"][0]
