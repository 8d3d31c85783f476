"""Scoring a table that has lost the time on which the artifact was trained."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.engine.conftest import calm

import tocsin
from tocsin.core.errors import InputError
from tocsin.engine.scorer import Scorer
from tocsin.sources import Overrides, open_table
from tocsin.training.recipe import Recipe

MINUTE = 60 * 10**9
START = 1_700_000_040 * 10**9
N = 400


def rows(n: int = N) -> pl.DataFrame:
    values = calm(n)
    values[n - 60 : n - 50, 0] += 9
    time = pl.from_epoch(pl.Series(START + np.arange(n) * MINUTE), "ns")
    return pl.DataFrame({"time": time, "a": values[:, 0], "b": values[:, 1]})


@pytest.fixture(scope="module", params=["off", "on"])
def scorer(request: pytest.FixtureRequest) -> Scorer:
    return tocsin.fit(rows().head(N - 100), Recipe(detector="rolling_zscore", clock=request.param))


@pytest.mark.parametrize("overrides", [Overrides(), Overrides(timezone="UTC"), Overrides(device="")])
def test_a_table_that_lost_its_time_is_refused(scorer: Scorer, overrides: Overrides) -> None:
    with pytest.raises(InputError, match="The time column 'time' that the artifact was trained on is not") as told:
        scorer.score(rows().drop("time"), overrides=overrides)
    assert "--time COLUMN" in told.value.remedy
    assert "--time-format row" in told.value.remedy


def test_a_time_of_another_name_is_found(scorer: Scorer) -> None:
    scored = scorer.score(rows().rename({"time": "stamp"}))
    assert scored["status"].to_list() == scorer.score(rows())["status"].to_list()


def test_counted_rows_are_a_period_apart(scorer: Scorer) -> None:
    by_time = scorer.score(rows())
    by_row = scorer.score(rows().drop("time"), overrides=Overrides(time_format="row"))
    for name in ("score", "status", "anomaly", "cause"):
        assert by_row[name].to_list() == pytest.approx(by_time[name].to_list(), nan_ok=True), name
    assert by_row["anomaly"].any()


def test_verdicts_of_counted_rows_are_stamped_in_rows(scorer: Scorer) -> None:
    table = open_table(rows().drop("time"), overrides=Overrides(time_format="row"), expect=scorer.artifact.layout)
    scored = scorer.judge(table)
    assert np.array_equal(scored.verdicts.time, np.arange(N))
    assert scored.incidents
    start, end = (scored.incident_columns()[name].astype(np.int64) for name in ("start", "end"))
    assert (start >= N - 60).all()
    assert (end < N).all()
    assert set(scored.verdicts.incident[scored.verdicts.told]) == set(start)
