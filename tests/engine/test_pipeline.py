"""The pipeline: what each reading is told, and what a scorer makes of arrays and frames."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.conftest import BEGIN, MINUTE, calm, gathering, messy

from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import ArtifactError, InputError
from tocsin.core.readings import Readings
from tocsin.core.schema import Channel, Schema
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine.pipeline import Pipeline
from tocsin.engine.scorer import Scorer
from tocsin.graph.run import Runner

SCHEMA = Schema((Channel("a"), Channel("b")))


def readings(values: np.ndarray, minutes: np.ndarray | None = None) -> Readings:
    n = len(values)
    when = BEGIN + (np.arange(n) if minutes is None else minutes) * MINUTE
    return Readings(SCHEMA, np.zeros(n, np.int64), when.astype(np.int64), values, row=np.arange(n))


def fed(artifact: Artifact, given_readings: Readings) -> Verdicts:
    pipeline = Pipeline(artifact)
    pipeline.join(["pump"])
    return pipeline.push(given_readings)


def names(verdicts: Verdicts) -> list[str]:
    return [Status(code).name for code in verdicts.status]


def test_scores_are_those_of_the_graph_on_windows_cut_by_hand(artifact: Artifact) -> None:
    values = calm(60, seed=5)
    found = fed(artifact, readings(values))
    w = artifact.window
    windows = np.stack([values[k - w + 1 : k + 1] for k in range(w - 1, 60)]).astype(np.float32)
    np.testing.assert_array_equal(found.score[w - 1 :], Runner(artifact.graph)(windows).score)
    assert np.isnan(found.score[: w - 1]).all()
    assert names(found) == ["warming"] * (w - 1) + ["ok"] * (61 - w)


def test_shares_sum_to_the_score(artifact: Artifact) -> None:
    values = calm(60, seed=5)
    values[40:, 1] += 15
    found = fed(artifact, readings(values))
    told = np.asarray(~np.isnan(found.by_channel).any(axis=1))
    assert np.mean(told, where=found.anomaly) > 0.9
    assert found.anomaly.sum() >= 3
    np.testing.assert_allclose(np.sum(found.by_channel[told], axis=1), found.score[told], rtol=1e-5)
    assert found.by_channel[np.nanargmax(found.score)].argmax() == 1


def test_short_silences_are_bridged_and_long_ones_are_a_gap(zscore: Artifact) -> None:
    values = calm(60)
    values[30:33] = np.nan
    values[45:49] = np.nan
    found = names(fed(zscore, readings(values)))
    assert found[30:45] == ["ok"] * 15
    assert found[45:60] == ["ok"] * 3 + ["gap"] * 12


def test_a_pause_is_a_gap_and_a_longer_pause_starts_anew(zscore: Artifact) -> None:
    hold, window = zscore.clock.hold, zscore.window
    for missed, expected in ((hold, "ok"), (hold + 1, "gap"), (hold + window, "gap"), (hold + window + 1, "warming")):
        minutes = np.arange(60) + np.where(np.arange(60) >= 30, missed, 0)
        found = names(fed(zscore, readings(calm(60), minutes)))
        assert set(found[30 : 30 + window - 1]) == {expected}, missed
        assert set(found[30 + window - 1 :]) == {"ok"}


def test_late_and_repeated_readings_are_counted_and_not_used(zscore: Artifact) -> None:
    minutes = np.arange(40)
    minutes[20], minutes[25] = 5, 24
    values = calm(40)
    found = fed(zscore, readings(values, minutes))
    assert [k for k, name in enumerate(names(found)) if name == "late"] == [20, 25]
    kept = np.delete(np.arange(40), [20, 25])
    without = fed(zscore, readings(values[kept], minutes[kept]))
    np.testing.assert_array_equal(np.delete(found.score, [20, 25]), without.score)


def test_the_verdict_at_a_time_does_not_depend_on_what_comes_later(artifact: Artifact) -> None:
    whole = messy(200, devices=1)
    changed = whole.values.copy()
    changed[150:] = 1e6
    later = Readings(SCHEMA, whole.device, whole.time, changed, row=whole.row)
    one, other = (fed(gathering(artifact), r) for r in (whole, later))
    first = np.flatnonzero(one.time < np.sort(whole.time[150:])[1] - 2 * MINUTE)
    assert len(first) > 50
    np.testing.assert_array_equal(one.score[first], other.score[first])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 600), max_size=6), st.booleans())
def test_any_cuts_give_the_same_verdicts_and_incidents(zscore: Artifact, cuts: list[int], aligned: bool) -> None:
    own, all_readings, devices = gathering(zscore) if aligned else zscore, messy(), ("one", "two", "late")
    whole = Scorer(own).run(all_readings, devices)
    pipeline = Pipeline(own)
    pipeline.join(devices)
    borders = [0, *sorted(cuts), len(all_readings)]
    parts = [pipeline.push(all_readings.take(slice(a, b))) for a, b in pairwise(borders)]
    cut = Verdicts.join([*parts, pipeline.flush()])
    order = [np.lexsort((v.row, v.status, v.time, v.device)) for v in (whole, cut)]
    for name in ("time", "score", "limit", "status", "by_channel", "incident", "row"):
        one, other = (getattr(v, name)[o] for v, o in zip((whole, cut), order, strict=True))
        np.testing.assert_array_equal(one, other)
    assert sorted(map(repr, whole.events)) == sorted(map(repr, cut.events))


def test_on_a_grid_every_row_takes_the_verdict_of_the_bin_that_holds_it(zscore: Artifact) -> None:
    seconds = np.arange(0, 3000, 20)
    values = calm(len(seconds))
    frame = pl.DataFrame(
        {"time": np.datetime64(BEGIN, "ns") + seconds.astype("timedelta64[s]"), "a": values[:, 0], "b": values[:, 1]}
    )
    scored = Scorer(gathering(zscore)).score(frame)
    end = ((BEGIN // 10**9 + scored["time"].dt.epoch("s") - BEGIN // 10**9 + 59) // 60).to_numpy()
    for minute in np.unique(end):
        assert scored["score"].to_numpy()[end == minute].tolist().count(
            scored["score"].to_numpy()[end == minute][0]
        ) in (
            0,
            (end == minute).sum(),
        )
    last_of_bin = np.flatnonzero(np.append(end[1:] != end[:-1], True))
    alone = fed(zscore, readings(values[last_of_bin]))
    np.testing.assert_array_equal(scored["score"].to_numpy()[last_of_bin], alone.score)


def test_a_frame_comes_back_in_its_own_kind(zscore: Artifact) -> None:
    values = calm(40)
    frame = pl.DataFrame(
        {
            "time": np.datetime64(BEGIN, "ns") + np.arange(40) * np.timedelta64(MINUTE, "ns"),
            "a": values[:, 0],
            "b": values[:, 1],
        }
    )
    added = ["score", "limit", "severity", "anomaly", "status", "cause", "incident_id"]
    for given_frame, kind in ((frame, pl.DataFrame), (frame.to_pandas(), pd.DataFrame), (frame.to_arrow(), pa.Table)):
        scored = Scorer(zscore).score(given_frame)
        assert isinstance(scored, kind)
        columns = scored.column_names if isinstance(scored, pa.Table) else list(scored.columns)
        assert columns == ["time", "a", "b", *added]


def test_an_array_of_another_width_is_refused(zscore: Artifact) -> None:
    with pytest.raises(InputError, match="scores 2 channels"):
        Scorer(zscore).score(np.zeros((5, 3)))


def test_an_array_gives_the_same_scores_as_a_frame(zscore: Artifact) -> None:
    values = calm(50)
    np.testing.assert_array_equal(Scorer(zscore).score(values).score, fed(zscore, readings(values)).score)


def test_readings_with_other_channels_are_refused(zscore: Artifact) -> None:
    with pytest.raises(InputError, match="in that order"):
        Pipeline(zscore).push(
            Readings(Schema((Channel("b"), Channel("a"))), *(np.zeros(0, np.int64),) * 2, np.zeros((0, 2)))
        )


def test_a_graph_for_other_windows_is_refused(zscore: Artifact) -> None:
    with pytest.raises(ArtifactError):
        Pipeline(replace(zscore, window=7))


def test_ten_thousand_devices_at_once_equal_one_device_alone(zscore: Artifact) -> None:
    series = calm(20)
    pipeline = Pipeline(zscore)
    pipeline.join([f"device {k}" for k in range(10_000)])
    alone = fed(zscore, readings(series))
    for k in range(20):
        device = np.arange(10_000)
        block = Readings(SCHEMA, device, np.full(10_000, BEGIN + k * MINUTE), np.tile(series[k], (10_000, 1)))
        found = pipeline.push(block)
        np.testing.assert_array_equal(found.score, np.full(10_000, alone.score[k]))


def test_a_snapshot_belongs_to_its_artifact(zscore: Artifact) -> None:
    pipeline = Pipeline(zscore)
    pipeline.join(["pump"])
    snapshot = pipeline.snapshot()
    other = Pipeline(replace(zscore, policy=replace(zscore.policy, raise_after=7)))
    with pytest.raises(ArtifactError, match="another artifact"):
        other.restore(snapshot)
    for broken in (b"", b"junk", snapshot[:-40], snapshot[: len(snapshot) // 2]):
        with pytest.raises(ArtifactError, match="damaged"):
            pipeline.restore(broken)


def test_devices_may_leave_and_their_places_are_used_again(zscore: Artifact) -> None:
    pipeline = Pipeline(zscore)
    pipeline.join(["one", "two", "three"])
    whole = messy()
    pipeline.push(whole)
    before = pipeline.snapshot()
    pipeline.leave(np.array([1]))
    assert pipeline.devices == ("one", "", "three")
    assert pipeline.admit(["four", "five"]).tolist() == [1, 3]
    assert [pipeline.name(place) for place in range(pipeline.places)] == ["one", "four", "three", "five"]
    again = replace(readings(calm(40)), device=np.ones(40, np.int64))
    np.testing.assert_array_equal(pipeline.push(again).score, fed(zscore, readings(calm(40))).score)
    pipeline.restore(before)
    assert pipeline.admit(["four"]).tolist() == [3]


def test_what_is_left_to_say_of_devices_that_leave_is_said_of_them_alone(zscore: Artifact) -> None:
    pipeline, own = Pipeline(gathering(zscore)), np.arange(80) % 2
    pipeline.join(["one", "two"])
    pipeline.push(replace(readings(calm(80), np.arange(80) // 2), device=own.astype(np.int64)))
    last = pipeline.flush(np.array([1]))
    assert set(last.device.tolist()) == {1}
    assert set(pipeline.flush().device.tolist()) == {0}
