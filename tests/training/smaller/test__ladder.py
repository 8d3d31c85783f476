"""The ladder of widths finds the smallest that is enough, to a quarter, with few tries."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tocsin.training.smaller._ladder import Ladder


def climbed(widest: int, least: int) -> list[int]:
    """Return the widths that are tried where ``least`` and all wider ones are enough."""
    ladder, tried = Ladder("some", widest), []
    while ladder.width:
        tried.append(ladder.width)
        ladder.took(enough=ladder.width >= least)
    return tried


@given(widest=st.integers(1, 4096), least=st.integers(1, 4096))
def test_the_smallest_is_found_to_a_quarter(widest: int, least: int) -> None:
    tried = climbed(widest, least)
    assert len(tried) == len(set(tried)) <= 16
    if widest < least:
        assert tried == [widest]
        return
    kept = min(width for width in tried if width >= least)
    assert kept <= max(1.25 * (least - 1), least)


def test_where_everything_is_enough_the_narrowest_is_kept() -> None:
    assert climbed(8, 1) == [8, 4, 2, 1]
