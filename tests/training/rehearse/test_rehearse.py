"""A rehearsal tells what the alarm would do: the same as scoring each faulty stretch by itself, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from tocsin.core.arrays import FloatArray
from tocsin.core.errors import InputError, SettingError
from tocsin.engine.scorer import Scorer
from tocsin.sources import Table, open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe
from tocsin.training.rehearse._rehearse import _first, _Opened, rehearse
from tocsin.training.rehearse._stretches import ground_of
from tocsin.training.rehearse._trials import Plan
from tocsin.training.rehearse.rehearsal import Rehearsal
from tocsin.training.simulate import KINDS

MINUTE = 60 * 10**9
RECIPE = Recipe(
    detector="lstm_autoencoder",
    settings={"epochs": 5, "hidden": (8,), "learning_rate": 5e-3},
    window=5,
    clock="off",
)


def calm(rows: int, *, seed: int = 0, channels: int = 3) -> FloatArray:
    """Return readings about 50 with a rhythm of 100 readings and some noise."""
    rng = np.random.default_rng(seed)
    wave = np.sin(2 * np.pi * np.arange(rows) / 100)[:, None]
    return 50 + 3 * wave + rng.normal(0, 1, (rows, channels))


def table_of(values: FloatArray, *, label: Any = None, begin: int = 1_700_000_040) -> Table:
    time = np.datetime64(begin, "s").astype("datetime64[ms]") + np.arange(len(values)) * np.timedelta64(1, "m")
    columns: dict[str, Any] = {"time": time, **{f"c{k}": column for k, column in enumerate(values.T)}}
    return open_table(pl.DataFrame(columns if label is None else columns | {"label": label}))


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(train(table_of(calm(600)), RECIPE))


@pytest.fixture(scope="module")
def later() -> Table:
    return table_of(calm(1500, seed=1), begin=1_800_000_000)


@pytest.fixture(scope="module")
def found(scorer: Scorer, later: Table) -> Rehearsal:
    return rehearse(scorer, later, trials=12, sizes=(0.01, 2, 50))


def test_it_equals_scoring_each_faulty_stretch_alone(scorer: Scorer, later: Table, found: Rehearsal) -> None:
    ground = ground_of(later, scorer.artifact)
    plan = Plan.of(ground, scorer.artifact, trials=12, seed=0)
    after = scorer.artifact.policy.raise_after
    expected = []
    for case in plan.cases(found.kinds, found.sizes, 0):
        assert case.fault is not None
        start = plan.starts[case.stretch]
        time = ground.time[start : start + plan.length]
        verdicts = scorer.verdicts(case.values, time=time)
        first = (verdicts.incident >= time[plan.warm]) & (verdicts.incident < time[case.fault.end + after])
        told = np.flatnonzero(verdicts.told & first)
        expected.append((case.fault.kind, case.size, int(told[0]) - plan.warm if len(told) else None))
    assert [(one.kind, one.size, one.delay) for one in found.attempts] == expected
    assert {delay is None for _, _, delay in expected} == {True, False}


def test_nothing_rings_for_nothing_and_everything_for_the_absurd(found: Rehearsal) -> None:
    for kind in found.kinds:
        if found.sized(kind):
            least = found.cell(kind, 0.01)
            assert least.rang == round((least.by_chance or 0) * least.trials)
    for kind in ("level_shift", "noise_burst", "co_deviation", "drift"):
        assert found.cell(kind, 50).share == 1
        assert found.detectable(kind) in (2, 50)
        assert found.cell(kind, 50).right_cause == 1


def test_delays_are_in_readings_and_in_time(scorer: Scorer, found: Rehearsal) -> None:
    assert found.period_s == 60
    rang = [one for one in found.attempts if one.delay is not None]
    assert all(one.delay_s == 60 * (one.delay or 0) for one in rang)
    assert min(one.delay or 0 for one in rang) == scorer.artifact.policy.raise_after - 1


def test_every_channel_has_its_turn_and_several_move_together(found: Rehearsal) -> None:
    single = [one.channels for one in found.attempts if one.kind == "level_shift" and one.size == 2]
    assert {name: single.count((name,)) for name in ("c0", "c1", "c2")} == {"c0": 4, "c1": 4, "c2": 4}
    assert all(len(one.channels) == 3 for one in found.attempts if one.kind == "co_deviation")
    cells = [found.channel_cell(name, 50) for name in found.deviation]
    assert all(cell.trials >= 4 and cell.share is not None for cell in cells)


def test_what_has_no_size_is_tried_once_in_each_stretch(found: Rehearsal) -> None:
    for kind in ("stuck", "contextual"):
        assert not found.sized(kind)
        assert found.sizes_of(kind) == (None,)
        assert found.cell(kind, None).trials <= 12
        assert found.detectable(kind) is None


def test_same_seed_same_rehearsal_and_other_kinds_change_nothing(
    scorer: Scorer, later: Table, found: Rehearsal
) -> None:
    again = rehearse(scorer, later, trials=12, sizes=(0.01, 2, 50), kinds=("drift",))
    assert again.attempts == tuple(one for one in found.attempts if one.kind == "drift")
    other = rehearse(scorer, later, trials=12, sizes=(0.01, 2, 50), kinds=("drift",), seed=1)
    assert other.attempts != again.attempts


@pytest.mark.parametrize(("begin", "rings"), [(9, False), (10, True), (14, True), (15, False)])
def test_only_an_incident_that_begins_in_time_is_rung_by_the_fault(begin: int, rings: bool) -> None:
    opened = _Opened(begin, told=begin + 2, cause=None)
    assert (_first([opened], 10, 15) is opened) == rings


def test_a_fault_that_cannot_happen_is_left_out() -> None:
    low = table_of(np.abs(calm(1500, seed=1) - 50))
    found = rehearse(Scorer(train(low, RECIPE)), low, trials=12, kinds=("dropout", "drop"), sizes=(1, 8))
    assert found.cell("dropout", 8).trials == 0
    assert 0 < found.cell("dropout", 1).trials <= found.cell("drop", 1).trials
    assert found.cell("drop", 8).trials == found.cell("drop", 1).trials


def test_scoring_a_few_at_a_time_changes_nothing(
    scorer: Scorer, later: Table, found: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.training.rehearse._rehearse._VALUES", 1000)
    assert rehearse(scorer, later, trials=12, sizes=(0.01, 2, 50)) == found


def test_the_readings_stay_as_they_are(scorer: Scorer, later: Table) -> None:
    before = later.readings.values.copy()
    rehearse(scorer, later, trials=3)
    np.testing.assert_array_equal(later.readings.values, before)


def test_labelled_readings_are_passed_over_and_do_not_widen_the_unit(scorer: Scorer) -> None:
    values, label = calm(1500, seed=1), np.zeros(1500, int)
    values[700:800] += 1000
    label[700:800] = 1
    found = rehearse(scorer, table_of(values, label=label, begin=1_800_000_000), trials=10, sizes=(50,))
    assert found.readings == 1400
    assert found.false_alarms == 0
    assert found.deviation["c0"] == pytest.approx(np.delete(values[:, 0], range(700, 800)).std())
    assert "100 readings are labelled anomalous and were passed over." in found.notes


def test_constant_channels_are_told_and_left_alone(scorer: Scorer) -> None:
    values = calm(1500, seed=1)
    values[:, 1] = 50
    found = rehearse(scorer, table_of(values, begin=1_800_000_000), trials=4)
    assert all("c1" not in one.channels for one in found.attempts)
    assert found.notes[0].startswith("c1: constant in these readings")


def test_readings_that_cannot_serve_are_refused(scorer: Scorer) -> None:
    short = table_of(calm(60, seed=1))
    with pytest.raises(InputError, match=r"needs 20 stretches of 46 normal readings .* and finds 15\. Give more"):
        rehearse(scorer, short)
    with pytest.raises(InputError, match="None of the channels varies"):
        rehearse(scorer, table_of(np.full((300, 3), 7.0)))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"kinds": ("leak",)}, "There is no fault 'leak'. Choose from: spike, "),
        ({"kinds": ()}, "one at least"),
        ({"kinds": ("spike", "spike")}, "named once"),
        ({"sizes": ()}, "above 0"),
        ({"sizes": (1.0, -2.0)}, "above 0"),
        ({"sizes": (float("nan"),)}, "above 0"),
        ({"trials": 0}, "0 trials"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    settings: dict[str, Any], told: str, scorer: Scorer, later: Table
) -> None:
    with pytest.raises(SettingError, match=told):
        rehearse(scorer, later, **settings)


def test_training_readings_are_told_to_flatter(scorer: Scorer) -> None:
    (note,) = rehearse(scorer, table_of(calm(600)), trials=3).notes
    assert rehearse(scorer, table_of(calm(600), begin=1_800_000_000), trials=3).notes == ()
    assert note.startswith("Some of these readings lie in the time that it learned from")


def test_stretches_that_overlap_are_told(scorer: Scorer) -> None:
    (note,) = rehearse(scorer, table_of(calm(200, seed=1), begin=1_800_000_000), trials=5).notes
    assert note.startswith("The normal readings hold only 4 stretches of 46 that do not overlap: the 5 trials")


def test_an_alarm_that_rings_all_the_time_proves_nothing(later: Table) -> None:
    artifact = train(table_of(calm(600)), replace(RECIPE, threshold="fixed:0.000001"))
    found = rehearse(Scorer(artifact), later, trials=5)
    assert found.attempts == ()
    assert found.cell("spike", 8).share is None
    assert "5 of 5 stretches rang before the fault began and were left out." in found.notes


def test_sensors_of_different_rates_on_one_grid() -> None:
    rng = np.random.default_rng(0)
    rows = 6000
    values = np.full((rows, 2), np.nan)
    which = np.arange(rows) % 2
    values[np.arange(rows), which] = calm(rows, channels=2)[np.arange(rows), which]
    seconds = np.arange(rows) * 30 + rng.integers(0, 20, rows)
    frame = pl.DataFrame(
        {"time": np.datetime64(1_700_000_000_000, "ms") + 1000 * seconds, "a": values[:, 0], "b": values[:, 1]}
    ).fill_nan(None)
    table = open_table(frame)
    artifact = train(table.only(np.arange(rows) < 3000), replace(RECIPE, clock="on"))
    assert artifact.clock.align
    found = rehearse(Scorer(artifact), table.only(np.arange(rows) >= 3000), trials=10, sizes=(0.01, 50))
    assert found.cell("level_shift", 50).share == 1
    assert found.cell("level_shift", 50).delay_s == (found.cell("level_shift", 50).delay or 0) * (found.period_s or 0)
    assert found.cell("level_shift", 0.01).rang == 0


def test_rows_without_a_clock(scorer: Scorer) -> None:
    rows = pl.DataFrame({f"c{k}": column for k, column in enumerate(calm(900).T)})
    table = open_table(rows)
    counted = rehearse(Scorer(train(table, replace(RECIPE, clock="auto"))), table, trials=5, sizes=(50,))
    assert counted.period_s is None
    assert {one.delay_s for one in counted.attempts} == {None}
    timed = rehearse(scorer, table, trials=5, sizes=(50,))
    assert timed.cell("level_shift", 50).delay_s == 60 * (timed.cell("level_shift", 50).delay or 0)


def test_the_unit_is_the_spread_within_a_device() -> None:
    values = np.concatenate([calm(500, seed=2), 1000 + calm(500, seed=3)])
    time = np.tile(np.datetime64(1_700_000_000_000, "ms") + np.arange(500) * np.timedelta64(1, "m"), 2)
    frame = pl.DataFrame(
        {"time": time, "device": ["a"] * 500 + ["b"] * 500, **{f"c{k}": c for k, c in enumerate(values.T)}}
    )
    table = open_table(frame)
    found = rehearse(Scorer(train(table, RECIPE)), table, trials=5)
    assert 2 < found.deviation["c0"] < 3


def test_kinds_without_a_size_are_those_that_the_readings_decide() -> None:
    assert [kind for kind in KINDS if not KINDS[kind].sized] == ["stuck", "contextual"]
