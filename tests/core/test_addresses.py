from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.addresses import Address
from tocsin.core.errors import SettingError

EXAMPLE = "mqtt://localhost/plant/+/env"


@dataclass(frozen=True)
class Wanted:
    qos: Literal[0, 1] = 1
    workers: int = 1
    session_s: float = 60.0
    share: float = 0.5
    insecure: bool = False
    client: str = ""


def address(text: str) -> Address:
    return Address.parse(text, port=1883, example=EXAMPLE)


def test_every_piece_is_found_and_decoded() -> None:
    found = address("//anna:p%40ss%3Aw@[::1]:99/plant/#?client=a%26b&qos=0")
    assert (found.user, found.password, found.host, found.port) == ("anna", "p@ss:w", "::1", 99)
    assert (found.path, dict(found.written)) == ("plant/#", {"client": "a&b", "qos": "0"})
    assert str(found) == "//anna@[::1]:99/plant/#?client=a&b&qos=0"


def test_several_hosts_share_the_default_port() -> None:
    assert address("//one,two:7/topic").hosts == (("one", 1883), ("two", 7))


def test_secrets_are_never_shown() -> None:
    found = address("//anna:secret@host/x?hmac_secret=hush&password=hush")
    for shown in (repr(found.hosts), str(found), repr(found).replace("'hush'", "")):
        assert "secret@" not in shown
    assert "hush" not in str(found)
    assert "secret" not in repr(found).replace("hmac_secret", "")
    with pytest.raises(SettingError) as caught:
        address("anna:secret@host")
    assert "secret" not in str(caught.value)


def test_settings_have_the_types_of_the_fields() -> None:
    found = address("//h/t?qos=0&workers=3&session=1.5h&share=0.25&insecure&client=x").settings(Wanted)
    assert found == Wanted(0, 3, 5_400.0, 0.25, True, "x")
    assert address("//h/t?session_s=500ms").settings(Wanted).session_s == 0.5
    assert address("//h/t").settings(Wanted) == Wanted()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("localhost", "mqtt://localhost/plant/\\+/env"),
        ("///topic", "host is missing"),
        ("//host:0/t", "no host with a port"),
        ("//host:x/t", "no host with a port"),
        ("//host:70000/t", "no host with a port"),
        ("//h/t?qos=2", "one of: 0, 1"),
        ("//h/t?workers=many", "whole number"),
        ("//h/t?session=soon", "10min"),
        ("//h/t?insecure=perhaps", "on or off"),
        ("//h/t?share=x", "a number"),
        ("//h/t?sesion=1d", "Did you mean 'session'"),
        ("//h/t?qos=1&qos=0", "given twice"),
    ],
)
def test_what_cannot_work_is_told_with_what_can(text: str, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        address(text).settings(Wanted)


def test_a_setting_without_default_is_needed() -> None:
    @dataclass(frozen=True)
    class Needy:
        group: str

    with pytest.raises(SettingError, match="'group' is missing"):
        address("//h/t").settings(Needy)


@given(st.text())
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with suppress(SettingError):
        address(text).settings(Wanted)
