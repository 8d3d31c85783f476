from __future__ import annotations

import json
import logging
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import NEVER
from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.errors import SettingError
from tocsin.core.live import Expected
from tocsin.sources._topics import Topics
from tocsin.sources.payloads import open_payload
from tocsin.sources.payloads.json import LONGEST

S = 10**9
CHANNELS = ("temp", "hum")


def read(
    *payloads: Any, topic: str = "plant/pump-1/env", pattern: str = "plant/+/env", expect: Expected | None = None
) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
    raw = [payload if isinstance(payload, bytes) else json.dumps(payload).encode() for payload in payloads]
    messages = [Message(topic, payload, 100 + place) for place, payload in enumerate(raw)]
    return open_payload("json", expect or Expected(channels=CHANNELS), Topics(pattern).names).read(messages)


@pytest.mark.parametrize(
    "payload",
    [
        {"time": 5, "temp": 21.5, "hum": 40},
        [{"time": 5, "temp": 21.5, "hum": 40}],
        {"ts": 5, "values": {"temp": 21.5, "hum": 40}},
        [{"ts": 5, "values": {"temp": 21.5, "hum": 40}}],
        {"readings": [{"t": 5, "temp": 21.5, "hum": 40}]},
        {"timestamp": 5, "readings": [{"temp": 21.5, "hum": 40}]},
        {"readings": [{"t": 5, "values": {"temp": 21.5, "hum": 40}}]},
        {"time": 5, "bme280": {"temp": 21.5, "hum": 40}, "gps": {"lat": 1}},
        {"time": [5], "temp": [21.5], "hum": [40]},
        {"data": {"time": 5, "temp": "21.5", "hum": "40"}},
        {"Timestamp": 5, "temp": 21.5, "hum": 40, "tags": ["a", "b"], "position": {"x": 1}},
        {"time": 5, "unit": "°C", "temp": 21.5, "hum": 40, "ok": "yes"},
    ],
)
def test_the_shapes_that_gateways_send(payload: object) -> None:
    some, dead = read(payload)
    assert not dead
    assert (some.devices, some.channels) == (("pump-1",), CHANNELS)
    assert (some.time.tolist(), some.values.tolist(), some.arrived.tolist()) == ([5 * S], [[21.5, 40.0]], [100])


def test_readings_stay_in_order_over_messages_and_arrays() -> None:
    some, dead = read(
        [{"time": 1, "temp": 1}, {"time": 2, "temp": 2}], {"time": 3, "temp": 3}, [{"time": 4, "temp": 4}]
    )
    assert not dead
    assert some.time.tolist() == [1 * S, 2 * S, 3 * S, 4 * S]
    assert some.arrived.tolist() == [100, 100, 101, 102]
    assert np.isnan(some.values[:, 1]).all()


def test_columns_of_arrays_are_readings() -> None:
    some, _ = read({"device": "x", "time": [1, 2], "temp": [20, None], "hum": [40, 41]})
    assert some.time.tolist() == [S, 2 * S]
    assert np.array_equal(some.values, np.array([[20, 40], [np.nan, 41]]), equal_nan=True)


@pytest.mark.parametrize("name", ["device", "device_id", "deviceId", "id", "sensor", "machine_id", "Mote"])
def test_the_message_names_its_device_where_the_topic_does_not(name: str) -> None:
    some, dead = read({name: "a", "temp": 1}, {name: 7, "temp": 2}, {"temp": 3}, pattern="plant/pump-1/env")
    assert not dead
    assert [some.devices[place] for place in some.device] == ["a", "7", "plant/pump-1/env"]


def test_the_topic_wins_over_the_message() -> None:
    assert read({"device": "b", "temp": 1})[0].devices == ("pump-1",)


def test_names_that_are_expected_come_first() -> None:
    expect = Expected(channels=("t", "id"), time=("when",), device=("pump",))
    some, _ = read({"t": 21.5, "id": 3, "time": 9, "when": 5, "device": "x", "pump": "p"}, pattern="a", expect=expect)
    assert (some.time.tolist(), some.values.tolist(), some.devices) == ([5 * S], [[21.5, 3.0]], ("p",))


def test_values_that_are_numbers_in_some_way() -> None:
    raw = b'[{"temp": "21.5", "hum": null}, {"temp": true, "hum": "n/a"}, {"temp": NaN, "hum": -Infinity}, {"hum": ""}]'
    some, dead = read(raw)
    assert not dead
    expected = [[21.5, np.nan], [1, np.nan], [np.nan, -np.inf], [np.nan, np.nan]]
    assert np.array_equal(some.values, expected, equal_nan=True)


def test_other_texts_that_mean_missing_are_expected() -> None:
    some, dead = read({"temp": "err", "hum": 1}, expect=Expected(channels=CHANNELS, missing=("err",)))
    assert not dead
    assert np.isnan(some.values[0, 0])


def test_without_channels_every_number_is_one() -> None:
    some, _ = read({"time": 5, "a": 1, "note": "x"}, {"time": 6, "b": 2.5}, expect=Expected())
    assert some.channels == ("a", "b")
    assert np.array_equal(some.values, [[1, np.nan], [np.nan, 2.5]], equal_nan=True)


