"""Intervals of shares that count events, and how long the blocks of a bootstrap are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.evaluation.judgement._intervals import block_of, wilson
from tocsin.evaluation.outcome import Outcome


def test_wilsons_interval_as_textbooks_have_it() -> None:
    found = wilson(8, 10)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 0) is None


@pytest.mark.parametrize(("hits", "trials"), [(0, 1), (1, 1), (0, 20), (20, 20)])
def test_wilsons_interval_stays_a_share(hits: int, trials: int) -> None:
    found = wilson(hits, trials)
    assert found is not None
    assert 0 <= found.low <= hits / trials <= found.high <= 1


def test_blocks_are_longer_than_events_and_leave_ten(outcome: Callable[..., Outcome]) -> None:
    assert block_of(outcome(("." * 95 + "#" * 5) * 4)) == 10
    assert block_of(outcome("." * 100 + "#" * 100)) == 20
    assert block_of(outcome("..#")) == 1
