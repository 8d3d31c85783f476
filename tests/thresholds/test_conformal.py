"""Split conformal: ranks by hand, and its promise of finite samples, simulated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Found
from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds._constant import ConstantLimit
from tocsin.thresholds.conformal import Conformal


def limit_of(found: Found) -> float:
    assert isinstance(found.limits, ConstantLimit)
    return found.limits.limit


def conformal(rate: float, scores: FloatArray) -> float:
    return limit_of(Conformal(rate).fit(Reference.of(scores)))


@given(st.integers(10, 3000), st.sampled_from([0.5, 0.1, 0.05, 0.01]))
def test_the_limit_lies_between_the_rank_promised_and_the_next(n: int, rate: float) -> None:
    scores = np.random.default_rng(n).permutation(np.arange(1.0, n + 1))
    rank = int(np.ceil((n + 1) * (1 - rate) - 1e-9))
    limit = conformal(rate, scores)
    assert limit == rank + 0.5 if rank < n else n < limit < n * (1 + 1e-5)


@pytest.mark.parametrize(("n", "rate"), [(19, 0.1), (30, 0.1), (99, 0.01), (250, 0.01)])
def test_a_new_score_exceeds_it_no_more_often_than_promised(n: int, rate: float) -> None:
    """On average over references; and hardly less often, between beyond - 1 and beyond of n + 1 places."""
    random, trials = np.random.default_rng(0), 40_000
    scores = random.lognormal(size=(trials, n))
    beyond = int((n + 1) * rate + 1e-9)
    limits = np.array([conformal(rate, row) for row in scores[:4000]])
    exceeded = (random.lognormal(size=(2500, 1)) > limits).mean()
    assert (beyond - 1) / (n + 1) - 2e-3 <= exceeded <= rate + 2e-3


def test_the_interval_told_holds_nine_in_ten_references() -> None:
    random, held = np.random.default_rng(0), 0
    for _ in range(200):
        found = Conformal(0.01).fit(Reference.of(random.uniform(size=3000)))
        low, high = (float(part.split()[-1]) for part in found.said[1].split(" of the normal")[0].split(" to "))
        held += low <= 1 - limit_of(found) <= high
    assert 0.84 <= held / 200 <= 0.96


def test_too_few_scores_are_said_to_be_too_few() -> None:
    found = Conformal(0.01).fit(Reference.of(np.arange(98.0)))
    assert "98 reference scores" in found.warnings[0]
    assert "99 are needed" in found.warnings[0]
    assert found.said == ()
    assert 97 < limit_of(found) < 97.001
    enough = Conformal(0.01).fit(Reference.of(np.random.default_rng(0).permutation(np.arange(99.0))))
    assert enough.warnings == ()
    assert 98 < limit_of(enough) < 98.001


def test_scores_like_their_neighbours_are_worth_less() -> None:
    scores = np.repeat(np.random.default_rng(0).exponential(size=200), 25)
    found = Conformal(0.002).fit(Reference.of(scores))
    assert "5000 of them are worth about" in found.warnings[0]
    assert len(found.said) == 1


@pytest.mark.parametrize("text", ["0", "1", "nan", "abc", "0.1,x=2"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        Conformal.parse(text)
