"""What a limit is found from anew: whose scores, from when, what speaks against them, and what the policy sees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tocsin.artifact.artifact import Artifact
from tocsin.core.contracts import Threshold
from tocsin.core.errors import InputError
from tocsin.sources import Overrides, open_table
from tocsin.thresholds.fixed import Fixed
from tocsin.thresholds.percentile import Percentile
from tocsin.training.evidence import Evidence, given, held, held_kind
from tocsin.training.fit import train
from tocsin.training.history import History, score_history
from tocsin.training.recipe import Recipe

BEGIN = np.datetime64("2024-03-01", "ns")
OVER = Overrides(label="anomaly")


def readings(n: int = 600, *, seed: int = 0, later_h: int = 0, strange: slice = slice(0, 0)) -> pl.DataFrame:
    rng, wrong = np.random.default_rng(seed), np.zeros(n, np.int64)
    wrong[strange] = 1
    time = BEGIN + np.timedelta64(later_h, "h") + np.arange(n) * np.timedelta64(60, "s")
    return pl.DataFrame({"time": time, "flow": rng.normal(5, 1, n) + 9 * wrong, "anomaly": wrong})


@pytest.fixture(scope="module")
def pump() -> Artifact:
    return train(open_table(readings(seed=1), overrides=OVER), Recipe(detector="kmeans", window=3))


def seen(pump: Artifact, frame: pl.DataFrame) -> History:
    return score_history(pump, open_table(frame, overrides=OVER, expect=pump.layout))


def of(pump: Artifact, frame: pl.DataFrame, threshold: Threshold | None = None) -> Evidence:
    return given(pump, seen(pump, frame), threshold or Percentile(), policy=pump.policy, stated=False)


class Tuned(Percentile):
    """A threshold that takes labels; what it finds does not matter here."""

    needs_labels = True


def test_windows_that_hold_an_anomaly_are_kept_out_and_counted(pump: Artifact) -> None:
    found = of(pump, readings(seed=2, strange=slice(100, 110)))
    assert found.kind == "calibration"
    assert len(found.reference) == 600 - 2 - 12
    assert found.reference.labels is None
    assert "12 windows that hold a labelled anomaly were kept out." in found.said


def test_a_threshold_tuned_on_labels_gets_the_windows_that_end_in_one_too(pump: Artifact) -> None:
    found = of(pump, readings(seed=2, strange=slice(100, 110)), Tuned())
    labels = found.reference.labels
    assert labels is not None
    assert np.flatnonzero(labels).tolist() == list(range(98, 108))  # two readings have no score
    assert len(found.reference) == 600 - 2 - 2  # two windows behind it hold some of it, and are neither
    assert found.said[0].startswith("586 normal scores and 10 of labelled anomalies were given, 2024-03-01 00:02 to ")
    nameless = replace(seen(pump, readings(seed=2)), labelled=None)
    with pytest.raises(InputError, match="no labels"):
        given(pump, nameless, Tuned(), policy=pump.policy, stated=False)


def test_scored_takes_everything(pump: Artifact) -> None:
    found = of(pump, readings(seed=2, strange=slice(100, 110)), Percentile(95, reference="scored"))
    assert (found.kind, len(found.reference)) == ("scored", 598)


def test_readings_from_the_time_of_the_training_are_named(pump: Artifact) -> None:
    (warning,) = of(pump, readings(seed=2)).warnings
    assert warning.startswith("598 of the 598 scores lie in the time that the detector was trained in.")
    assert of(pump, readings(seed=2, later_h=10)).warnings == ()
    (partly,) = of(pump, readings(seed=2, later_h=5)).warnings
    assert partly.startswith("298 of the 598 scores")


def test_rows_without_a_clock_are_named_only_if_they_are_as_many() -> None:
    rows = readings(seed=1).drop("time")
    counted = train(open_table(rows, overrides=OVER), Recipe(detector="kmeans", window=3))
    (warning,) = of(counted, rows).warnings
    assert "trained in" in warning
    fewer = of(counted, rows.head(500))
    assert fewer.warnings == ()
    assert fewer.said[0].startswith("498 scores of given readings, rows 2 to 499,")


def test_windows_on_both_sides_of_what_was_left_out_are_not_in_a_row(pump: Artifact) -> None:
    """Two anomalous windows before a labelled anomaly and one behind it do not ring after three."""
    history = seen(pump, readings(seed=2, strange=slice(100, 110)))
    score = np.zeros(len(history))
    score[[98, 99, 112]] = 9.0
    ringing = given(
        pump,
        replace(history, judged=replace(history.judged, score=np.where(history.scored, score, np.nan))),
        Percentile(),
        policy=pump.policy,
        stated=False,
    ).reference.ringing
    assert ringing is not None
    assert ringing(1.0, 3).tolist() == []
    assert ringing(1.0, 2).tolist() == [96]


def test_the_kind_held_outlasts_a_stated_limit(pump: Artifact) -> None:
    stated = replace(pump.calibration, reference="stated", scores=0)
    assert held_kind(replace(pump, calibration=stated, earlier=(pump.calibration,))) == "calibration"
    assert held_kind(replace(pump, calibration=replace(pump.calibration, reference="training"))) == "training"
    found = held(pump, Fixed(3.0), policy=pump.policy, stated=True)
    assert found.reference.stated
    assert found.said[0].startswith(
        f"Found from the {len(pump.evidence)} calibration scores that the artifact held, 2024"
    )
