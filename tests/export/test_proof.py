"""The proof: what it lets pass, what it refuses, and the sentence it refuses it with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.core.scores import Scores
from tocsin.export.golden import Golden, golden
from tocsin.export.proof import Proof, prove
from tocsin.export.target import Made, Promise
from tocsin.graph.run import Runner

TIGHT = Promise(apart=1e-5, margin=1e-5)
LOOSE = Promise(apart=np.inf, margin=0.05, agreement=0.9)


def _proof(own: list[float], other: list[float], promise: Promise, *, kind: str = "normal", limit: float = 2) -> Proof:
    windows = np.zeros((len(own), 1, 1), np.float32)
    words = tuple(f"window {k}" for k in range(len(own)))
    one, two = (Scores(np.array(score, np.float32)) for score in (own, other))
    return Proof(promise, limit, Golden(windows, (kind,) * len(own), words), one, two)


@dataclass(frozen=True, eq=False)
class Bent(Made):
    """The artifact's own graph, whose scores are bent afterwards."""

    graph: bytes = b""
    by: float = 1.0
    shares_by: float = 1.0
    lost: tuple[int, ...] = ()

    def score(self, windows: Float32Array) -> Scores:
        found = Runner(self.graph)(windows)
        score = (found.score.astype(np.float64) * self.by).astype(np.float32)
        score[list(self.lost)] = np.nan
        assert found.by_channel is not None
        return Scores(score, (found.by_channel * self.shares_by).astype(np.float32))


def test_the_artifact_itself_is_proven(artifact: Artifact) -> None:
    found = prove(artifact, Bent({}, graph=artifact.graph), golden(artifact, artifact.sample), promise=TIGHT)
    assert not found.failed
    assert [held.apart for held in found.held] == [0.0] * 4


def test_verdicts_that_turn_within_the_margin_are_borne_and_counted(artifact: Artifact) -> None:
    bent, windows = Bent({}, graph=artifact.graph, by=1.0005), golden(artifact, artifact.sample)
    found = prove(artifact, bent, windows, promise=Promise(apart=1e-3, margin=0.01))
    close = next(held for held in found.held if held.kind == "borderline")
    assert close.flips_inside > 0
    assert not found.failed


def test_the_same_verdicts_outside_a_narrower_margin_are_refused(artifact: Artifact) -> None:
    bent, windows = Bent({}, graph=artifact.graph, by=1.0005), golden(artifact, artifact.sample)
    found = prove(artifact, bent, windows, promise=Promise(apart=1e-3, margin=1e-5))
    assert [sentence for sentence in found.failures if '"borderline"' in sentence and "turned" in sentence]


def test_shares_are_held_to_the_promise_too(artifact: Artifact) -> None:
    bent = Bent({}, graph=artifact.graph, shares_by=1.01)
    found = prove(artifact, bent, golden(artifact, artifact.sample), promise=TIGHT)
    assert found.failures[0] == (
        'On windows of the kind "normal", the channels\' shares of the score are off by up to '
        f"{100 * found.held[0].shares_apart:.3g} %, promised are 1e-05."  # type: ignore[operator]  # both tell shares
    )


def test_a_score_that_is_lost_is_refused_however_loose_the_promise(artifact: Artifact) -> None:
    bent = Bent({}, graph=artifact.graph, lost=(3,))
    found = prove(artifact, bent, golden(artifact, artifact.sample), promise=LOOSE)
    assert '"normal", 1 of 64 gets no score. The worst is "normal window 4": artifact' in found.failures[0]


def test_a_sentence_shows_kind_window_both_scores_and_the_limit() -> None:
    found = _proof([1, 9, 5], [1, 1, 1], LOOSE, kind="anomalous")
    assert found.failures == (
        'On windows of the kind "anomalous", 2 of 3 verdicts are turned although the score is more than 5 % off the '
        'limit. The worst is "window 1": artifact 9, export 1, limit 2.',
    )


def test_scores_too_far_apart_are_refused_though_no_verdict_turns() -> None:
    # 1.1 from 1 is 5 % of the limit 2; 8.8 from 8 is 10 % of the score
    found = _proof([1, 8], [1.1, 8.8], Promise(apart=0.06, margin=0.01), kind="wide range")
    assert found.apart == pytest.approx([0.05, 0.1], rel=1e-6)
    assert found.failures[0].startswith('On windows of the kind "wide range", 1 of 2 scores is off by more than 6 %')


def test_too_few_normal_windows_with_the_same_verdict_are_refused() -> None:
    own, other = [1.99] * 10, [1.99] * 8 + [2.01] * 2
    assert _proof(own, other, LOOSE).failures == (
        'On windows of the kind "normal", 80.000% of the verdicts are the same, promised are 90.000%.',
    )
    assert not _proof(own, other, LOOSE, kind="borderline").failed


def test_two_that_are_infinite_are_the_same_and_one_alone_is_not() -> None:
    assert not _proof([np.inf], [np.inf], TIGHT).failed
    assert _proof([np.inf], [1e30], TIGHT).failed
    assert not _proof([np.nan], [1.0], TIGHT).held[0].flips_inside


def test_scores_of_another_shape_are_a_bug_not_a_refusal() -> None:
    with pytest.raises(ValueError, match="have shape"):
        _proof([1, 2], [1], TIGHT)


@given(
    st.lists(st.floats(0, 10, width=32), min_size=1, max_size=20),
    st.floats(0.5, 2),
    st.floats(0, 0.5),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_bent_a_verdict_turned_outside_the_margin_never_passes(
    own: list[float], by: float, margin: float
) -> None:
    found = _proof(own, [score * by for score in own], Promise(apart=np.inf, margin=margin, agreement=0))
    mine, theirs = (np.array(x.score, np.float64) for x in (found.own, found.other))
    outside = np.abs(mine - 2) > margin * 2
    assert found.failed == bool((((mine > 2) != (theirs > 2)) & outside).any())


def test_a_limit_below_nought_has_a_margin_too() -> None:
    inside, outside = Promise(apart=np.inf, margin=0.2), Promise(apart=np.inf, margin=0.01)
    assert not _proof([-1.1], [-0.95], inside, limit=-1, kind="borderline").failed
    assert _proof([-1.1], [-0.95], outside, limit=-1, kind="borderline").failed