def test_a_message_without_time_is_stamped_on_arrival_and_that_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    payload = open_payload("json", Expected(channels=CHANNELS), Topics("plant/+/env").names)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            some, _ = payload.read([Message("plant/a/env", b'{"temp": 1}', 77)])
            assert some.time.tolist() == [77]
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("fields", "expect"),
    [
        ({"date": "2026-01-31", "time": "12:00:00"}, Expected(channels=CHANNELS)),
        ({"day": "31.01.2026", "at": "12.00.00"}, Expected(CHANNELS, ("day", "at"), (), "%d.%m.%Y %H.%M.%S")),
        ({"at": "12:00", "day": "2026-01-31"}, Expected(CHANNELS, ("day", "at"), (), "iso")),
        ({"time": "2026-01-31T12:00:00Z", "ts": "2027-01-31T12:00:00Z"}, Expected(channels=CHANNELS)),
        ({"ts": 1_769_860_800, "date": "2026-01-31"}, Expected(channels=CHANNELS)),
        ({"time": "1769860800", "date": "2026-01-31"}, Expected(channels=CHANNELS)),
    ],
)
def test_a_date_and_a_time_of_day_are_one_time(fields: dict[str, object], expect: Expected) -> None:
    some, dead = read({**fields, "temp": 1}, expect=expect)
    assert not dead
    assert some.time.tolist() == [1_769_860_800 * S]


def test_a_time_that_cannot_be_read_is_never() -> None:
    some, dead = read({"time": "soon", "temp": 1}, {"time": None, "temp": 1})
    assert not dead
    assert some.time.tolist() == [NEVER, NEVER]


def test_rows_that_are_counted_need_no_time() -> None:
    some, _ = read({"time": 5, "temp": 1}, expect=Expected(channels=CHANNELS, time_format="row"))
    assert some.time.tolist() == [100]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b'{"temp": 21.5', "no JSON"),
        (b"temp=21.5", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "none of the channels wanted"),
        (b"[" + b'{"values":' * 90 + b"1" + b"}" * 90 + b"]", "nested too deeply"),
        (b"21.5", "payload=value"),
        (b'"hot"', "no object"),
        (b"null", "no object"),
        (b"[1, 2]", "a bare number where an object"),
        (b"[[]]", "an array where an object"),
        (b"{}", "none of the channels wanted \\(temp, hum\\) but nothing"),
        (b'{"Temp": 1}', "none of the channels wanted \\(temp, hum\\) but Temp"),
        (b'{"temp": "hot"}', 'temp is "hot": no number'),
        (b'{"temp": 1' + b"0" * 5_000 + b"}", "no JSON: number out of range"),
        (b'{"temp": {"value": 1}, "hum": 3}', "temp is .* no number"),
        (b'{"temp": 1' + b"0" * 400 + b"}", "temp is 10+"),
        (b'{"temp": 1}' + b" " * LONGEST, "1,048,587 bytes"),
    ],
)
def test_what_means_nothing_is_kept_with_the_reason(payload: bytes, reason: str) -> None:
    some, dead = read({"temp": 1}, payload, {"temp": 2})
    assert some.values[:, 0].tolist() == [1, 2]
    assert len(dead) == 1
    assert (dead[0].origin, dead[0].arrived, dead[0].payload) == ("plant/pump-1/env", 101, payload[:4_096])
    with pytest.raises(ValueError, match=reason):
        raise ValueError(dead[0].reason)


def test_of_many_readings_in_a_message_only_the_bad_one_is_put_aside() -> None:
    some, dead = read([{"temp": 1}, {"temp": "hot"}, {"temp": 3}])
    assert some.values[:, 0].tolist() == [1, 3]
    assert [letter.payload for letter in dead] == [b'{"temp": "hot"}']


def test_a_device_must_have_a_name() -> None:
    _, dead = read({"device": {"id": 1}, "temp": 1}, pattern="plant/pump-1/env")
    assert "device names no device" in dead[0].reason


def test_there_is_nothing_to_set() -> None:
    with pytest.raises(SettingError, match="payload=json"):
        open_payload("json:flat", Expected(), Topics("a").names)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["temp", "hum", "time", "values", "device"]), inner)
    ),
    max_leaves=12,
)


@given(st.lists(st.binary() | ANY_JSON, max_size=6), st.sampled_from([(), CHANNELS]))
def test_nothing_that_is_sent_raises(payloads: list[object], channels: tuple[str, ...]) -> None:
    some, dead = read(*payloads, {"temp": 1}, pattern="plant/pump-1/env", expect=Expected(channels=channels))
    assert len(some) >= 1
    assert all(letter.reason and len(letter.payload) <= 4_096 for letter in dead)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_through_to_the_last_bit(value: float) -> None:
    some, _ = read(f'{{"temp": {value!r}}}'.encode())
    assert some.values[0, 0].tobytes() == np.float64(value).tobytes()


@given(st.lists(st.dictionaries(st.sampled_from(["temp", "hum", "time"]), st.integers(0, 10**12), min_size=1)))
def test_one_by_one_or_all_at_once_is_the_same(rows: list[dict[str, int]]) -> None:
    at_once, dead = read(*rows)
    singly = [read(row) for row in rows]
    assert len(dead) == sum(len(letters) for _, letters in singly)
    values = [one.values for one, _ in singly if len(one)]
    assert np.array_equal(at_once.values, np.concatenate(values) if values else at_once.values, equal_nan=True)
    assert at_once.time.size == sum(map(len, values))
