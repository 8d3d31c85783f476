from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tocsin.sources._stamps import Stamps

S = 10**9


@dataclass
class Hands:
    """Two clocks that a test moves by hand."""

    wall: int = 1_700_000_000 * S
    steady: int = 5 * S

    def pass_by(self, seconds: float, *, set_by: float = 0) -> None:
        self.steady += int(seconds * S)
        self.wall += int((seconds + set_by) * S)

    def stamps(self, last: int = 0) -> Stamps:
        return Stamps(last=last, wall=lambda: self.wall, steady=lambda: self.steady)


def test_a_quiet_day_moves_nothing() -> None:
    hands = Hands()
    stamps = hands.stamps()
    for _ in range(1_000):
        hands.pass_by(1)
        assert stamps.beat() == hands.wall
    assert stamps.shift() == 0


def test_the_clock_set_on_or_back_is_a_shift_by_so_much() -> None:
    hands = Hands()
    stamps = hands.stamps()
    for seconds in (3_600, -7_200):
        hands.pass_by(1, set_by=seconds)
        stamps.beat()
        assert stamps.shift() == seconds * S
        assert stamps.shift() == 0


def test_a_slow_drift_is_noticed_once_it_matters() -> None:
    hands = Hands()
    stamps = hands.stamps()
    told = 0
    for _ in range(100):
        hands.pass_by(1, set_by=0.1)
        stamps.beat()
        told += stamps.shift()
    assert 8 * S <= told <= 10 * S


def test_the_time_without_a_broker_is_told_when_it_is_back() -> None:
    hands = Hands()
    stamps = hands.stamps()
    hands.pass_by(30)
    assert stamps.shift() == 0
    stamps.beat()
    assert stamps.shift() == 30 * S


def test_a_moment_without_a_broker_is_nothing() -> None:
    hands = Hands()
    stamps = hands.stamps()
    hands.pass_by(2.5)
    stamps.beat()
    assert stamps.shift() == 0


def test_a_machine_that_slept_shifts_by_its_sleep() -> None:
    hands = Hands()
    stamps = hands.stamps()
    hands.wall += 900 * S  # the steady clock stands still meanwhile
    stamps.beat()
    assert stamps.shift() == 900 * S


def test_the_time_we_did_not_run_is_told_first() -> None:
    hands = Hands()
    stamps = hands.stamps(last=hands.wall - 500 * S)
    assert stamps.shift() == 500 * S


@given(st.lists(st.tuples(st.floats(0.0, 100.0), st.floats(-4e3, 4e3))))
def test_stamps_less_shifts_run_like_a_clock_that_stands_while_nobody_listens(steps: list[tuple[float, float]]) -> None:
    hands = Hands()
    stamps = hands.stamps()
    begin, heard, shifted = hands.wall, 0, 0
    for seconds, set_by in steps:
        before = hands.steady
        hands.pass_by(seconds, set_by=set_by)
        stamps.beat()
        heard += hands.steady - before if seconds <= 3 else 0
        shifted += stamps.shift()
    assert abs(hands.wall - begin - shifted - heard) <= 2 * S + 1_000
