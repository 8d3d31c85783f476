"""From readings to an artifact: what is learned from, what the limit is found on, and that nothing leaks."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

import tocsin
from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import InputError, SettingError
from tocsin.engine.scorer import Scorer
from tocsin.graph.run import Runner
from tocsin.sources import open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe

FOREST = Recipe(detector="isolation_forest", settings={"trees": 20})
SMALL = Recipe(detector="lstm_autoencoder", settings={"hidden": (4, 2), "epochs": 2}, window=4)


def calm(rows: int = 400, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal([20, 50], [1, 5], (rows, 2))


def frame(values: np.ndarray, **columns: Any) -> pl.DataFrame:
    """Return the readings once a minute."""
    time = np.datetime64("2024-01-01", "ns") + np.arange(len(values)) * np.timedelta64(60, "s")
    return pl.DataFrame({"time": time, "a": values[:, 0], "b": values[:, 1], **columns})


def made(values: np.ndarray, recipe: Recipe = FOREST, **columns: Any) -> Artifact:
    return train(open_table(frame(values, **columns)), recipe)


def limit_of(artifact: Artifact) -> float:
    return float(getattr(artifact.calibration.limits, "limit"))  # noqa: B009  # limits have no common fields


@pytest.mark.parametrize(
    "recipe", [FOREST, SMALL, Recipe(detector="rolling_zscore", window=8)], ids=lambda r: r.detector
)
def test_the_network_knows_nothing_of_the_later_parts(recipe: Recipe) -> None:
    values = calm()
    later = values.copy()
    later[290:] *= 1e6
    patient = replace(recipe, settings={**recipe.settings, "patience": 0}) if "epochs" in recipe.settings else recipe
    one, other = made(values, patient), made(later, patient)
    assert one.graph == other.graph
    np.testing.assert_array_equal(one.reference, other.reference)


def test_what_is_not_scaled_is_learned_as_it_is_however_large() -> None:
    from sklearn.ensemble import IsolationForest

    values = (calm() + np.array([5e4, -300])).astype(np.float32)
    reference = IsolationForest(n_estimators=20, random_state=42).fit(values[:280])
    scores = Runner(made(values).graph)(values[:, None]).score
    np.testing.assert_allclose(scores, -reference.score_samples(values), atol=1e-6)


def test_the_limit_knows_nothing_of_the_validation_part() -> None:
    values = calm()
    planted = values.copy()
    planted[280:340] *= 1e6
    assert limit_of(made(values)) == limit_of(made(planted))


def test_the_limit_is_the_percentile_of_the_calibration_part() -> None:
    values = calm()
    found = made(values, replace(FOREST, threshold="percentile:90"))
    scores = np.sort(Runner(found.graph)(values[340:, None].astype(np.float32)).score.astype(np.float64))
    np.testing.assert_array_equal(np.sort(found.evidence.score), scores)
    assert len(scores) == 60
    place = int(0.9 * 59)
    assert limit_of(found) == (scores[place] + scores[place + 1]) / 2


def test_rows_labelled_anomalous_are_kept_out_of_everything() -> None:
    values, label = calm(), np.zeros(400, np.int64)
    for start in (50, 300, 380):
        label[start : start + 5] = 1
    wild = values.copy()
    wild[label == 1] *= 1e6
    one, other = made(values, SMALL, label=label), made(wild, SMALL, label=label)
    assert one.graph == other.graph
    assert limit_of(one) == limit_of(other)
    assert one.provenance.windows == {"training": 261, "validation": 53, "calibration": 53, "kept out": 24}


def test_a_series_that_ends_in_anomalies_has_a_last_part_nonetheless() -> None:
    label = np.zeros(400, np.int64)
    label[200:] = 1
    windows = made(calm(), label=label).provenance.windows
    assert windows == {"training": 140, "validation": 30, "calibration": 30, "kept out": 200}


def test_without_labels_the_same_rows_are_learned_from() -> None:
    values = calm()
    wild = values.copy()
    wild[50:55] *= 1e6
    assert made(values).graph != made(wild).graph


def test_the_training_reference_takes_the_training_scores() -> None:
    values = calm()
    found = made(values, replace(FOREST, threshold="percentile:95@training"))
    scores = np.sort(Runner(found.graph)(values[:280, None].astype(np.float32)).score.astype(np.float64))
    np.testing.assert_array_equal(np.sort(found.evidence.score), scores)
    assert (found.calibration.reference, found.calibration.scores) == ("training", 280)
    assert "promises no false-alarm rate" in found.calibration.warnings[0]


def test_the_scored_reference_takes_every_window_and_flags_as_many_as_asked() -> None:
    label = np.zeros(400, np.int64)
    label[100:110] = 1
    scorer = Scorer(made(calm(), replace(FOREST, threshold="percentile:95@scored"), label=label))
    assert (scorer.artifact.calibration.reference, scorer.artifact.calibration.scores) == ("scored", 400)
    assert scorer.score(frame(calm()))["anomaly"].sum() == 20


def test_too_few_scores_for_the_percentile_are_said_to_be_too_few() -> None:
    warnings = made(calm(), replace(FOREST, threshold="percentile:99.5")).calibration.warnings
    assert warnings[0].startswith(
        "Only 60 reference scores stand behind the 99.5th percentile; 600 would put 3 of them"
    )
    assert not made(calm(), replace(FOREST, threshold="percentile:90")).calibration.warnings


@pytest.mark.parametrize("recipe", [FOREST, SMALL], ids=lambda r: r.detector)
def test_same_seed_same_graph(recipe: Recipe) -> None:
    one, same, other = (made(calm(), replace(recipe, seed=seed)) for seed in (3, 3, 4))
    assert one.graph == same.graph != other.graph
    assert (one.calibration, one.provenance) == (same.calibration, same.provenance)


def test_disorder_changes_nothing_but_the_fingerprint_of_what_was_given() -> None:
    table = frame(calm())
    straight = train(open_table(table), FOREST)
    mixed = train(open_table(table[np.random.default_rng(0).permutation(400)]), FOREST)
    assert (straight.graph, straight.calibration) == (mixed.graph, mixed.calibration)
    assert straight.provenance.fingerprint == mixed.provenance.fingerprint


def test_the_fingerprint_is_that_of_times_devices_and_values() -> None:
    values, time = calm(), open_table(frame(calm())).readings.time
    digest = hashlib.sha256(time.tobytes() + np.zeros(400, np.int64).tobytes() + values.tobytes()).hexdigest()
    assert made(values).provenance.fingerprint == digest
    assert made(values + 1e-12).provenance.fingerprint != digest


def test_provenance_tells_where_it_comes_from() -> None:
    own = made(calm(), replace(SMALL, seed=9)).provenance
    assert (own.detector, own.scale, own.seed) == ("lstm_autoencoder", "minmax", 9)
    assert (own.rows, own.devices, own.row_clock) == (400, 1, False)
    assert (own.start, own.end) == (1_704_067_200 * 10**9, (1_704_067_200 + 399 * 60) * 10**9)
    assert own.versions["tocsin"] == tocsin.__version__
    assert {name: len(curve) for name, curve in own.curves.items()} == {"training_loss": 2, "validation_loss": 2}


def test_several_devices_are_parted_at_the_same_moments() -> None:
    table = pl.concat([frame(calm(seed=k)).with_columns(device=pl.lit(f"d{k}")) for k in range(3)])
    own = train(open_table(table), FOREST).provenance
    assert own.devices == 3
    assert own.windows == {"training": 840, "validation": 180, "calibration": 180, "kept out": 0}


def test_a_detector_that_needs_labels_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.detectors.isolation_forest import IsolationForest

    monkeypatch.setattr(IsolationForest, "needs_labels", True)
    with pytest.raises(InputError, match=r"isolation_forest learns from labels, and the readings have none\."):
        made(calm())
    label = np.zeros(400, np.int64)
    label[[50, 380]] = 1
    assert made(calm(), label=label).provenance.windows == {
        "training": 280, "validation": 60, "calibration": 59, "kept out": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threshold": "percentile:200"}, "A percentile lies between 0 and 100"),
        ({"raise_after": 0}, "raise_after must be a whole number"),
        ({"settings": {"leaves": 3}}, "isolation_forest has no setting 'leaves'"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_anything_is_learned(
    change: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def learned(*_: object, **__: object) -> None:
        pytest.fail("it learned first")

    monkeypatch.setattr("tocsin.detectors.isolation_forest.IsolationForest.fit", learned)
    with pytest.raises(SettingError, match=message):
        made(calm(), replace(FOREST, **change))


def test_a_frame_of_pandas_comes_back_as_one() -> None:
    scored = tocsin.fit(frame(calm()).to_pandas(), FOREST).score(frame(calm()).to_pandas())
    assert type(scored).__module__.startswith("pandas")
    assert scored.columns.tolist()[:5] == ["time", "a", "b", "score", "limit"]
