"""Replaying the policy over scores at hand tells the very incidents that scoring anew would tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.alerting.device_rule import DeviceRule
from tocsin.alerting.policy import Policy
from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import FloatArray, IntArray
from tocsin.engine.scorer import Scorer
from tocsin.sources import Table, open_table
from tocsin.thresholds._constant import ConstantLimit
from tocsin.training.fit import train
from tocsin.training.history import score_history
from tocsin.training.recipe import Recipe
from tocsin.training.ringing import Seen, ringing
from tocsin.training.simulate.environment import Environment


@pytest.fixture(scope="module")
def table() -> Table:
    return open_table(Environment(rows=1200, devices=3, anomaly_share=0.1).table())


@pytest.fixture(scope="module")
def artifact(table: Table) -> Artifact:
    return train(table, Recipe(detector="pca", threshold="percentile:95"))


def seen(score: FloatArray, *, device: IntArray | None = None) -> Seen:
    nobody = np.zeros((len(score), 0), np.float32)
    owner = np.zeros(len(score), np.int64) if device is None else device
    return Seen(score, np.arange(1, len(score) + 1), owner, nobody, nobody, nobody)


@pytest.mark.parametrize("raise_after", [1, 3, 6])
@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_it_opens_where_scoring_anew_would(table: Table, artifact: Artifact, factor: float, raise_after: int) -> None:
    own = artifact.calibration
    assert isinstance(own.limits, ConstantLimit)
    limit = factor * own.limits.limit
    other = replace(
        artifact,
        calibration=replace(own, limits=ConstantLimit(limit)),
        policy=replace(artifact.policy, raise_after=raise_after),
    )
    told = {(incident.device, incident.start) for incident in Scorer(other).judge(table).incidents}
    history = score_history(artifact, table)
    shown, kept = history.judged, history.scored
    replayed = Seen(
        shown.score[kept],
        shown.time[kept],
        history.device[kept],
        shown.by_channel[kept],
        shown.values[kept],
        shown.expected[kept],
    )
    places = ringing(artifact.policy, replayed, history.names)(limit, raise_after)
    assert told
    assert {(int(replayed.device[k]), int(replayed.time[k])) for k in places} == told


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.1, 0.9), st.integers(1, 3))
def test_without_hysteresis_every_long_enough_run_rings(scores: list[float], limit: float, raise_after: int) -> None:
    runs, start = [], None
    for place, score in enumerate([*scores, 0.0]):
        if score > limit:
            start = place if start is None else start
        elif start is not None:
            runs += [start] if place - start >= raise_after else []
            start = None
    policy = Policy(1, release_after=1, release_below=1.0)
    assert ringing(policy, seen(np.array(scores)))(limit, raise_after).tolist() == runs


def test_hysteresis_and_cooldown_make_one_alarm_of_several() -> None:
    score = np.array([9.0, 1, 9, 1, 1, 1, 9, 1, 1, 1])
    assert ringing(Policy(1, release_after=1), seen(score))(5.0, 1).tolist() == [0, 2, 6]
    assert ringing(Policy(1, release_after=3), seen(score))(5.0, 1).tolist() == [0, 6]
    assert ringing(Policy(1, release_after=3, cooldown=9), seen(score))(5.0, 1).tolist() == [0]


def test_devices_have_nothing_to_do_with_each_other() -> None:
    score, device = np.array([9.0, 9, 1, 9, 9, 9]), np.array([0, 0, 1, 1, 2, 2])
    assert ringing(Policy(1), seen(score, device=device))(5.0, 2).tolist() == [0, 4]


def test_where_windows_were_left_out_nothing_goes_on() -> None:
    whole = seen(np.full(6, 9.0))
    cut = replace(whole, fresh=np.array([False, False, False, True, False, False]))
    assert ringing(Policy(1), whole)(5.0, 3).tolist() == [0]
    assert ringing(Policy(1), cut)(5.0, 3).tolist() == [0, 3]
    assert not len(ringing(Policy(1), cut)(5.0, 4))


@pytest.mark.parametrize(("patience", "places"), [(4, [0, 4]), (5, [4])])
def test_rules_about_a_device_hold_for_it_alone(patience: int, places: list[int]) -> None:
    score, device = np.full(8, 9.0), np.repeat([0, 1], 4)
    policy = Policy(1, devices=(DeviceRule(pattern="pump-*", raise_after=patience),))
    assert ringing(policy, seen(score, device=device), ("pump-1", "fan-1"))(5.0, 2).tolist() == places


def test_a_limit_is_not_found_while_nobody_listens() -> None:
    score = np.random.default_rng(0).exponential(size=200)
    usual = ringing(Policy(1), seen(score))(1.0, 1)
    assert len(usual) > 10
    for unheard in (
        Policy(1, quiet=("00:00-24:00 UTC",)),
        Policy(1, maintenance=("1970-01-01T00:00Z/1970-01-02T00:00Z",)),
    ):
        np.testing.assert_array_equal(ringing(unheard, seen(score))(1.0, 1), usual)
