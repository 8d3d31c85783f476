from __future__ import annotations

import sys

import pytest

from tocsin.core.errors import MissingExtraError
from tocsin.sinks import sink_of


@pytest.mark.parametrize(
    ("name", "text", "module", "extra"),
    [
        ("mqtt", "//localhost/alarms", "paho.mqtt.client", "stream"),
        ("mqtts", "//localhost/alarms", "paho.mqtt.client", "stream"),
        ("kafka", "//localhost/alarms", "confluent_kafka", "stream"),
        ("notify", "json://localhost", "apprise", "serve"),
    ],
)
def test_a_missing_library_is_told_before_anything_begins(
    name: str, text: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as missing:
        sink_of(name, text)
    assert f'pip install "tocsin[{extra}]"' in missing.value.remedy


@pytest.mark.parametrize(("name", "text"), [("log", ""), ("webhook", "https://h/"), ("alertmanager", "//h")])
def test_the_base_install_has_the_others(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("paho.mqtt.client", "confluent_kafka", "apprise", "requests", "sqlalchemy"):
        monkeypatch.setitem(sys.modules, module, None)
    sink_of(name, text).close()
