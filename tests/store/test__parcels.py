from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from tocsin.core.arrivals import Arrivals
from tocsin.core.forwards import decode
from tocsin.core.tidings import Tidings
from tocsin.store import Superseded
from tocsin.testing._store_toys import FEED, LANE, entry, opened
from tocsin.testing.live_fleet import LiveFleet


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    embedded = request.param == "sqlite"
    return f"sqlite:///{tmp_path}/tocsin.db" if embedded else str(request.getfixturevalue("postgres").fresh())


def some(readings: int) -> Arrivals:
    return LiveFleet(devices=2, readings=readings).arrivals()


def test_what_waits_goes_in_order_and_is_exactly_what_was_written(url: str) -> None:
    with opened(url) as store:
        epoch = store.claim(FEED, LANE, "me").epoch
        store.write(entry(epoch, Tidings(forwards=(some(3), some(2)))))
        store.write(entry(epoch, Tidings(forwards=(some(1),))))
        first, second, third = store.parcels()
        assert [one.readings for one in (first, second, third)] == [6, 4, 2]
        assert np.array_equal(decode(second.block).values, some(2).values)
        assert [one.number for one in store.parcels(after=first.number, most=1)] == [second.number]
        store.parcels_gone([first.number])
        assert store.parcels_waiting() == 6
    with opened(url) as again:
        assert [one.number for one in again.parcels()] == [second.number, third.number]


def test_what_somebody_without_the_lane_brings_is_refused_whole(url: str) -> None:
    with opened(url) as store:
        old = store.claim(FEED, LANE, "me").epoch
        store.claim(FEED, LANE, "another")
        with pytest.raises(Superseded):
            store.write(entry(old, Tidings(forwards=(some(3),))))
        assert store.parcels() == []


def test_what_waited_too_long_is_thrown_away_and_counted(url: str) -> None:
    with opened(url) as store:
        assert store.parcels_dropped(before_ns=time.time_ns()) == 0
        store.write(entry(store.claim(FEED, LANE, "me").epoch, Tidings(forwards=(some(3),))))
        assert store.parcels_dropped(before_ns=time.time_ns() - 60 * 10**9) == 0
        assert store.parcels_dropped(before_ns=time.time_ns() + 1) == 6
        assert store.parcels_waiting() == 0
