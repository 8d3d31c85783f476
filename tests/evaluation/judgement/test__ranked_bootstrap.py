"""The quick bootstrap draws the same samples as the general one, and finds the same in them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tocsin.evaluation.judgement._ranked_bootstrap import ranked_bootstrap
from tocsin.evaluation.metrics import average_precision, bootstrap, roc_auc
from tocsin.evaluation.outcome import Outcome

MakeOutcome = Callable[..., Outcome]


@pytest.mark.parametrize("decimals", [1, 9])
@pytest.mark.parametrize("block", [1, 37])
def test_the_intervals_are_those_of_the_general_bootstrap(outcome: MakeOutcome, decimals: int, block: int) -> None:
    random = np.random.default_rng(2)
    labels = "".join("#" if k % 40 < 4 else "." for k in range(600))
    judged = outcome(labels, score=random.normal(size=600).round(decimals), device=np.arange(600) % 3)
    found = ranked_bootstrap(judged, block=block, seed=9, level=0.9, repeats=40)
    measures = (lambda o: roc_auc(o.labels, o.score)), (lambda o: average_precision(o.labels, o.score))
    for quick, measure in zip(found, measures, strict=True):
        slow = bootstrap(measure, judged, block=block, seed=9, level=0.9, repeats=40)
        assert quick is not None
        assert slow is not None
        assert (quick.low, quick.high) == pytest.approx((slow.low, slow.high), abs=1e-12)


def test_too_few_readings_have_no_interval(outcome: MakeOutcome) -> None:
    assert ranked_bootstrap(outcome("..#.."), block=3, seed=0, level=0.95, repeats=10) == (None, None)


def test_samples_without_a_label_do_not_count(outcome: MakeOutcome) -> None:
    rare = outcome("." * 99 + "#", score=np.arange(100.0))
    roc, pr = ranked_bootstrap(rare, block=1, seed=0, level=0.95, repeats=100)
    assert roc is not None
    assert pr is not None
    assert roc.low == roc.high == 1.0
