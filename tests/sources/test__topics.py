from __future__ import annotations

import pytest

from tocsin.core.errors import SettingError
from tocsin.sources._topics import Topics


@pytest.mark.parametrize(
    ("pattern", "topic", "filter_", "names"),
    [
        ("plant/{device}/env", "plant/pump-1/env", "plant/+/env", ("pump-1", "")),
        ("plant/+/env", "plant/pump-1/env", "plant/+/env", ("pump-1", "")),
        ("+/+/env", "hall/pump-1/env", "+/+/env", ("hall/pump-1", "")),
        ("plant/#", "plant/hall/pump-1", "plant/#", ("hall/pump-1", "")),
        ("plant/#", "plant", "plant/#", ("", "")),
        ("plant/{site}/{device}/#", "plant/west/pump-1/a/b", "plant/+/+/#", ("pump-1", "")),
        ("plant/{site}/{line}/x", "plant/west/7/x", "plant/+/+/x", ("west/7", "")),
        ("plant/+/{channel}", "plant/pump-1/temp", "plant/+/+", ("pump-1", "temp")),
        ("plant/env", "plant/env", "plant/env", ("", "")),
        ("/{device}", "/pump-1", "/+", ("pump-1", "")),
    ],
)
def test_names_are_read_from_their_levels(pattern: str, topic: str, filter_: str, names: tuple[str, str]) -> None:
    topics = Topics(pattern)
    assert topics.filter == filter_
    assert topics.names(topic) == names
    assert topics.names(topic) == names  # from memory now


def test_the_message_may_name_the_device_instead() -> None:
    topics = Topics("plant/+/{channel}", from_topic=False)
    assert topics.names("plant/pump-1/temp") == ("", "temp")
    assert not topics.names_device


@pytest.mark.parametrize(
    "pattern", ["", "a/#/b", "a/b+", "a/{dev}ice", "a/{}", "a/{b/c}", "{device}/{device}", "a\x00"]
)
def test_what_no_broker_understands_is_refused(pattern: str) -> None:
    with pytest.raises(SettingError):
        Topics(pattern)


def test_shared_subscriptions_are_refused_with_what_to_do_instead() -> None:
    with pytest.raises(SettingError, match="workers=3"):
        Topics("$share/group/plant/+/env")
