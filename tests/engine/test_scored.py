"""What stands beside the input after scoring."""

from __future__ import annotations

import numpy as np
import polars as pl
from tests.engine.conftest import BEGIN, MINUTE, calm

from tocsin.artifact.artifact import Artifact
from tocsin.engine.reporting import recall_of
from tocsin.engine.scored import cause_text
from tocsin.engine.scorer import Scorer
from tocsin.sources import Overrides, open_table


def disordered(n: int = 60) -> pl.DataFrame:
    """Return readings whose second half stands first, with one event of ten rows."""
    values = calm(n)
    values[40:50, 0] += 9
    event = np.where((np.arange(n) >= 40) & (np.arange(n) < 50), "spike", "")
    frame = pl.DataFrame(
        {
            "time": np.datetime64(BEGIN, "ns") + np.arange(n) * np.timedelta64(MINUTE, "ns"),
            "a": values[:, 0],
            "b": values[:, 1],
            "label": (event != "").astype(np.int64),
            "event": event,
        }
    )
    return pl.concat([frame[30:], frame[:30]])


def test_in_time_order_the_rows_keep_their_place_and_nothing_is_late(zscore: Artifact) -> None:
    table = open_table(disordered(), expect=zscore.layout)
    as_it_stands = Scorer(zscore).judge(table).columns()
    assert (as_it_stands["status"] == "late").sum() == 30
    in_order = Scorer(zscore).judge(table.in_time_order()).columns()
    assert set(in_order["status"]) == {"warming", "ok"}
    straight = Scorer(zscore).judge(open_table(disordered().sort("time"), expect=zscore.layout)).columns()
    np.testing.assert_array_equal(np.roll(in_order["score"], 30), straight["score"])


def test_kinds_of_events_find_their_readings_in_any_order(zscore: Artifact) -> None:
    table = open_table(disordered(), expect=zscore.layout, overrides=Overrides(label="label"))
    found = recall_of(Scorer(zscore).judge(table.in_time_order()))
    assert found is not None
    assert [(row.kind, row.events, row.caught) for row in found] == [("spike", 1, 1)]


def test_a_row_whose_time_cannot_be_read_is_invalid_in_any_order(zscore: Artifact) -> None:
    frame = disordered().with_columns(pl.col("time").dt.strftime("%Y-%m-%d %H:%M:%S")).with_row_index()
    frame = frame.with_columns(time=pl.when(pl.col("index") == 7).then(pl.lit("soon")).otherwise("time")).drop("index")
    table = open_table(frame, expect=zscore.layout)
    for one in (table, table.in_time_order()):
        columns = Scorer(zscore).judge(one).columns(shares=True)
        assert columns["status"][7] == "invalid"
        assert np.isnan(columns["score"][7])
        assert np.isnan(columns["share_a"][7])
        assert not columns["anomaly"][7]


def test_a_cause_names_channels_until_most_is_told() -> None:
    assert cause_text((0.5, 0.3, 0.15, 0.05), ("a", "b", "c", "d")) == "a 50 %, b 30 %, c 15 %"
    assert cause_text((0.95, 0.05), ("a", "b")) == "a 95 %"
