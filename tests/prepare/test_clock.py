"""The clock against a reading-by-reading account of its rules in plain Python."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import NEVER
from tocsin.prepare.clock import Clock

PERIOD = 10


def account(
    clock: Clock, rows: list[tuple[int, float, float]]
) -> tuple[list[tuple[int, float, float, bool]], list[str]]:
    """Follow the rules of the clock one reading at a time: closed bins (end, a, b, fresh), and each reading's fate."""
    greatest: int | None = None
    closed: int | None = None
    bins: dict[int, list[tuple[int, float]]] = {}
    out: list[tuple[int, float, float, bool]] = []
    fates = []

    def close(watermark: float) -> None:
        nonlocal closed
        for end in sorted(e for e in bins if e <= watermark):
            if closed is not None:
                missed = (end - closed) // PERIOD - 1
                for k in range(min(missed, clock.restart)):
                    out.append((closed + (k + 1) * PERIOD, math.nan, math.nan, False))
                fresh = missed > clock.restart
            else:
                fresh = False
            values = [best[1] for best in bins.pop(end)]
            out.append((end, values[0], values[1], fresh))
            closed = end

    for time, *values in rows:
        if time == NEVER:
            fates.append("invalid")
            continue
        end = math.ceil(time / PERIOD) * PERIOD
        if greatest is not None and end <= greatest - clock.lateness_ns:
            fates.append("late")
            continue
        fates.append("taken")
        held = bins.setdefault(end, [(NEVER, math.nan), (NEVER, math.nan)])
        for k, value in enumerate(values):
            if not math.isnan(value) and time >= held[k][0]:
                held[k] = (time, value)
        greatest = time if greatest is None else max(greatest, time)
        close(greatest - clock.lateness_ns)
    close(math.inf)
    return out, fates


def run(
    clock: Clock, rows: list[tuple[int, float, float]], cuts: list[int]
) -> tuple[list[tuple[float, ...]], list[str]]:
    dial, found, fates = clock.init(1), [], []
    borders = [0, *sorted({c for c in cuts if 0 < c < len(rows)}), len(rows)]
    for start, stop in pairwise(borders):
        piece = np.array(rows[start:stop], dtype=object)
        time = piece[:, 0].astype(np.int64)[None]
        values = piece[:, 1:].astype(np.float64)[None]
        dial, ticked = clock.push(dial, time, values, valid=np.ones(time.shape, np.bool_))
        found.append(ticked.bins)
        for late, invalid in zip(ticked.late[0], ticked.invalid[0], strict=True):
            fates.append("invalid" if invalid else "late" if late else "taken")
    found.append(clock.flush(dial)[1].bins)
    rows_out = [
        (int(end), *values, bool(fresh))
        for bins in found
        for end, values, fresh in zip(bins.end.tolist(), bins.values.tolist(), bins.fresh.tolist(), strict=True)
    ]
    return rows_out, fates


value = st.one_of(st.just(math.nan), st.integers(-5, 5).map(float))
moment = st.one_of(st.integers(-30, 150), st.integers(0, 60), st.just(NEVER))
readings = st.lists(st.tuples(moment, value, value), min_size=1, max_size=40)


@settings(max_examples=300, deadline=None)
@given(readings, st.sampled_from([0, 1, 7, 10, 25]), st.lists(st.integers(0, 40), max_size=5))
def test_the_clock_follows_its_rules_over_any_cuts(
    rows: list[tuple[int, float, float]], lateness: int, cuts: list[int]
) -> None:
    clock = Clock(2, PERIOD, align=True, lateness_ns=lateness, hold=2, restart=5)
    expected, fates = account(clock, rows)
    found, found_fates = run(clock, rows, cuts)
    assert found_fates == fates
    np.testing.assert_array_equal(np.array(found, float).reshape(-1, 4), np.array(expected, float).reshape(-1, 4))


def test_within_a_bin_the_greatest_time_wins_and_on_a_tie_the_last_to_arrive() -> None:
    clock = Clock(2, PERIOD, align=True, lateness_ns=10)
    rows = [(8, 1.0, math.nan), (3, 2.0, 5.0), (8, 3.0, math.nan), (31, 0.0, 0.0)]
    found, _ = run(clock, rows, [])
    assert found[0] == (10, 3.0, 5.0, False)


def test_without_alignment_each_reading_is_its_own_bin_and_repeats_are_late() -> None:
    clock = Clock(2, PERIOD, hold=2, restart=5)
    rows = [(t, float(t), 0.0) for t in (10, 20, 20, 15, 30, 90, 180)]
    found, fates = run(clock, rows, [3])
    assert fates == ["taken", "taken", "late", "late", "taken", "taken", "taken"]
    assert [row[0] for row in found] == [10, 20, 30, 90, 180]
    assert [bool(row[3]) for row in found] == [False, False, False, False, True]


def test_a_time_far_ahead_of_its_arrival_is_invalid_and_moves_no_watermark() -> None:
    clock = Clock(1, PERIOD, align=True, ahead_ns=100)
    time = np.array([[10, 5_000, 20, 31]])
    _, ticked = clock.push(
        clock.init(1), time, np.zeros((1, 4, 1)), valid=np.ones((1, 4), np.bool_), arrived=np.array([[10, 20, 30, 40]])
    )
    assert ticked.invalid[0].tolist() == [False, True, False, False]
    assert not ticked.late.any()


def test_one_device_does_not_move_the_clock_of_another() -> None:
    clock = Clock(1, PERIOD, align=True)
    time = np.array([[10, 20, 30], [1000, 1010, 1020]])
    _, ticked = clock.push(clock.init(2), time, np.zeros((2, 3, 1)), valid=np.ones((2, 3), np.bool_))
    assert not ticked.late.any()
    assert ticked.bins.end[ticked.device == 0].tolist() == [10, 20, 30]
