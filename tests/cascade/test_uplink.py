"""What an edge forwards, over a real broker: in order, none lost, and forgotten only when the broker has it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tocsin.cascade.uplink import CELLS, Uplink, messages
from tocsin.cascade.uplink_place import UplinkPlace
from tocsin.core.arrivals import Arrivals
from tocsin.core.forwards import decode, encode
from tocsin.core.tidings import Tidings
from tocsin.engine.live.meters import Meters
from tocsin.store import Parcel, Store
from tocsin.testing._store_toys import FEED, LANE, entry, opened
from tocsin.testing.servers import HOST, Mosquitto

SECOND = 10**9
MANY = CELLS // 4 + 5
"""Readings of one channel that take two messages."""


def rows(first: int, count: int) -> Arrivals:
    when = np.arange(first, first + count)
    return Arrivals(("pump-1",), ("temp",), np.zeros(count, np.int64), when, when[:, None] / 10, when)


def parcel(number: int, some: Arrivals) -> Parcel:
    return Parcel(number, len(some), encode(some), 0)


@pytest.mark.parametrize("sizes", [[3], [3, 4, 5], [10, 1], [25], [9, 25, 1], [20, 20]])
def test_portions_hold_everything_in_order_and_complete_each_parcel_once(sizes: list[int]) -> None:
    starts = np.cumsum([0, *sizes])
    found = list(messages([parcel(k, rows(int(starts[k]), size)) for k, size in enumerate(sizes)], 40))
    assert np.concatenate([some.time for some, _ in found]).tolist() == list(range(sum(sizes)))
    assert max(len(some) for some, _ in found) <= 10
    completed, held = [number for _, own in found for number in own], 0
    assert completed == list(range(len(sizes)))
    for some, own in found:
        held += len(some)
        assert all(starts[number + 1] <= held for number in own), "forgotten before all of it has gone"


def test_a_damaged_parcel_is_skipped() -> None:
    broken = Parcel(2, 5, b"tF1 broken", 0)
    ((some, numbers),) = messages([parcel(1, rows(0, 2)), broken])
    assert (len(some), numbers) == (2, [1, 2])
    ((nothing, alone),) = messages([broken])
    assert (len(nothing), alone) == (0, [2])


class Listener:
    """Who subscribes at the centre, in a session that the broker keeps."""

    def __init__(self, broker: Mosquitto, base: str) -> None:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self.heard: list[bytes] = []
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=uuid.uuid4().hex, clean_session=False)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_message = lambda _client, _user, message: self.heard.append(bytes(message.payload))
        self._client.on_connect = lambda client, *_: client.subscribe(f"{base}/+/windows", qos=1)
        self._client.connect(HOST, broker.port)
        self._client.loop_start()

    @property
    def times(self) -> list[int]:
        return [time for one in self.heard for time in decode(one).time.tolist()]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def until(true: Callable[[], bool], patience_s: float = 20.0) -> None:
    end = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.02)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(f"sqlite:///{tmp_path}/tocsin.db") as own:
        yield own


def put(store: Store, *some: Arrivals) -> None:
    store.write(entry(store.claim(FEED, LANE, "me").epoch, Tidings(forwards=some)))


def linked(store: Store, broker: Mosquitto, base: str, meters: Meters, *, gather_ns: int = 0) -> Uplink:
    place = UplinkPlace.parse(f"{broker.url}/{base}", where="uplink")
    return Uplink(place, "hall-3", store, meters, gather_ns=gather_ns, keep_ns=3_600 * SECOND)


def test_what_waits_goes_once_somebody_listens_and_is_forgotten_then(store: Store, mosquitto: Mosquitto) -> None:
    base, meters = uuid.uuid4().hex, Meters()
    put(store, rows(0, 3), rows(3, 2))
    uplink = linked(store, mosquitto, base, meters)
    uplink.start()
    time.sleep(0.3)
    assert store.parcels_waiting() == 5, "a broker that has nobody to keep it for has dropped it"
    listener = Listener(mosquitto, base)
    until(lambda: listener.times == [0, 1, 2, 3, 4])
    until(lambda: store.parcels_waiting() == 0)
    uplink.stop()
    listener.close()
    assert meters.value("tocsin_cascade_sent_bytes_total") == sum(map(len, listener.heard))
    assert meters.value("tocsin_cascade_waiting") == 0


def test_a_broker_that_goes_and_comes_gets_everything_in_order(store: Store) -> None:
    with Mosquitto() as broker:
        base = uuid.uuid4().hex
        listener = Listener(broker, base)
        uplink = linked(store, broker, base, Meters())
        put(store, rows(0, 5))
        uplink.start()
        until(lambda: len(listener.times) == 5)
        broker.stop()
        put(store, rows(5, 5))
        put(store, rows(10, MANY))
        time.sleep(0.3)
        assert store.parcels_waiting() == 5 + MANY
        broker.start()
        until(lambda: len(listener.times) >= 10 + MANY)
        uplink.stop()
        listener.close()
    assert list(dict.fromkeys(listener.times)) == list(range(10 + MANY))


def test_it_gathers_and_lets_go_of_all_when_it_ends(store: Store, mosquitto: Mosquitto) -> None:
    base = uuid.uuid4().hex
    listener = Listener(mosquitto, base)
    uplink = linked(store, mosquitto, base, Meters(), gather_ns=3_600 * SECOND)
    uplink.start()
    put(store, rows(0, 1))
    put(store, rows(1, 1))
    time.sleep(0.5)
    assert listener.heard == []
    uplink.stop()
    until(lambda: listener.times == [0, 1])
    listener.close()
    assert len(listener.heard) == 1


def test_what_waited_too_long_is_thrown_away_and_told(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    meters = Meters()
    put(store, rows(0, 7))
    place = UplinkPlace.parse("mqtt://127.0.0.1:1/tocsin", where="uplink")
    uplink = Uplink(place, "hall-3", store, meters, gather_ns=0, keep_ns=1)
    uplink.start()
    until(lambda: store.parcels_waiting() == 0)
    uplink.stop()
    assert meters.value("tocsin_cascade_dropped_total") == 7
    assert "7 readings waited too long" in caplog.text
