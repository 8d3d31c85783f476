from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import NEVER
from tocsin.core.arrivals import Message
from tocsin.core.errors import SettingError
from tocsin.core.live import Expected, Payload
from tocsin.sources._topics import Topics
from tocsin.sources.payloads import Asking, open_payload
from tocsin.sources.payloads._sparkplug_proto import payload_class

EXPECT = Expected(channels=("temp", "speed"))
NAMING = Topics("spBv1.0/#").names
MS = 10**6
SECOND = 10**9


def opened(settings: str = "", expect: Expected = EXPECT) -> Payload:
    return open_payload(f"sparkplug:{settings}", expect, NAMING)


def message(kind: str, *metrics: dict[str, Any], device: str = "", at: int = 5_000, arrived: int = 9) -> Message:
    payload = payload_class()(timestamp=at)
    for metric in metrics:
        payload.metrics.add(**metric)
    topic = f"spBv1.0/plant/{kind}/edge" + (f"/{device}" if device else "")
    return Message(topic, payload.SerializeToString(), arrived)


BIRTH = message(
    "DBIRTH",
    {"name": "temp", "alias": 1, "datatype": 9, "float_value": 20.5},
    {"name": "speed", "alias": 2, "datatype": 3, "int_value": 1_500},
    {"name": "note", "alias": 3, "datatype": 12, "string_value": "x"},
    device="pump",
)
NODE_BIRTH = message("NBIRTH", {"name": "bdSeq", "datatype": 4, "long_value": 7})


def test_bytes_written_by_hand() -> None:
    """Field numbers and wire types as in the specification: a timestamp and the metric temp = 21.5 of type float."""
    metric = b"\x0a\x04temp" + b"\x20\x09" + b"\x65" + struct.pack("<f", 21.5)
    raw = b"\x08\x88\x27" + b"\x12" + bytes([len(metric)]) + metric + b"\x18\x05"
    some, dead = opened().read([Message("spBv1.0/plant/DDATA/edge/pump", raw, 9)])
    assert not dead
    assert (some.devices, some.time.tolist()) == (("plant/edge/pump",), [5_000 * MS])
    assert np.array_equal(some.values, np.array([[21.5, np.nan]]), equal_nan=True)


def test_readings_by_alias_follow_a_birth() -> None:
    payload = opened()
    some, dead = payload.read([BIRTH, message("DDATA", {"alias": 1, "float_value": 21.5}, device="pump", at=6_000)])
    assert not dead
    assert some.time.tolist() == [5 * SECOND, 6 * SECOND]
    assert np.array_equal(some.values, np.array([[20.5, 1_500], [21.5, np.nan]]), equal_nan=True)


def test_aliases_survive_a_restart() -> None:
    before, after = opened(), opened()
    assert before.memory() == b""
    before.read([NODE_BIRTH, BIRTH])
    after.recall(before.memory())
    some, dead = after.read([message("DDATA", {"alias": 2, "int_value": 7}, device="pump")])
    assert (some.values[0, 1], dead) == (7, ())
    assert before.memory() is before.memory()


def test_an_unknown_alias_is_a_dead_letter_and_asks_for_a_birth_once_a_minute() -> None:
    payload = opened()
    assert isinstance(payload, Asking)
    asked = []
    for second in (0, 30, 59, 61):
        _, dead = payload.read([message("DDATA", {"alias": 9, "int_value": 1}, device="pump", arrived=second * SECOND)])
        assert "alias 9 was never announced" in dead[0].reason
        asked.append(payload.requests())
    assert [len(requests) for requests in asked] == [1, 0, 0, 1]
    topic, raw = asked[0][0]
    told = payload_class().FromString(raw).metrics[0]
    assert (topic, told.name, told.boolean_value) == ("spBv1.0/plant/NCMD/edge", "Node Control/Rebirth", True)


def test_who_only_listens_asks_for_nothing() -> None:
    payload = opened("listen")
    assert isinstance(payload, Asking)
    payload.read([message("DDATA", {"alias": 9, "int_value": 1}, device="pump")])
    assert payload.requests() == ()


def test_an_alias_of_another_device_is_unknown() -> None:
    _, dead = opened().read([BIRTH, message("DDATA", {"alias": 1, "float_value": 1.0}, device="fan")])
    assert len(dead) == 1


def test_a_nodes_new_birth_forgets_what_its_devices_announced() -> None:
    payload = opened()
    payload.read([NODE_BIRTH, BIRTH, NODE_BIRTH])
    _, dead = payload.read([message("DDATA", {"alias": 1, "float_value": 1.0}, device="pump")])
    assert len(dead) == 1


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ({"datatype": 1, "int_value": 0xFF}, -1),
        ({"datatype": 1, "int_value": 0xFFFFFF80}, -128),
        ({"datatype": 2, "int_value": 0x8000}, -32_768),
        ({"datatype": 3, "int_value": 0xFFFFFFFF}, -1),
        ({"datatype": 3, "int_value": 0x7FFFFFFF}, 2**31 - 1),
        ({"datatype": 4, "long_value": 2**64 - 5}, -5),
        ({"datatype": 7, "int_value": 0xFFFFFFFF}, 2**32 - 1),
        ({"datatype": 7, "long_value": 2**32 - 1}, 2**32 - 1),
        ({"datatype": 8, "long_value": 2**64 - 1}, 2.0**64),
        ({"datatype": 9, "float_value": 0.5}, 0.5),
        ({"datatype": 10, "double_value": 0.1}, 0.1),
        ({"datatype": 11, "boolean_value": True}, 1),
        ({"datatype": 10, "is_null": True}, np.nan),
        ({"datatype": 13, "long_value": 1_700_000_000_000}, 1_700_000_000_000),
    ],
)
def test_every_type_of_number(metric: dict[str, Any], value: float) -> None:
    some, dead = opened().read([message("DDATA", {"name": "temp", **metric}, device="pump")])
    assert not dead
    assert np.array_equal(some.values[:, 0], [value], equal_nan=True)


