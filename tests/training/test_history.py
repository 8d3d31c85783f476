"""Readings scored once: what the policy is shown is what any scorer makes of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import InputError
from tocsin.core.verdicts import Status
from tocsin.engine.scorer import Scorer
from tocsin.sources import Overrides, open_table
from tocsin.training.fit import train
from tocsin.training.history import score_history
from tocsin.training.recipe import Recipe

MINUTE = np.timedelta64(60, "s")
BEGIN = np.datetime64("2024-03-01", "ns")


def readings(n: int = 300, *, seed: int = 0, devices: tuple[str, ...] = ("p", "q")) -> pl.DataFrame:
    """Return readings of two pumps, mixed, with a gap, a spike that is labelled, and none in order of the device."""
    rng = np.random.default_rng(seed)
    frames = [
        pl.DataFrame(
            {
                "time": BEGIN + np.arange(n) * MINUTE,
                "pump": [name] * n,
                "flow": rng.normal(5, 1, n),
                "heat": rng.normal(60, 2, n),
                "anomaly": np.zeros(n, np.int64),
            }
        )
        for name in devices
    ]
    frames[0] = frames[0].with_columns(
        flow=pl.when(pl.int_range(n) == 200).then(30.0).otherwise("flow"),
        anomaly=(pl.int_range(n) == 200).cast(pl.Int64),
    )
    frames[-1] = frames[-1].filter((pl.int_range(n) < 100) | (pl.int_range(n) > 130))
    return pl.concat(frames).sort("time", "pump")


OVER = Overrides(label="anomaly", device="pump")


@pytest.fixture(scope="module")
def pumps() -> Artifact:
    return train(open_table(readings(seed=1), overrides=OVER), Recipe(detector="pca", window=6))


def test_what_is_kept_is_what_a_scorer_says(pumps: Artifact) -> None:
    table = open_table(readings(), overrides=OVER, expect=pumps.layout)
    history, bins = score_history(pumps, table), Scorer(pumps).judge(table.in_time_order()).bins
    order = np.lexsort((bins.time, bins.device))
    for name in ("score", "limit", "time", "by_channel"):
        np.testing.assert_array_equal(getattr(history.judged, name), getattr(bins, name)[order])
    np.testing.assert_array_equal(history.device, bins.device[order])
    np.testing.assert_array_equal(history.scored, bins.status[order] == Status.ok)
    assert history.names == ("p", "q")
    assert history.devices == 2
    assert (history.period_ns, history.row_clock) == (60 * 10**9, False)


def test_windows_that_hold_a_labelled_reading_are_not_normal(pumps: Artifact) -> None:
    history = score_history(pumps, open_table(readings(), overrides=OVER, expect=pumps.layout))
    assert history.labelled is not None
    assert np.flatnonzero(history.labelled).tolist() == [200]
    assert np.flatnonzero(history.tainted).tolist() == [*range(200, 206)]
    assert not history.normal[200:206].any()
    assert not history.normal[:5].any()  # the window is not full
    assert history.normal[5:200].all()


def test_labels_of_readings_reach_the_bins_that_hold_them() -> None:
    fast = readings().with_columns(time=pl.col("time") + pl.duration(seconds=20))
    gathering = train(open_table(readings(seed=1), overrides=OVER), Recipe(detector="pca", window=6, clock="on"))
    history = score_history(gathering, open_table(fast, overrides=OVER, expect=gathering.layout))
    assert history.labelled is not None
    (place,) = np.flatnonzero(history.labelled)
    assert history.judged.time[place] == (BEGIN + 201 * MINUTE).astype(np.int64)
    assert history.names[history.device[place]] == "p"


def test_rows_stand_for_periods_where_only_the_artifact_knows_times(pumps: Artifact) -> None:
    rows = readings(devices=("p",)).drop("time")
    counted = replace(OVER, time_format="row")
    history = score_history(pumps, open_table(rows, overrides=counted, expect=pumps.layout))
    assert np.diff(history.judged.time).tolist() == [60 * 10**9] * (len(history) - 1)


def test_without_a_time_that_can_be_read_there_is_no_history(pumps: Artifact) -> None:
    table = open_table(readings(), overrides=OVER, expect=pumps.layout)
    with pytest.raises(InputError, match="No reading has a time"):
        score_history(pumps, table.only(np.zeros(len(table), np.bool_)))
