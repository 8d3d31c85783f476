"""Readings that wait: the order in which they are let go, checked against a plain account of the rule."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import NEVER
from tocsin.engine.live._waiting import Several, Waiting

N = np.nan


def several(rows: list[tuple[int, int]], values: list[list[float]] | None = None) -> Several:
    """Return readings of (device, time) that arrive when they are heard."""
    table = np.array(rows, np.int64).reshape(-1, 2)
    what = np.arange(2.0 * len(rows)).reshape(-1, 2) if values is None else np.array(values)
    return Several(table[:, 0], table[:, 1], what, np.zeros(len(rows), np.int64))


def at_once(waiting: Waiting, rows: Several, heard: list[int]) -> list[tuple[int, int]]:
    found = [waiting.take(rows, np.array(heard, np.int64)), waiting.finish()]
    return [(d, t) for some in found for d, t in zip(some.device.tolist(), some.time.tolist(), strict=True)]


def test_a_reading_that_is_overtaken_goes_first() -> None:
    waiting = Waiting(allowance_ns=2, period_ns=1, channels=2)
    assert at_once(waiting, several([(0, 20), (0, 10), (0, 30)]), [0, 1, 9]) == [(0, 10), (0, 20), (0, 30)]


def test_one_that_comes_after_the_allowance_goes_last() -> None:
    waiting = Waiting(allowance_ns=2, period_ns=1, channels=2)
    assert at_once(waiting, several([(0, 20), (1, 5), (0, 10)]), [0, 3, 4]) == [(0, 20), (1, 5), (0, 10)]


def test_channels_join_within_half_a_period_and_never_twice() -> None:
    waiting = Waiting(allowance_ns=100, period_ns=10, channels=2)
    values = [[1.0, N], [N, 2.0], [3.0, N], [N, 4.0]]
    waiting.take(several([(0, 20), (0, 24), (0, 24), (0, 28)], values), np.zeros(4, np.int64))
    found = waiting.finish()
    assert found.time.tolist() == [20, 24]
    np.testing.assert_array_equal(found.values, [[1, 2], [3, 4]])


def test_times_that_cannot_be_read_do_not_wait() -> None:
    waiting = Waiting(allowance_ns=100, period_ns=10, channels=2)
    assert len(waiting.take(several([(0, NEVER), (0, 1)]), np.zeros(2, np.int64)).device) == 1
    assert len(waiting) == 1


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 3)), max_size=25),
    st.integers(1, 6),
    st.integers(0, 25),
)
def test_any_cut_gives_the_order_of_the_rule(rows: list[tuple[int, int, int]], allowance: int, cut: int) -> None:
    heard = np.cumsum([step for _, _, step in rows], dtype=np.int64)
    all_rows = several([(device, time) for device, time, _ in rows])
    waiting = Waiting(allowance_ns=allowance, period_ns=1, channels=2)
    head, tail = (Several(*(column[part] for column in vars(all_rows).values())) for part in _halves(cut))
    first = waiting.take(head, heard[:cut])
    again = Waiting(allowance_ns=allowance, period_ns=1, channels=2)
    again.write(waiting.arrays())
    parts = [first, again.take(tail, heard[cut:]), again.finish()]
    assert [int(row[0] // 2) for some in parts for row in some.values] == _ruled(rows, heard.tolist(), allowance)


def _halves(cut: int) -> tuple[slice, slice]:
    return slice(0, cut), slice(cut, None)


def _ruled(rows: list[tuple[int, int, int]], heard: list[int], allowance: int) -> list[int]:
    """Return the rows' numbers as they are let go, by the rule as it is said."""
    waits: list[int] = []
    free: list[int] = []
    for now, number in [*zip(heard, range(len(rows)), strict=True), (1 << 60, -1)]:
        for oldest in sorted(waits):
            if oldest in waits and now > heard[oldest] + allowance:
                earlier = [k for k in waits if rows[k][0] == rows[oldest][0] and rows[k][1] <= rows[oldest][1]]
                free += sorted(earlier, key=lambda k: (rows[k][1], k))
                waits = [k for k in waits if k not in earlier]
        waits += [number] if number >= 0 else []
    return free


def test_where_pieces_alone_are_waited_for_a_whole_reading_goes_at_once() -> None:
    waiting = Waiting(allowance_ns=100, period_ns=10, channels=2, eager=True)
    values = [[1.0, N], [N, 2.0], [3.0, N]]
    found = waiting.take(several([(0, 20), (0, 20), (0, 30)], values), np.zeros(3, np.int64))
    assert (found.time.tolist(), len(waiting)) == ([20], 1)
    found = waiting.take(several([(0, 40)], [[5.0, 6.0]]), np.zeros(1, np.int64))
    assert (found.time.tolist(), len(waiting)) == ([30, 40], 0)