def test_the_type_comes_from_the_birth_where_the_reading_names_none() -> None:
    data = message("DDATA", {"name": "speed", "int_value": 0xFFFFFFFE}, device="pump")
    some, _ = opened().read([BIRTH, data])
    assert some.values[1, 1] == -2


def test_metrics_of_one_moment_are_one_reading() -> None:
    data = message(
        "NDATA",
        {"name": "temp", "timestamp": 1_000, "float_value": 1.0, "is_historical": True},
        {"name": "speed", "timestamp": 1_000, "int_value": 10, "is_historical": True},
        {"name": "temp", "timestamp": 2_000, "float_value": 2.0},
        {"name": "speed", "int_value": 30},
        at=2_000,
    )
    some, _ = opened().read([data])
    assert some.devices == ("plant/edge",)
    assert some.values.tolist() == [[1, 10], [2, 30]]
    assert some.time.tolist() == [SECOND, 2 * SECOND]
    assert some.history is not None
    assert some.history.tolist() == [True, False]


def test_a_quality_that_is_not_good_is_passed_on() -> None:
    payload = payload_class()(timestamp=1)
    for name, quality in (("temp", 0), ("speed", 192)):
        metric = payload.metrics.add(name=name, float_value=1.0)
        metric.properties.keys.append("Quality")
        metric.properties.values.add(type=3, int_value=quality)
    some, _ = opened().read([Message("spBv1.0/plant/DDATA/edge/pump", payload.SerializeToString(), 9)])
    assert some.bad is not None
    assert some.bad.tolist() == [[True, False]]


def test_a_death_is_a_goodbye() -> None:
    payload = opened()
    payload.read([NODE_BIRTH, BIRTH])
    some, _ = payload.read([message("DDEATH", device="pump", arrived=50)])
    assert (len(some), some.gone) == (0, (("plant/edge/pump", 50),))
    last = message("NDEATH", {"name": "bdSeq", "datatype": 4, "long_value": 7}, arrived=60)
    some, _ = payload.read([last])
    assert some.gone == (("plant/edge", 60), ("plant/edge/pump", 60))


def test_the_death_of_an_earlier_session_is_none() -> None:
    """A broker may publish a node's last will after the node has come back."""
    payload = opened()
    payload.read([NODE_BIRTH, BIRTH])
    some, dead = payload.read([message("NDEATH", {"name": "bdSeq", "datatype": 4, "long_value": 6})])
    assert (some.gone, dead) == ((), ())


def test_what_concerns_nobody_is_passed_over() -> None:
    topics = ["spBv1.0/STATE/host", "spBv1.0/plant/NCMD/edge", "spBv1.0/plant/DCMD/edge/pump"]
    some, dead = opened().read([Message(topic, b"{}", 9) for topic in topics])
    assert (len(some), dead) == (0, ())


def test_what_is_no_sparkplug_is_a_dead_letter() -> None:
    topic = "spBv1.0/plant/DDATA/edge/pump"
    broken = [Message(topic, b"\xff\xff\xff", 9), Message("plant/pump", b"", 9), Message(topic, b"\x00" * (2 << 20), 9)]
    broken.append(Message(topic, b"\x12\x04\x0a\x02\xff\xfe", 9))  # a name that is no UTF-8
    broken.append(Message(topic.replace("DATA", "BIRTH"), b"\x12\x04\x0a\x02\xff\xfe", 9))
    some, dead = opened().read(broken)
    assert (len(some), len(dead)) == (0, 5)


def test_without_channels_every_number_is_one() -> None:
    some, _ = opened(expect=Expected()).read([NODE_BIRTH, BIRTH])
    assert some.channels == ("temp", "speed")


def test_a_time_beyond_reason_is_never() -> None:
    some, _ = opened().read([message("DDATA", {"name": "temp", "float_value": 1.0}, device="pump", at=2**63)])
    assert some.time.tolist() == [NEVER]


def test_what_it_does_not_know_cannot_be_set() -> None:
    with pytest.raises(SettingError, match="listen"):
        opened("loud")


@given(st.lists(st.tuples(st.sampled_from(["NBIRTH", "DBIRTH", "DDATA", "NDEATH", "DDEATH"]), st.binary())))
def test_nothing_that_is_sent_raises(sent: list[tuple[str, bytes]]) -> None:
    payload = opened()
    topics = [f"spBv1.0/plant/{kind}/edge" + "/pump" * (kind[0] == "D") for kind, _ in sent]
    messages = [Message(topic, raw, 9) for topic, (_, raw) in zip(topics, sent, strict=True)]
    payload.read([*messages, BIRTH])
    opened().recall(payload.memory())
