from __future__ import annotations

import threading

import pytest

from tocsin.engine.live import _patience
from tocsin.engine.live._patience import Halted, Patience
from tocsin.engine.live.meters import Meters
from tocsin.store import StoreAway, Superseded


class Door:
    """Opens at the n-th knock; keeps in mind how long whoever knocks waits."""

    def __init__(self, opens_at: int) -> None:
        self.opens_at, self.knocks = opens_at, 0

    def __call__(self) -> str:
        self.knocks += 1
        if self.knocks < self.opens_at:
            raise StoreAway("The store is locked.", remedy="Wait.")
        return "in"


class Waits(threading.Event):
    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        return self.is_set()


def test_it_tries_again_less_and_less_often_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    meters, waits = Meters(), Waits()
    patience = Patience(meters, waits)
    assert patience(Door(9)) == "in"
    assert waits.waited == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    assert meters.total("tocsin_store_failures_total") == 8
    assert [record.getMessage()[:24] for record in caplog.records] == [
        "The store is locked. Wai",
        "The store answers again,",
    ]
    assert patience.trouble == ""


def test_a_long_absence_is_told_now_and_then(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(_patience, "_SAY_AGAIN_S", 0.0)
    Patience(Meters(), Waits())(Door(4))
    assert sum("nothing is read meanwhile" in record.getMessage() for record in caplog.records) == 3


def test_who_is_to_stop_tries_once_and_what_is_wrong_stays_known() -> None:
    stop = threading.Event()
    stop.set()
    patience, door = Patience(Meters(), stop), Door(5)
    with pytest.raises(Halted, match="The store is locked"):
        patience(door)
    assert door.knocks == 1
    assert patience.trouble == "The store is locked. Wait."
    assert patience(Door(1)) == "in"


def test_other_errors_are_nobodys_business() -> None:
    def taken() -> None:
        raise Superseded("The lane is somebody else's.")

    with pytest.raises(Superseded):
        Patience(Meters(), threading.Event())(taken)
