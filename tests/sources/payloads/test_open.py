from __future__ import annotations

import subprocess
import sys

import pytest

from tocsin.core.errors import SettingError
from tocsin.core.live import Expected
from tocsin.sources._topics import Topics
from tocsin.sources.payloads import open_payload, share_of


def test_a_payload_that_is_none_is_told_with_those_there_are() -> None:
    with pytest.raises(SettingError, match="json, sparkplug, value"):
        open_payload("xml", Expected(), Topics("a").names)


def test_what_is_missing_is_told_with_how_to_get_it() -> None:
    """In a process of its own, in which polars cannot be imported."""
    code = """
import sys
sys.modules["polars"] = None
from tocsin.core.errors import MissingExtraError
from tocsin.core.live import Expected
from tocsin.sources.mqtt import Mqtt
try:
    Mqtt.parse("//localhost/plant/+/env", Expected(timezone="Europe/Berlin"))
except MissingExtraError as missing:
    print(missing)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "tocsin[files]"' in done.stdout


@pytest.mark.parametrize(
    ("payload", "pattern", "topic", "share"),
    [
        ("json", "plant/{device}/env", "plant/pump-1/env", "pump-1"),
        ("value", "plant/{device}/{channel}", "plant/pump-1/temp", "pump-1"),
        ("sparkplug", "spBv1.0/#", "spBv1.0/plant/DDATA/edge/pump", "plant/edge"),
        ("sparkplug", "spBv1.0/#", "spBv1.0/plant/NDEATH/edge", "plant/edge"),
        ("sparkplug", "spBv1.0/#", "spBv1.0/STATE/host", "spBv1.0/STATE/host"),
        ("cascade", "tocsin/+/windows", "tocsin/hall-3/windows", "hall-3"),
    ],
)
def test_what_must_be_read_together_is_in_one_share(payload: str, pattern: str, topic: str, share: str) -> None:
    topics = Topics(pattern)
    by = share_of(open_payload(payload, Expected(channels=("temp",)), topics.names), topics)
    assert by is not None
    assert by(topic) == share


def test_where_only_messages_say_whose_they_are_topics_decide_nothing() -> None:
    topics = Topics("plant/env")
    assert share_of(open_payload("json", Expected(), topics.names), topics) is None
