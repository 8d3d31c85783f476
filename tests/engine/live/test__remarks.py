from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from tocsin.core.arrays import NEVER
from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.tidings import Tidings
from tocsin.engine.live._remarks import AGAIN_S, ENOUGH, PATIENCE_S, Remarks

NOON = 1_769_860_800 * 10**9
MINUTE = 60 * 10**9


@dataclass
class Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def remarks(clock: Clock) -> Remarks:
    found = Remarks("plant", live=True, clock=clock)
    found.wants(["temperature", "light"])
    return found


def some(n: int = ENOUGH, *, ahead_ns: int = 0, channels: Sequence[str] = ("temperature", "light")) -> Arrivals:
    arrived = NOON + np.arange(n)
    values = np.full((n, len(channels)), 21.5)
    return Arrivals(("room-1",), tuple(channels), np.zeros(n, np.int64), arrived + ahead_ns, values, arrived)


def unread(n: int = ENOUGH) -> Arrivals:
    one = some(n)
    return Arrivals(one.devices, one.channels, one.device, np.full(n, NEVER), one.values, one.arrived)


def letter(reason: str, payload: bytes = b"temp=21") -> DeadLetter:
    return DeadLetter("plant/room-1/env", payload, reason, NOON)


def test_that_nothing_comes_is_said_after_a_minute_and_again_after_an_hour(
    remarks: Remarks, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for second in range(0, int(2 * AGAIN_S), 10):
        clock.now = 1_000.0 + second
        remarks.polled(heard=False, connected=True)
        if second < PATIENCE_S:
            assert not caplog.messages
    assert len(caplog.messages) == 2
    assert "Nothing has come yet" in caplog.messages[0]


@pytest.mark.parametrize("heard", [True, False])
def test_what_has_come_once_or_cannot_come_yet_is_no_reason(
    remarks: Remarks, clock: Clock, caplog: pytest.LogCaptureFixture, heard: bool
) -> None:
    clock.now += PATIENCE_S + 1
    remarks.polled(heard=heard, connected=heard)  # either something came, or there is no connection
    clock.now += PATIENCE_S - 1
    remarks.polled(heard=False, connected=True)
    assert not caplog.messages


def test_of_what_is_put_aside_the_first_of_each_kind_is_shown(
    remarks: Remarks, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    remarks.put_aside([letter("It is no JSON: column 2."), letter("It is no JSON: column 17."), letter("No device.")])
    assert len(caplog.messages) == 2
    assert caplog.messages[0] == "Put aside, from plant/room-1/env: temp=21 — It is no JSON: column 2."
    clock.now += AGAIN_S
    remarks.put_aside([letter("It is no JSON: column 3.")])
    assert len(caplog.messages) == 3


def test_messages_are_shown_shortened_and_do_no_harm(remarks: Remarks, caplog: pytest.LogCaptureFixture) -> None:
    remarks.put_aside([letter("No.", b"\x1b[2J\xff\n" + b"x" * 9_999)])
    assert "·[2J" in caplog.text
    assert "\x1b" not in caplog.text
    assert len(caplog.messages[0]) < 300


def test_kinds_without_end_fill_neither_log_nor_memory(remarks: Remarks, caplog: pytest.LogCaptureFixture) -> None:
    remarks.put_aside([letter(f"{'no' * k}.") for k in range(1, 500)])
    assert 20 <= len(caplog.messages) <= 100


@pytest.mark.parametrize(
    ("status", "arrivals", "says"),
    [
        ("late", some(), "their times repeat"),
        ("invalid", unread(), "For example room-1: no time that can be read."),
        ("invalid", some(ahead_ns=400 * 1_440 * MINUTE), "For example room-1: 2027-03-07T12:00:00 UTC."),
    ],
)
def test_that_most_readings_are_of_no_use_is_said_with_an_example(
    remarks: Remarks, caplog: pytest.LogCaptureFixture, status: str, arrivals: Arrivals, says: str
) -> None:
    remarks.judged(arrivals, Tidings(statuses={status: ENOUGH - 1, "ok": 1}))
    assert f"{ENOUGH - 1} of the last {ENOUGH} readings are {status}" in caplog.text
    assert says in caplog.text


def test_some_bad_readings_among_many_good_ones_are_no_reason(
    remarks: Remarks, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(20):
        remarks.judged(some(), Tidings(statuses={"late": 5, "invalid": 5, "ok": 10}))
    assert not caplog.messages


def test_clocks_that_go_ahead_are_told(remarks: Remarks, caplog: pytest.LogCaptureFixture) -> None:
    remarks.judged(some(ahead_ns=4 * MINUTE), Tidings())
    assert not caplog.messages
    remarks.judged(some(ahead_ns=60 * MINUTE), Tidings())
    assert "60 min ahead" in caplog.text


def test_a_channel_that_never_comes_is_named_once(
    remarks: Remarks, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    remarks.judged(some(channels=["temperature"]), Tidings())
    assert not caplog.messages
    for _ in range(3):
        clock.now += PATIENCE_S
        remarks.judged(some(channels=["temperature"]), Tidings())
    assert caplog.messages == [f"None of the first {2 * ENOUGH} readings brought light. Do they have other names?"]


def test_channels_that_come_apart_are_all_there(
    remarks: Remarks, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for channels in (["temperature"], ["light"], ["temperature"]):
        clock.now += PATIENCE_S
        remarks.judged(some(channels=channels), Tidings())
    assert not caplog.messages
