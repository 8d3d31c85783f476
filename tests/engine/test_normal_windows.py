"""Windows cut from a table for exports: those that the pipeline scores, and no anomalous ones among them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import InputError
from tocsin.engine.normal_windows import normal_windows
from tocsin.engine.scorer import Scorer
from tocsin.graph.run import Runner
from tocsin.sources import Table, open_table

MINUTE = np.timedelta64(60, "s")


def _table(n: int = 200, *, devices: int = 1, anomalies: tuple[int, ...] = (), gap: int = 0) -> Table:
    rng = np.random.default_rng(0)
    rows = np.arange(n) + np.where(np.arange(n) >= n // 2, gap, 0)
    frame = pl.DataFrame(
        {
            "time": np.tile(np.datetime64("2024-01-01", "ns") + rows * MINUTE, devices),
            "machine": [f"m{k}" for k in range(devices) for _ in range(n)],
            "a": rng.normal(20, 1, n * devices),
            "b": rng.normal(50, 1, n * devices),
            "anomaly": np.tile(np.isin(np.arange(n), anomalies).astype(int), devices),
        }
    )
    return open_table(frame)


def test_they_are_the_windows_that_the_pipeline_scores(zscore: Artifact) -> None:
    table = _table(devices=2, gap=30)
    windows = normal_windows(zscore, table)
    scored = Scorer(zscore).judge(table).verdicts.score
    assert np.array_equal(Runner(zscore.graph)(windows).score.astype(float), scored[np.isfinite(scored)])


def test_windows_that_hold_a_labelled_reading_are_left_out(zscore: Artifact) -> None:
    # a window of 12: of 200 readings 189 end one, and a labelled reading lies in 12 of them
    assert len(normal_windows(zscore, _table())) == 189
    assert len(normal_windows(zscore, _table(anomalies=(100,)))) == 177


def test_no_more_than_wanted_spread_over_all(zscore: Artifact) -> None:
    whole, some = normal_windows(zscore, _table()), normal_windows(zscore, _table(), most=3)
    assert np.array_equal(some, whole[[0, 94, 188]])


def test_too_few_readings_are_refused(zscore: Artifact) -> None:
    with pytest.raises(InputError, match="No complete normal window of 12 readings lies in 5 readings"):
        normal_windows(zscore, _table(5))


def test_other_channels_are_refused(zscore: Artifact) -> None:
    table = _table()
    turned = replace(table.readings.schema, channels=table.readings.schema.channels[::-1])
    with pytest.raises(InputError, match=r"channels are b, a"):
        normal_windows(zscore, replace(table, readings=replace(table.readings, schema=turned)))
