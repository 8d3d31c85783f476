"""The last reading of a window: how many it takes, and that missing values in it are filled as the model says."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tocsin.artifact.artifact import Artifact
from tocsin.service.azure.asked import AlignPolicy, LastOrder
from tocsin.service.azure.errors import CodedError
from tocsin.service.azure.last import judge_last
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe

WINDOW = 28


def meters(rows: int = 600) -> pl.DataFrame:
    """Return a counter and a temperature, a minute apart."""
    rng, time = (
        np.random.default_rng(1),
        np.datetime64("2026-03-01T00:00:00") + np.arange(rows).astype("timedelta64[m]"),
    )
    stamps = [f"{one}Z" for one in np.datetime_as_string(time).tolist()]
    counted = np.cumsum(rng.uniform(0.5, 1.5, rows)).round(2)
    return pl.DataFrame({"timestamp": stamps, "energy_kwh": counted, "temp": rng.normal(20, 1, rows)})


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    return fit(meters(), Recipe(detector="pca", window=WINDOW)).artifact


def asked(table: pl.DataFrame) -> LastOrder:
    times = table["timestamp"].to_list()
    lists = [{"variable": name, "timestamps": times, "values": table[name].to_list()} for name in table.columns[1:]]
    return LastOrder.model_validate({"variables": lists})


def test_a_counter_takes_one_reading_more(artifact: Artifact) -> None:
    assert artifact.kinds[0] == "counter"
    with pytest.raises(CodedError, match="is 28, and one more"):
        judge_last(artifact, asked(meters().tail(WINDOW)), AlignPolicy())
    found = judge_last(artifact, asked(meters().tail(WINDOW + 1)), AlignPolicy())
    assert found["results"][0]["value"]["isAnomaly"] is False
    assert found["results"][0]["timestamp"] == "2026-03-01T09:59:00Z"


def test_what_is_missing_is_filled_and_told(artifact: Artifact) -> None:
    holes = meters().tail(60).with_columns(temp=pl.when(pl.int_range(60) % 15 > 9).then(None).otherwise("temp"))
    found = judge_last(artifact, asked(holes), AlignPolicy())
    assert found["variableStates"][0] == {
        "variable": "temp",
        "filledNARatio": pytest.approx(1 / 3),
        "effectiveCount": 40,
        "firstTimestamp": "2026-03-01T09:00:00Z",
        "lastTimestamp": "2026-03-01T09:54:00Z",
    }
    assert found["results"][0]["errors"] == []


def test_what_may_not_be_filled_is_a_reason(artifact: Artifact) -> None:
    broken = (
        meters()
        .tail(60)
        .with_columns(
            timestamp=pl.when(pl.int_range(60) < 40)
            .then("timestamp")
            .otherwise(pl.col("timestamp").str.replace("2026-03-01", "2026-03-02"))
        )
    )
    found = judge_last(artifact, asked(broken), AlignPolicy())
    assert found["results"][0]["errors"][0]["code"] == "InsufficientHistoricalData"
    assert "value" not in found["results"][0]
