"""The policy at work in the pipeline, the artifact and the table of incidents, with everything switched on."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.alerting.conftest import policies
from tests.engine.conftest import BEGIN, MINUTE, calm, gathering, make_artifact, messy

from tocsin.alerting.policy import Policy
from tocsin.alerting.settings import adjusted
from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import ArtifactError
from tocsin.core.verdicts import Verdicts
from tocsin.engine.pipeline import Pipeline
from tocsin.engine.reporting import settings_of
from tocsin.engine.scorer import Scorer
from tocsin.engine.verify import verify
from tocsin.sources import open_table

DEVICES = ("pump-1", "pump-2", "fan")


def with_alarm(artifact: Artifact, alarm: dict[str, object]) -> Artifact:
    policy = adjusted(
        Policy(2, usual=tuple(artifact.reference.tolist())),
        alarm,
        schema=artifact.schema,
        window=artifact.window,
        period_ns=artifact.clock.period_ns,
        row_clock=False,
    )
    return replace(artifact, policy=policy)


EVERYTHING: dict[str, object] = {
    "raise_after": "2min",
    "release_after": 2,
    "cooldown": "1min",
    "merge_within": "20min",
    "together": "30min",
    "grades": [1.2, 2.0],
    "quiet": "00:30-01:00 Europe/Berlin",
    "maintenance": ["2023-11-15T03:00Z/2023-11-15T03:30Z pump-*"],
    "channel": {"a": "high, least 0.5", "b": "expected 40..58, raise_after 1"},
    "device": {"pump-2": {"limit_factor": 0.7, "channel": {"a": "expected ..24"}}, "f*": {"raise_after": 1}},
}


def sliced(artifact: Artifact, cuts: list[int]) -> Verdicts:
    readings = messy()
    pipeline, parts = Pipeline(artifact), []
    pipeline.join(DEVICES[:1])
    pipeline.join(DEVICES)
    for a, b in pairwise([0, *sorted(cuts), len(readings)]):
        parts.append(pipeline.push(readings.take(slice(a, b))))
        snapshot, pipeline = pipeline.snapshot(), Pipeline(artifact)
        pipeline.restore(snapshot)
    return Verdicts.join([*parts, pipeline.flush()])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 1200), max_size=5), st.none() | policies, st.booleans())
def test_any_cuts_give_the_same_incidents_under_any_policy(
    zscore: Artifact, cuts: list[int], policy: Policy | None, aligned: bool
) -> None:
    own = with_alarm(zscore, EVERYTHING) if policy is None else replace(zscore, policy=policy)
    own = gathering(own) if aligned else own
    whole, cut = Scorer(own).run(messy(), DEVICES), sliced(own, cuts)
    assert sorted(map(repr, whole.events)) == sorted(map(repr, cut.events))
    order = [np.lexsort((v.row, v.status, v.time, v.device)) for v in (whole, cut)]
    np.testing.assert_array_equal(whole.incident[order[0]], cut.incident[order[1]])


def test_with_everything_on_verify_finds_nothing(zscore: Artifact) -> None:
    own = with_alarm(zscore, EVERYTHING)
    assert Scorer(own).run(messy(), DEVICES).events
    assert [check.difference for check in verify(own, messy(), DEVICES)] == [""] * 5


def test_a_policy_is_sealed_and_read_again(zscore: Artifact, tmp_path: Path) -> None:
    own = with_alarm(zscore, EVERYTHING)
    bundle.save(own, tmp_path / "own.tocsin")
    assert bundle.load(tmp_path / "own.tocsin").policy == own.policy


@pytest.fixture(scope="module")
def forest() -> Artifact:
    return make_artifact("isolation_forest")


def faulty(n: int = 300) -> pl.DataFrame:
    """Return three devices of which two fail a minute apart, at night, and one of these again at noon."""
    frames = []
    for device, at in (("pump-1", (100, 200)), ("pump-2", (101,)), ("fan", ())):
        values = calm(n, seed=len(device))
        for start in at:
            values[start : start + 8, 0] += 15
        time = np.datetime64(BEGIN, "ns") + np.arange(n) * np.timedelta64(MINUTE, "ns")
        frames.append(pl.DataFrame({"time": time, "device": [device] * n, "a": values[:, 0], "b": values[:, 1]}))
    return pl.concat(frames).sort("time", maintain_order=True)


def columns(artifact: Artifact) -> pl.DataFrame:
    return pl.DataFrame(Scorer(artifact).judge(open_table(faulty())).incident_columns())


def test_devices_that_ring_together_are_a_group_named_by_its_first_incident(forest: Artifact) -> None:
    found = columns(with_alarm(forest, {"together": "5min"}))
    first, second, third = found["incident_id"].to_list()
    assert found["device"].to_list() == ["pump-1", "pump-2", "pump-1"]
    assert found["group"].to_list() == [first, first, third]
    assert second != first
    assert set(columns(forest)["group"]) == {""}


def test_incidents_held_back_stand_in_the_table_and_are_not_among_those_told(forest: Artifact) -> None:
    night = np.datetime_as_string(np.datetime64(BEGIN + 90 * MINUTE, "ns"), unit="m")[-5:]
    morning = np.datetime_as_string(np.datetime64(BEGIN + 150 * MINUTE, "ns"), unit="m")[-5:]
    own = with_alarm(forest, {"quiet": f"{night}-{morning}", "together": "1h"})
    scored = Scorer(own).judge(open_table(faulty()))
    assert (len(scored.incidents), len(scored.held)) == (1, 2)
    table = pl.DataFrame(scored.incident_columns())
    assert table["state"].to_list() == ["held", "held", "closed"]
    assert table["group"].to_list() == ["", "", table["incident_id"][2]]
    assert (scored.verdicts.anomaly & ~scored.verdicts.told).sum() > 5  # verdicts are kept


def test_grades_have_the_bounds_that_were_asked_for(forest: Artifact) -> None:
    severity = columns(with_alarm(forest, {}))["severity"].to_list()
    own = with_alarm(forest, {"grades": [min(severity) + 1e-6, max(severity)]})
    by_size = dict(zip(columns(own)["severity"].to_list(), columns(own)["grade"].to_list(), strict=True))
    assert (by_size[min(severity)], by_size[max(severity)]) == ("minor", "critical")


def test_a_value_outside_its_range_is_told_as_the_cause(forest: Artifact) -> None:
    found = columns(with_alarm(forest, {"channel": {"a": "expected ..30", "b": "mute"}}))
    assert found["cause"].to_list() == ["a 100 %; outside the expected range"] * 3


def test_what_was_asked_of_the_alarm_is_told_in_words(zscore: Artifact) -> None:
    told = settings_of(with_alarm(zscore, EVERYTHING))
    assert told["raise after"] == "2min in a row"
    assert told["of b"] == "between 40 and 58, after 1 window in a row"
    assert told["of pump-2"] == "limit × 0.7; of a: at most 24"


def test_a_snapshot_belongs_to_the_calendar_too(zscore: Artifact) -> None:
    pipeline = Pipeline(zscore)
    pipeline.join(["pump"])
    with pytest.raises(ArtifactError, match="another artifact"):
        Pipeline(with_alarm(zscore, {"quiet": "Sat"})).restore(pipeline.snapshot())
