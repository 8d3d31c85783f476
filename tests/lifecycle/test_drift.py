from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import NEVER, FloatArray
from tocsin.core.reference import Reference
from tocsin.core.tidings import Kept
from tocsin.core.verdicts import Status
from tocsin.lifecycle.drift import drift
from tocsin.lifecycle.recent import Recent
from tocsin.testing.live_fleet import LiveFleet
from tocsin.thresholds.percentile import Percentile
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe

SECOND = 10**9
NOW = 1_700_000_000 * SECOND


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    own = fit(LiveFleet(devices=2).calm().table(), Recipe(detector="rolling_zscore", window=5)).artifact
    scores = np.random.default_rng(0).normal(10, 1, 2_000)
    limits = Percentile(99).fit(Reference.of(scores)).limits
    return replace(own, evidence=Reference.of(scores), calibration=replace(own.calibration, limits=limits))


def recent(scores: FloatArray, artifact: Artifact) -> Recent:
    limit = getattr(artifact.calibration.limits, "limit", math.nan)
    return Recent.of_table(scores, np.full(len(scores), limit), NOW + np.arange(len(scores)) * SECOND)


@pytest.mark.parametrize(("shift", "level"), [(0.0, "none"), (0.4, "some"), (1.0, "much")])
def test_scores_that_lie_elsewhere_are_drift(artifact: Artifact, shift: float, level: str) -> None:
    found = drift(artifact, recent(np.random.default_rng(1).normal(10 + shift, 1, 2_000), artifact))
    assert found.level == level
    assert found.psi == pytest.approx(shift**2, rel=0.25, abs=0.02)  # of two normal laws it is the shift squared
    assert found.promised == pytest.approx(0.01)
    assert {"none": "no drift", "some": "soon", "much": "recalibrate"}[level] in found.text()


def test_the_index_is_as_counted_by_hand(artifact: Artifact) -> None:
    own = replace(artifact, evidence=Reference.of(np.repeat(np.arange(1.0, 11.0), 100)))
    scores = np.concatenate([np.repeat(np.arange(1.0, 11.0), 90), np.full(100, 10.0)])
    p = np.full(10, 0.1)
    q = np.append(np.full(9, 0.09), 0.19)
    found = drift(own, recent(scores, artifact))
    assert found.recent.tolist() == pytest.approx(q.tolist())
    assert found.reference.tolist() == pytest.approx(p.tolist())
    assert found.psi == pytest.approx(float(((q - p) * np.log(q / p)).sum()), rel=0.02)


def test_of_too_few_scores_nothing_is_said(artifact: Artifact) -> None:
    for few in (np.zeros(0), np.full(1, 3.0), np.random.default_rng(1).normal(10, 1, 40)):
        found = drift(artifact, recent(few, artifact))
        assert (found.level, found.psi, found.judged) == ("unknown", None, len(few))
        assert "Too few" in found.text()
        json.dumps(found.document(), allow_nan=False)


def test_empty_bins_and_equal_scores_make_no_infinity(artifact: Artifact) -> None:
    for then in (np.zeros(500), np.array([0.0] * 450 + [1.0] * 50)):
        found = drift(replace(artifact, evidence=Reference.of(then)), recent(np.full(500, 9.0), artifact))
        assert found.psi is not None
        assert math.isfinite(found.psi)
        json.dumps(found.document(), allow_nan=False)


def test_the_document_says_when_and_how_much_is_flagged(artifact: Artifact) -> None:
    scores = np.random.default_rng(1).normal(10, 1, 1_000)
    told = drift(artifact, recent(np.append(scores, [99.0] * 10), artifact)).document()
    assert told["since"] == "2023-11-14T22:13:20Z"
    assert told["until"] == "2023-11-14T22:30:09Z"
    limit = getattr(artifact.calibration.limits, "limit", math.nan)
    assert told["flagged"] == pytest.approx(((scores > limit).sum() + 10) / 1_010)
    assert len(told["histogram"]["edges"]) == len(told["histogram"]["recent"]) + 1
    assert told["histogram"]["edges"][-1] == 99.0


def kept(score: FloatArray, *, every: int, limit: float) -> Kept:
    """Return what a watch keeps of a reading a second: all that is anomalous, of the others one in so many."""
    n = len(score)
    own = np.flatnonzero((score > limit) | (np.arange(n) % every == 0))
    none = np.zeros(len(own), np.int64)
    return Kept(
        "", ("pump",), none, NOW + own * SECOND, score[own], np.full(len(own), limit), none.astype(np.uint8),
        np.full(len(own), NEVER),
    )  # fmt: skip


@pytest.mark.parametrize("every", [1, 10, 60])
def test_verdicts_that_were_thinned_out_stand_for_all(every: int) -> None:
    score = np.random.default_rng(2).normal(10, 1, 60_000)
    limit = float(np.quantile(score, 0.99))
    found = Recent.of_kept(kept(score, every=every, limit=limit), period_ns=SECOND)
    share = found.weight[found.score > limit].sum() / found.weight.sum()
    assert share == pytest.approx(0.01, rel=0.06)
    assert found.weight.sum() == pytest.approx(60_000, rel=0.02)
    assert found.effective <= len(found)


def test_taken_as_they_are_they_would_show_far_too_many_anomalies() -> None:
    score = np.random.default_rng(2).normal(10, 1, 60_000)
    limit = float(np.quantile(score, 0.99))
    plain = kept(score, every=60, limit=limit)
    assert (plain.score > limit).mean() > 0.3


def test_verdicts_without_a_score_are_left_out() -> None:
    score = np.array([1.0, np.nan, np.inf, 2.0])
    plain = kept(np.zeros(4), every=1, limit=9.0)
    odd = replace(plain, score=score, status=np.array([Status.ok, Status.ok, Status.ok, Status.gap], np.uint8))
    assert Recent.of_kept(odd, period_ns=SECOND).score.tolist() == [1.0]
    assert Recent.of_kept(odd, period_ns=SECOND).effective == 1.0
    empty = replace(odd, status=np.full(4, Status.gap, np.uint8))
    assert Recent.of_kept(empty, period_ns=SECOND).effective == 0.0
