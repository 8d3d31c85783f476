"""Another limit for what has been learned: scores stay, the limit is that of the new readings, nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import tocsin
from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import InputError, SettingError
from tocsin.engine.scorer import Scorer
from tocsin.sources import Overrides, open_table
from tocsin.thresholds.percentile import Percentile
from tocsin.training.evidence import held as evidence_of
from tocsin.training.fit import train
from tocsin.training.history import score_history
from tocsin.training.recalibrate import Asked, recalibrate, recalibrated
from tocsin.training.recipe import Recipe

BEGIN = np.datetime64("2024-03-01", "ns")


def readings(n: int = 800, *, seed: int = 0, wide: float = 1.0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    time = BEGIN + np.arange(n) * np.timedelta64(60, "s")
    return pl.DataFrame({"time": time, "flow": rng.normal(5, wide, n), "heat": rng.normal(60, 2 * wide, n)})


@pytest.fixture(scope="module")
def pump() -> Artifact:
    return train(open_table(readings(seed=1)), Recipe(detector="pca", window=4, threshold="percentile:97"))


def limit_of(artifact: Artifact) -> float:
    return float(getattr(artifact.calibration.limits, "limit"))  # noqa: B009  # limits have no common fields


def midway(scores: np.ndarray, percent: float) -> float:
    """Return the limit as the percentile has it, worked out anew."""
    ordered = np.sort(scores)
    place = int(np.floor(percent / 100 * (len(ordered) - 1)))
    return float((ordered[place] + ordered[place + 1]) / 2)


def test_another_threshold_is_found_on_the_scores_that_the_artifact_holds(pump: Artifact, tmp_path: Path) -> None:
    bundle.save(pump, tmp_path / "pump.tocsin")
    for given in (pump, Scorer(pump), tmp_path / "pump.tocsin", str(tmp_path / "pump.tocsin")):
        found = recalibrate(given, threshold="percentile:90").artifact
        assert limit_of(found) == midway(pump.evidence.score, 90)
        assert found.calibration.threshold == "percentile:90"
        assert (found.calibration.reference, found.calibration.scores) == ("calibration", len(pump.evidence))


def test_with_readings_the_limit_is_found_on_all_of_them(pump: Artifact) -> None:
    later = readings(1000, seed=2)
    found = recalibrate(pump, later).artifact
    scores = Scorer(pump).score(later)["score"].to_numpy()
    assert limit_of(found) == midway(scores[np.isfinite(scores)], 97)
    assert found.calibration.threshold == "percentile:97"
    assert found.calibration.scores == len(found.evidence) == 997
    assert "997 scores of given readings, 2024-03-01 00:03 to 2024-03-01 16:39" in found.calibration.said[0]


def test_scores_stay_to_the_bit_and_so_does_where_it_comes_from(pump: Artifact) -> None:
    later = readings(400, seed=2)
    found = recalibrate(pump, readings(seed=3), threshold="percentile:90", alarm={"raise_after": 1})
    one, other = Scorer(pump).score(later), found.score(later)
    np.testing.assert_array_equal(one["score"].to_numpy(), other["score"].to_numpy())
    assert (found.artifact.graph, found.artifact.provenance) == (pump.graph, pump.provenance)
    assert not one["limit"].equals(other["limit"])


def test_what_is_replaced_stays_in_the_artifact_and_the_one_before_too(pump: Artifact, tmp_path: Path) -> None:
    twice = recalibrate(recalibrate(pump, threshold="percentile:90"), threshold="fixed:7")
    assert [found.threshold for found in twice.artifact.earlier] == ["percentile:97", "percentile:90"]
    assert twice.artifact.earlier[0] == pump.calibration
    twice.save(tmp_path / "x.tocsin")
    again = tocsin.load(tmp_path / "x.tocsin").artifact
    assert (again.earlier, again.calibration) == (twice.artifact.earlier, twice.artifact.calibration)
    np.testing.assert_array_equal(again.evidence.score, pump.evidence.score)
    back = recalibrate(again, threshold="percentile:97").artifact
    assert limit_of(back) == limit_of(pump)


def test_the_artifact_given_stays_as_it_is(pump: Artifact) -> None:
    before = limit_of(pump)
    recalibrate(pump, readings(seed=5), threshold="percentile:50", alarm={"raise_after": 9})
    assert (limit_of(pump), pump.policy.raise_after, pump.earlier) == (before, 3, ())


def test_the_policy_alone_leaves_the_limit_with_its_evidence(pump: Artifact) -> None:
    found = recalibrate(pump, alarm={"raise_after": 5, "cooldown": 2}).artifact
    assert (found.policy.raise_after, found.policy.cooldown) == (5, 2)
    assert (found.calibration, found.earlier) == (pump.calibration, ())
    assert found.policy.release_below == pump.policy.release_below


def test_labelled_anomalies_are_kept_out(pump: Artifact) -> None:
    wild = readings(seed=6).with_columns(
        flow=pl.when(pl.int_range(800) < 100).then(50.0).otherwise("flow"),
        anomaly=(pl.int_range(800) < 100).cast(pl.Int64),
    )
    clean = recalibrate(pump, wild, overrides=Overrides(label="anomaly")).artifact
    dirty = recalibrate(pump, wild.drop("anomaly")).artifact
    assert clean.calibration.scores == 800 - 100 - 3
    assert limit_of(dirty) > 20 * limit_of(clean)
    assert "100 windows that hold a labelled anomaly were kept out." in clean.calibration.said


def test_readings_unlike_those_before_are_said_to_be(pump: Artifact) -> None:
    for wide, words in ((6.0, "the new limit is too high"), (0.05, "the new limit is too low")):
        warnings = recalibrate(pump, readings(seed=7, wide=wide)).artifact.calibration.warnings
        assert any("look unlike" in text and words in text for text in warnings)
    assert not any("unlike" in text for text in recalibrate(pump, readings(seed=7)).artifact.calibration.warnings)


def test_what_was_warned_of_scores_is_warned_again_whenever_they_serve(pump: Artifact) -> None:
    learned = recalibrate(pump, readings(seed=1))
    stated = recalibrate(learned, threshold="fixed:3")
    for before in (learned, stated):
        again = recalibrate(before, threshold="percentile:99").artifact.calibration
        assert "trained in" in again.warnings[0]
        assert again.warnings[0] == learned.artifact.calibration.warnings[0]
    assert not any("trained in" in text for text in stated.artifact.calibration.warnings)


def test_a_stated_limit_says_how_it_would_have_done(pump: Artifact) -> None:
    later = readings(seed=8)
    found = recalibrate(pump, later, threshold="fixed:7").artifact
    assert (limit_of(found), found.calibration.reference, found.calibration.scores) == (7.0, "stated", 0)
    score = score_history(pump, open_table(later)).judged.score
    above = int((score[np.isfinite(score)] > limit_of(pump)).sum())
    assert any(text.startswith(f"{above} of the normal ones (") for text in found.calibration.said)
    assert len(found.evidence) == 797


@pytest.mark.parametrize(
    ("asked", "table", "message"),
    [
        (Asked(), None, "There is nothing to change"),
        (Asked(threshold="percentile:95@training"), None, "The artifact holds calibration scores"),
        (Asked(threshold="percentile:95@training"), readings(), "cannot be found from other readings"),
        (Asked(), readings(12), "Only 9 of 12 readings are normal and got a score; 20 are needed"),
        (Asked(threshold="median:3"), None, "median"),
    ],
)
def test_what_cannot_be_done_is_said(pump: Artifact, asked: Asked, table: pl.DataFrame | None, message: str) -> None:
    with pytest.raises((InputError, SettingError), match=message) as error:
        recalibrated(pump, None if table is None else open_table(table, expect=pump.layout), asked)
    assert error.value.remedy


def test_a_limit_that_was_stated_at_training_has_no_scores_to_be_found_from() -> None:
    stated = train(open_table(readings(seed=1)), Recipe(detector="pca", window=4, threshold="fixed:5"))
    with pytest.raises(InputError, match="holds no scores: its limit was stated") as error:
        recalibrate(stated, threshold="percentile:90")
    assert "tocsin recalibrate ARTIFACT normal.csv" in error.value.remedy
    assert recalibrate(stated, readings(seed=2), threshold="percentile:90").artifact.calibration.scores == 797
    assert recalibrate(stated, alarm={"raise_after": 2}).artifact.policy.raise_after == 2


def test_budget_and_threshold_exclude_each_other(pump: Artifact) -> None:
    with pytest.raises(SettingError, match="both were given"):
        recalibrate(pump, threshold="fixed:3", budget="1 per device per week")


def test_other_channels_are_refused(pump: Artifact) -> None:
    with pytest.raises(InputError, match="heat"):
        recalibrate(pump, readings().drop("heat"))


def test_scores_known_before_a_gap_do_not_raise_an_alarm_behind_it(pump: Artifact) -> None:
    """The replay over the scores held forgets across gaps: two windows before one and one behind it are no three."""
    held = pump.evidence
    gap = 60 * 10**9 * 100 * (np.arange(len(held)) >= 50)
    score = np.zeros(len(held))
    score[[48, 49, 50]] = 9.0
    torn = replace(pump, evidence=replace(held, score=score, time=held.time + gap))
    whole = replace(pump, evidence=replace(held, score=score))
    for artifact, rings in ((torn, []), (whole, [48])):
        reference = evidence_of(artifact, Percentile(), policy=artifact.policy, stated=False).reference
        assert reference.ringing is not None
        assert reference.ringing(1.0, 3).tolist() == rings


def test_what_was_labelled_never_passes_for_normal_later(pump: Artifact, tmp_path: Path) -> None:
    """A limit tuned on labels is found from anomalies, too; once labels are gone, those must be gone as well."""
    wrong = (pl.int_range(800) % 100 < 10).cast(pl.Int64)
    labelled = readings(seed=6).with_columns(anomaly=wrong, flow=pl.col("flow") + 20 * wrong)
    tuned = recalibrate(pump, labelled, threshold="labelled", overrides=Overrides(label="anomaly"))
    tuned.save(tmp_path / "x.tocsin")
    again = tocsin.load(tmp_path / "x.tocsin")
    assert len(again.artifact.evidence) == 800 - 8 * (10 + 3)  # an event of 10, in windows of 4
    assert limit_of(recalibrate(again, threshold="percentile:97").artifact) < 2 * limit_of(pump)
    silent = recalibrate(again, alarm={"raise_after": 1}).artifact
    assert silent.calibration.limits == again.artifact.calibration.limits
    assert "Tune it again" in silent.calibration.warnings[-1]
    assert recalibrate(silent, alarm={"raise_after": 2}).artifact.calibration.warnings == silent.calibration.warnings
