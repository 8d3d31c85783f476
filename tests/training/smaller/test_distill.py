"""A student says what its teacher says, within its budget, far out too; and is an artifact like any other."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.core.errors import InputError, SettingError
from tocsin.engine.scorer import Scorer
from tocsin.engine.verify import verify
from tocsin.export.parameters import parameters
from tocsin.export.starting import starting_limit
from tocsin.graph.lint import lint
from tocsin.graph.run import Runner
from tocsin.sources import Table, open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe
from tocsin.training.smaller.distill import Distilled, distill
from tocsin.training.smaller.teaching import Teaching

BEGIN = np.datetime64("2024-03-01", "ns")
QUICK = Teaching(budget=3_000, windows=3_000, epochs=8, batch_size=64, learning_rate=5e-3)


def readings(n: int = 1500, *, seed: int = 0) -> pl.DataFrame:
    """Return a pump whose heat follows its flow, and whose valve points around."""
    rng = np.random.default_rng(seed)
    phase = np.arange(n) / 40 * 2 * np.pi
    flow = 5 + np.sin(phase) + rng.normal(0, 0.1, n)
    return pl.DataFrame(
        {
            "time": BEGIN + np.arange(n) * np.timedelta64(60, "s"),
            "flow": flow,
            "heat": 60 + 4 * flow + rng.normal(0, 0.3, n),
            "valve": (np.degrees(phase) + rng.normal(0, 5, n)) % 360,
        }
    )


@pytest.fixture(scope="session")
def pump() -> Table:
    return open_table(readings())


def taught(pump: Table, detector: str, teaching: Teaching = QUICK, **choices: object) -> tuple[Artifact, Distilled]:
    recipe = Recipe(detector=detector, window=8, kinds={"valve": "degrees"}, raise_after=2, **choices)  # type: ignore[arg-type]  # what a recipe takes
    teacher = train(pump, recipe)
    return teacher, distill(teacher, pump, teaching)


@pytest.fixture(scope="session")
def redrawn(pump: Table) -> tuple[Artifact, Distilled]:
    """An autoencoder, which tells shares and expectations, and its student."""
    return taught(pump, "autoencoder", settings={"hidden": (16, 4), "epochs": 8})


@cache
def runner_of(artifact: Artifact) -> Runner:
    return Runner(artifact.graph)


def normal(artifact: Artifact, seed: int = 5) -> Float32Array:
    """Return windows of readings that nobody has learned from."""
    values = readings(200, seed=seed).drop("time").to_numpy().astype(np.float32)
    return np.stack([values[k : k + artifact.window] for k in range(0, 190, 3)])


def test_the_student_gives_its_teachers_verdicts(redrawn: tuple[Artifact, Distilled]) -> None:
    _, made = redrawn
    assert made.likeness.calm > 0.97
    assert made.likeness.faulty > 0.9
    assert made.likeness.rank > 0.95


def test_it_tells_shares_and_expectations_where_the_teacher_does(redrawn: tuple[Artifact, Distilled]) -> None:
    teacher, made = redrawn
    windows = normal(teacher)
    told, said = Runner(teacher.graph)(windows), Runner(made.artifact.graph)(windows)
    assert said.by_channel is not None
    assert said.expected is not None
    assert told.expected is not None
    np.testing.assert_allclose(said.by_channel.sum(axis=1), said.score, rtol=1e-4)
    spread = windows[:, -1, :2].std(axis=0)
    assert (np.abs(said.expected - told.expected)[:, :2].mean(axis=0) < 0.5 * spread).all()


def test_the_budget_is_kept(redrawn: tuple[Artifact, Distilled]) -> None:
    _, made = redrawn
    assert 0.8 * QUICK.budget < made.parameters <= QUICK.budget
    assert made.parameters == parameters(made.artifact.graph)


def test_rule_and_policy_are_the_teachers_the_limit_its_own(redrawn: tuple[Artifact, Distilled]) -> None:
    teacher, made = redrawn
    assert made.artifact.calibration.threshold == teacher.calibration.threshold
    assert made.artifact.policy == teacher.policy
    assert starting_limit(made.artifact) != starting_limit(teacher)
    assert len(made.artifact.evidence) == len(teacher.evidence)
    own = made.artifact.provenance
    assert (own.detector, own.settings["teacher"]) == ("stats_small", "autoencoder")
    assert own.fingerprint == teacher.provenance.fingerprint


def test_its_graph_is_as_good_as_any(redrawn: tuple[Artifact, Distilled], pump: Table) -> None:
    _, made = redrawn
    assert lint(made.artifact.graph) == []
    scorer = Scorer(made.artifact)
    checks = verify(made.artifact, scorer.readings(pump).take(slice(200)), pump.devices)
    assert [check.name for check in checks if not check.passed] == []


@settings(max_examples=60, deadline=None)
@given(
    which=st.integers(0, 62),
    channel=st.integers(0, 1),
    push=st.sampled_from([-1, 1]).flatmap(lambda sign: st.floats(15, 1e6).map(lambda size: sign * size)),
    whole=st.booleans(),
)
def test_far_out_it_rings_wherever_the_teacher_does(
    redrawn: tuple[Artifact, Distilled], which: int, channel: int, push: float, whole: bool
) -> None:
    teacher, made = redrawn
    window = normal(teacher)[which][None].copy()
    unit = (0.7, 3.0)[channel]
    window[:, slice(None) if whole else slice(-1, None), channel] += np.float32(push * unit)
    if runner_of(teacher)(window).score[0] > starting_limit(teacher):
        assert runner_of(made.artifact)(window).score[0] > starting_limit(made.artifact)


def test_the_same_seed_gives_the_same_student(pump: Table) -> None:
    brief = replace(QUICK, windows=500, epochs=2)
    one, same = (taught(pump, "pca", brief)[1] for _ in range(2))
    assert one.artifact.graph == same.artifact.graph
    assert taught(pump, "pca", replace(brief, seed=1))[1].artifact.graph != one.artifact.graph


@pytest.mark.slow
def test_a_teacher_without_shares_has_a_student_without(pump: Table) -> None:
    teacher, made = taught(pump, "isolation_forest", replace(QUICK, windows=1500), settings={"trees": 20})
    runner = Runner(made.artifact.graph)
    assert not Runner(teacher.graph).attributes
    assert not runner.attributes
    assert len(made.artifact.examples)
    # scores of a forest lie between 0 and 1, most of them close together: the student's are as high
    told, said = (Runner(each.graph)(normal(teacher)).score for each in (teacher, made.artifact))
    assert np.abs(told - said).mean() < 0.1


def test_a_stated_limit_stays_as_it_was_stated(pump: Table) -> None:
    teacher, made = taught(pump, "pca", replace(QUICK, windows=1000, epochs=4), threshold="fixed:2.5")
    assert starting_limit(made.artifact) == starting_limit(teacher) == 2.5


def test_what_cannot_be_is_told(pump: Table, redrawn: tuple[Artifact, Distilled]) -> None:
    teacher, _ = redrawn
    with pytest.raises(SettingError, match="There is no 'cnn_large' among"):
        distill(teacher, pump, Teaching(student="cnn_large"))
    with pytest.raises(SettingError, match="The narrowest student of this kind has"):
        distill(teacher, pump, Teaching(budget=100))
    with pytest.raises(SettingError, match=r"A stats_small of width 80 has [0-9,]+ parameters, more than the budget"):
        distill(teacher, pump, replace(QUICK, width=80, epochs=1, windows=200))
    with pytest.raises(InputError, match="too few readings"):
        distill(teacher, open_table(readings(12)), QUICK)
    with pytest.raises(SettingError, match="budget is 0"):
        Teaching(budget=0)
