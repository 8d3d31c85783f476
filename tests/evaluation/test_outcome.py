from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tocsin.evaluation.outcome import Outcome


def outcome(score: list[float], limit: list[float], **more: object) -> Outcome:
    scores, limits = np.array(score), np.array(limit)
    flags = scores > limits
    n = len(score)
    return Outcome(
        labels=np.arange(n) == 1,
        score=scores,
        anomaly=flags,
        told=flags,
        limit=limits,
        time=np.arange(n) * 10**9,
        device=np.zeros(n, np.int64),
        **more,  # type: ignore[arg-type]  # kind and size
    )


def test_severity_is_score_over_limit_and_keeps_ranks_below_zero() -> None:
    found = outcome([1.0, 3.0, 0.05, -5.0, -20.0, 2.0], [2.0, 2.0, 0.0, -10.0, -10.0, np.nan]).severity
    np.testing.assert_allclose(found, [0.5, 1.5, 1.05, 6.0, -9.0, 2.0])


def test_severity_is_above_one_where_the_limit_is_passed() -> None:
    rng = np.random.default_rng(0)
    made = outcome(rng.normal(size=500).tolist(), rng.normal(size=500).tolist())
    np.testing.assert_array_equal(made.severity > 1, made.anomaly)


def test_without_a_score_there_is_no_severity() -> None:
    assert np.isnan(outcome([np.nan], [1.0]).severity[0])


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="kind has shape"):
        outcome([1.0, 2.0], [1.0, 1.0], kind=np.array(["a"]))


@pytest.mark.parametrize("kinds", [True, False])
def test_what_is_saved_is_loaded(tmp_path: Path, kinds: bool) -> None:
    more = {"kind": np.array(["", "spike"]), "size": np.array([np.nan, 2.0])} if kinds else {}
    made = outcome([1.0, np.nan], [1.0, np.nan], **more)
    made.save(tmp_path / "outcome.npz")
    found = Outcome.load(tmp_path / "outcome.npz")
    for name in ("labels", "score", "anomaly", "told", "limit", "time", "device", *more):
        np.testing.assert_array_equal(getattr(found, name), getattr(made, name))
    assert (found.kind is None, found.row_clock) == (not kinds, False)


def test_joining_keeps_kinds_only_where_all_know_them() -> None:
    knows, not_ = outcome([1.0], [1.0], kind=np.array(["drift"])), outcome([2.0], [1.0])
    assert Outcome.join([knows, knows]).kind is not None
    assert Outcome.join([knows, not_]).kind is None
    np.testing.assert_array_equal(Outcome.join([knows, not_]).score, [1.0, 2.0])
