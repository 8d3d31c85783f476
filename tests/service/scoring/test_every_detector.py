"""Whatever detector learned, readings as JSON are scored bit for bit as a file of them, with times and without."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from pydantic_core import to_json

from tocsin.core.discover import names
from tocsin.engine.scorer import Scorer
from tocsin.service.scoring.asked import table_of
from tocsin.service.scoring.told import told
from tocsin.service.settings import Limits
from tocsin.sources import Overrides, open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe

CHANNELS = ("temp", "hum", "count")


def fleet(minutes: int, *, seed: int) -> pl.DataFrame:
    """Two devices with a counter, a fault, a missing value and a gap."""
    random, parts = np.random.default_rng(seed), []
    minute = np.arange(minutes) + 37 * (np.arange(minutes) > minutes // 2)
    bad = (np.arange(minutes) // 9) == minutes // 27
    for device in ("a", "b"):
        temp = 20 + np.sin(minute / 9) + random.normal(0, 0.2, minutes) + 8 * bad
        hum = 50 + np.cos(minute / 9) + random.normal(0, 0.3, minutes)
        hum[5] = np.nan
        count = np.cumsum(random.integers(1, 4, minutes)).astype(float)
        time = np.datetime64("2024-01-01", "ms") + minute * np.timedelta64(60, "s")
        own = {"time": time, "device": [device] * minutes, "temp": temp, "hum": hum, "count": count, "label": bad * 1}
        parts.append(pl.DataFrame(own).fill_nan(None))
    return pl.concat(parts).sort("time", "device")


def plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


@pytest.mark.slow
@pytest.mark.parametrize("detector", names("detectors"))
def test_json_is_scored_as_a_file_is(detector: str) -> None:
    learned, readings = fleet(260, seed=0), fleet(130, seed=1).drop("label")
    recipe = Recipe(detector=detector, window=10)
    if detector not in ("svm", "random_forest"):  # which learn from labels
        learned = learned.drop("label")
    artifact = train(open_table(learned), recipe)
    columns = {"device": readings["device"].to_list(), "values": {name: readings[name].to_list() for name in CHANNELS}}
    times = [f"{time}Z" for time in np.datetime_as_string(readings["time"].to_numpy()).tolist()]
    counted = Overrides(time_format="row", device="device")
    for sent, same in (
        ({**columns, "time": times}, open_table(readings, expect=artifact.layout)),
        (columns, open_table(readings.drop("time"), overrides=counted, expect=artifact.layout)),
    ):
        table = table_of(json.dumps(sent).encode(), artifact, limits=Limits())
        whole = told(Scorer(artifact).judge(table), name="room", version=1, shares=False)
        verdicts = json.loads(to_json(whole, inf_nan_mode="null"))["verdicts"]
        own = Scorer(artifact).judge(same).columns()
        for name in ("score", "limit", "severity", "status", "anomaly"):
            assert [verdict[name] for verdict in verdicts] == [plain(value) for value in own[name].tolist()], name
        assert any(verdict["score"] is not None for verdict in verdicts)
