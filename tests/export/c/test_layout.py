"""Places in memory: nothing lies on anything else that is still needed, and little is wasted."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.export.c.layout import Lease, packed

LEASES = st.lists(st.tuples(st.integers(1, 99), st.integers(0, 9), st.integers(0, 4)), min_size=1, max_size=12).map(
    lambda drawn: [Lease(str(k), size, first, first + more) for k, (size, first, more) in enumerate(drawn)]
)


@settings(max_examples=40)
@given(LEASES)
def test_what_is_needed_at_one_time_lies_apart(leases: list[Lease]) -> None:
    at, words = packed(leases)
    for time in range(15):
        now = sorted((at[one.name], -(-one.bytes // 4)) for one in leases if one.first <= time <= one.last)
        for (start, length), (following, _) in itertools.pairwise(now):
            assert start + length <= following
        assert all(start >= 0 and start + length <= words for start, length in now)


@settings(max_examples=40)
@given(LEASES)
def test_no_more_is_taken_than_all_together_need_and_no_less_than_the_busiest_time(leases: list[Lease]) -> None:
    _, words = packed(leases)
    busiest = max(sum(-(-one.bytes // 4) for one in leases if one.first <= time <= one.last) for time in range(15))
    assert busiest <= words <= sum(-(-one.bytes // 4) for one in leases)
