from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tocsin.sources._mqtt_answers import MalformedError, granted, greeting, parting, properties
from tocsin.sources._mqtt_packets import (
    PUBLISH,
    SUBACK,
    Login,
    Publish,
    acknowledge,
    connect,
    needed,
    publish,
    split,
    subscribe,
)


def test_a_connect_as_the_standard_writes_it() -> None:
    """MQTT 3.1.1, figure 3.6 and tables 3.1 to 3.4, and MQTT 5, 3.1.2.11: byte by byte."""
    old = connect(Login("c", version=4, user="u", password="pw", keepalive_s=60))
    assert old == b"\x10\x14\x00\x04MQTT\x04\xc0\x00\x3c\x00\x01c\x00\x01u\x00\x02pw"
    new = connect(Login("c", keepalive_s=60, session_s=3_600, inflight=10))
    wishes = b"\x11\x00\x00\x0e\x10" + b"\x21\x00\x0a" + b"\x27\x01\x00\x00\x00"
    assert new == b"\x10\x1b\x00\x04MQTT\x05\x00\x00\x3c" + b"\x0d" + wishes + b"\x00\x01c"


def test_a_subscription_as_the_standard_writes_it() -> None:
    assert subscribe("a/b", qos=1, retained=False, version=4) == b"\x82\x08\x00\x01\x00\x03a/b\x01"
    assert subscribe("a/b", qos=1, retained=False, version=5) == b"\x82\x09\x00\x01\x00\x00\x03a/b\x21"
    assert subscribe("a/b", qos=0, retained=True, version=5) == b"\x82\x09\x00\x01\x00\x00\x03a/b\x00"


def test_passwords_are_never_shown() -> None:
    assert "hush" not in repr(Login("c", user="u", password="hush"))


@given(st.lists(st.integers(1, 65_535)))
def test_acknowledgements_are_packets_of_four_bytes(numbers: list[int]) -> None:
    assert acknowledge(numbers) == b"".join(struct.pack("!BBH", 0x40, 2, number) for number in numbers)


def a_message(topic: str, payload: bytes, *, number: int, version: int, wishes: bytes = b"") -> bytes:
    """A message as a broker sends it."""
    raw = topic.encode()
    body = struct.pack("!H", len(raw)) + raw + (struct.pack("!H", number) if number else b"")
    if version == 5:
        length, size = len(wishes), b""
        while True:
            size += bytes([length % 128 + (128 if length > 127 else 0)])
            length //= 128
            if not length:
                break
        body += size + wishes
    body += payload
    length, size = len(body), b""
    while True:
        size += bytes([length % 128 + (128 if length > 127 else 0)])
        length //= 128
        if not length:
            break
    return bytes([0x30 | (2 if number else 0)]) + size + body


@given(
    st.lists(st.tuples(st.text(max_size=200), st.binary(max_size=300), st.integers(0, 65_535))),
    st.sampled_from([4, 5]),
    st.integers(0, 200),
    st.lists(st.integers(0, 1_000)),
)
def test_messages_come_out_as_they_went_in_however_the_stream_is_cut(
    sent: list[tuple[str, bytes, int]], version: int, wishes: int, cuts: list[int]
) -> None:
    extra = b"\x26" + struct.pack("!H", wishes) + b"x" * wishes + b"\x00\x00" if wishes else b""
    stream = b"".join(a_message(t, p, number=n, version=version, wishes=extra) for t, p, n in sent)
    found: list[Publish] = []
    rest, start = b"", 0
    for cut in [*sorted(min(cut, len(stream)) for cut in cuts), len(stream)]:
        rest, start = rest + stream[start:cut], cut
        messages, others, upto = split(rest, version=version)
        assert not others
        found += messages
        rest = rest[upto:]
        assert needed(rest) > len(rest)
    assert rest == b""
    assert found == [Publish(topic, payload, number, again=False, retained=False) for topic, payload, number in sent]


def test_flags_and_other_packets() -> None:
    raw = b"\x3b\x06\x00\x01a\x00\x07!" + b"\x90\x03\x00\x01\x01" + b"\xd0\x00"
    messages, others, upto = split(raw, version=4)
    assert messages == [Publish("a", b"!", 7, again=True, retained=True)]
    assert others == [(SUBACK, b"\x00\x01\x01"), (13, b"")]
    assert upto == len(raw)
    assert split(publish("a", b"!", version=5), version=5)[0] == [Publish("a", b"!", 0, again=False, retained=False)]
    assert PUBLISH == 3


@pytest.mark.parametrize("raw", [b"\x30\x02\x00\x09", b"\x32\x03\x00\x01a", b"\x30\xff\xff\xff\xff\x01", b"\x30\x00"])
def test_what_is_no_mqtt_is_told(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        split(raw, version=5)


@given(st.binary(), st.sampled_from([4, 5]))
def test_any_bytes_are_read_or_told(raw: bytes, version: int) -> None:
    try:
        split(raw, version=version)
    except MalformedError:
        return


def test_properties_are_read_as_another_client_writes_them() -> None:
    written: Any = Properties(PacketTypes.CONNACK)  # type: ignore[no-untyped-call]  # paho has no types here
    written.ServerKeepAlive = 17
    written.ReceiveMaximum = 33
    written.ReasonString = "because"
    written.AssignedClientIdentifier = "me"
    written.UserProperty = ("a", "b")
    found = properties(written.pack(), 0)
    assert (found[0x13], found[0x21], found[0x1F], found[0x12]) == (17, 33, "because", "me")
    said = greeting(b"\x01\x00" + written.pack(), version=5)
    assert (said.code, said.session, said.keepalive_s, said.reason) == (0, True, 17, "because")


@given(st.binary())
def test_any_greeting_is_read_or_told(raw: bytes) -> None:
    for version in (4, 5):
        try:
            greeting(raw, version=version)
            granted(raw, version=version)
        except MalformedError:
            continue
    assert parting(raw)


def test_refusals_have_reasons() -> None:
    assert greeting(b"\x00\x05", version=4).reason == "we are not authorized"
    assert greeting(b"\x00\x86\x00", version=5).reason == "user or password is wrong"
    assert parting(b"\x8e") == "another client has taken over our client id"
    assert granted(b"\x00\x01\x00\x87", version=5) == 0x87
