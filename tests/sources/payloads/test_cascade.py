from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.errors import SettingError
from tocsin.core.forwards import encode
from tocsin.core.live import Expected
from tocsin.sources._topics import Topics
from tocsin.sources.payloads import open_payload


def some(arrived: int = 7) -> Arrivals:
    when = np.array([arrived, arrived])
    bad = np.array([[False, True], [False, False]])
    return Arrivals(("p", "q"), ("temp", "rssi"), np.array([0, 1]), np.array([1, 2]), np.ones((2, 2)), when, bad=bad)


def read(
    *payloads: bytes, channels: tuple[str, ...] = (), from_topic: bool = True
) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
    topics = Topics("tocsin/+/windows", from_topic=from_topic)
    payload = open_payload("cascade", Expected(channels=channels), topics.names)
    return payload.read([Message("tocsin/hall-3/windows", raw, 9) for raw in payloads])


def test_devices_bear_the_name_of_their_edge() -> None:
    assert read(encode(some()))[0].devices == ("hall-3/p", "hall-3/q")


def test_devices_keep_their_names_where_that_is_asked_for() -> None:
    assert read(encode(some()), from_topic=False)[0].devices == ("p", "q")


def test_what_nobody_judges_is_left_out() -> None:
    found, _ = read(encode(some()), channels=("temp", "hum"))
    assert (found.channels, found.values.shape) == (("temp",), (2, 1))
    assert found.bad is not None
    assert found.bad.tolist() == [[False], [False]]


@pytest.mark.parametrize(("stamped", "taken"), [(7, 7), (10**18, 9)])
def test_the_clock_of_an_edge_that_is_ahead_moves_no_other(stamped: int, taken: int) -> None:
    assert read(encode(some(stamped)))[0].arrived.tolist() == [taken, taken]


def test_what_is_damaged_is_put_aside_and_the_rest_is_read() -> None:
    whole = encode(some())
    found, dead = read(whole[:-1], whole)
    assert (len(found), len(dead)) == (2, 1)
    assert "damaged" in dead[0].reason


def test_an_edge_that_forwards_too_little_around_strange_readings_is_named_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    payload = open_payload("cascade", Expected(context=(19, 22)), Topics("tocsin/+/windows").names)

    def said(edge: str, before: int, after: int) -> list[str]:
        caplog.clear()
        payload.read([Message(f"tocsin/{edge}/windows", encode(some(), context=(before, after)), 9)])
        return [record.getMessage() for record in caplog.records]

    assert said("hall-1", 19, 22) == []
    (front,) = said("hall-2", 18, 64)
    assert front.startswith("hall-2 forwards 18 readings in front of a strange one")
    assert "before = 19" in front
    (behind,) = said("hall-3", 64, 21)
    assert behind.startswith("hall-3 forwards 21 readings behind a strange one")
    assert "after = 22" in behind
    assert said("hall-3", 64, 21) == []
    assert len(said("hall-3", 3, 3)) == 2


def test_it_has_no_settings() -> None:
    with pytest.raises(SettingError, match="payload=cascade"):
        open_payload("cascade:a", Expected(), Topics("a").names)
