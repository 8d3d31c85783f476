"""A trial must not have seen what it is judged on, whatever the detector."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.core.discover import load, names
from tocsin.core.verdicts import Status
from tocsin.engine.scorer import Scorer
from tocsin.evaluation.guards import LeakError, check_blind
from tocsin.evaluation.splits import blocked
from tocsin.sources import Table, open_table
from tocsin.training.fit import train
from tocsin.training.lab.trial import run
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment

LONG = ("cnn_autoencoder", "cnn_lstm", "transformer", "variational_autoencoder")
"""Detectors that learn for seconds and see readings as ``lstm_autoencoder`` does, which is always asked."""


@pytest.fixture(scope="module")
def table() -> Table:
    return open_table(Environment(rows=1500, seed=3, anomaly_share=0.1).table()).in_time_order()


def middle(table: Table, *, gap: int) -> tuple[BoolArray, BoolArray]:
    """Return what may be learned from, and the third block of five."""
    fold = list(blocked(table.readings.time, folds=5, gap=gap))[2]
    return fold.learn, fold.judged


@pytest.mark.parametrize(
    "detector", [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in names("detectors")]
)
def test_nothing_learned_depends_on_what_is_judged(table: Table, detector: str) -> None:
    recipe = Recipe(detector=detector, settings=load("detectors", detector).quick, window=10)
    learn, judged = middle(table, gap=13)

    def learned(values: FloatArray) -> list[object]:
        other = replace(table, readings=replace(table.readings, values=values))
        artifact = run(other, recipe, learn=learn, judged=judged).artifact
        return [artifact.graph, artifact.evidence.score, artifact.reference, repr(artifact.calibration.limits)]

    check_blind(learned, table.readings.values, judged)


def test_a_training_on_everything_is_caught(table: Table) -> None:
    _, judged = middle(table, gap=13)

    def learned(values: FloatArray) -> list[object]:
        other = replace(table, readings=replace(table.readings, values=values))
        return [train(other, Recipe(detector="isolation_forest")).graph]

    with pytest.raises(LeakError):
        check_blind(learned, table.readings.values, judged)


def test_folds_without_a_gap_are_refused(table: Table) -> None:
    learn, judged = middle(table, gap=0)
    with pytest.raises(LeakError, match="window of 10 readings"):
        run(table, Recipe(detector="rolling_zscore", window=10), learn=learn, judged=judged)


def test_judging_the_learned_must_be_asked_for(table: Table) -> None:
    everything = np.ones(len(table), np.bool_)
    recipe = Recipe(detector="rolling_zscore", window=10)
    with pytest.raises(LeakError, match="both learned from and judged"):
        run(table, recipe, learn=everything, judged=everything)
    trial = run(table, recipe, learn=everything, judged=everything, judges_the_learned=True)
    assert len(trial.outcome) == len(table)


def test_the_outcome_is_what_scoring_the_whole_table_says(table: Table) -> None:
    learn, judged = middle(table, gap=13)
    trial = run(table, Recipe(detector="isolation_forest"), learn=learn, judged=judged)
    scored = Scorer(trial.artifact).judge(table)
    np.testing.assert_array_equal(trial.outcome.score, scored.verdicts.score[judged])
    np.testing.assert_array_equal(trial.outcome.anomaly, scored.verdicts.anomaly[judged])
    np.testing.assert_array_equal(trial.outcome.labels, table.labels[judged])  # type: ignore[index]  # it has labels
    assert (scored.verdicts.status[judged] == Status.ok).all()
    assert trial.fit_s > 0 < trial.score_s


def test_no_training_window_bridges_the_hole_that_the_judged_block_leaves(table: Table) -> None:
    learn, judged = middle(table, gap=13)
    recipe = Recipe(detector="rolling_zscore", window=10)
    whole = run(table, recipe, learn=learn, judged=judged).artifact.provenance.windows
    labelled = np.asarray(table.labels)
    count = 0
    for block in np.split(np.arange(len(table)), np.flatnonzero(np.diff(learn.astype(int))) + 1):
        if learn[block[0]]:
            ends = np.lib.stride_tricks.sliding_window_view(labelled[block], 10)
            count += int((~ends.any(axis=1)).sum())
    parted = 2 * 9  # windows that would straddle training, validation and calibration
    assert count - parted <= sum(whole[name] for name in ("training", "validation", "calibration")) <= count
