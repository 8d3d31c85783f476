from __future__ import annotations

from dataclasses import dataclass

import pytest

from tocsin.core.errors import SettingError
from tocsin.sinks._settings import own_settings, taken


@dataclass(frozen=True)
class Wanted:
    batch: int = 1
    timeout_s: float = 10.0


@pytest.mark.parametrize(
    ("text", "left", "found"),
    [
        ("https://h/p", "https://h/p", {}),
        ("https://h/p?batch=2", "https://h/p", {"batch": "2"}),
        ("https://h/p?a=1&batch=2&b=3", "https://h/p?a=1&b=3", {"batch": "2"}),
        ("https://h/p?a=1", "https://h/p?a=1", {}),
        ("https://h/p?batch=A#batch=2", "https://h/p?batch=A#", {"batch": "2"}),
        ("https://h/p?batch=A#", "https://h/p?batch=A#", {}),
        ("slack://a/b/c/#alarms", "slack://a/b/c/#alarms", {}),
        ("slack://a/b/c/#alarms?batch=2", "slack://a/b/c/#alarms", {"batch": "2"}),
        ("slack://a/b/c/#alarms#batch=2", "slack://a/b/c/#alarms#", {"batch": "2"}),
        ("tgram://a/b c://d?batch=2", "tgram://a/b c://d", {"batch": "2"}),
        ("", "", {}),
    ],
)
def test_ours_are_taken_and_the_receivers_stay(text: str, left: str, found: dict[str, str]) -> None:
    assert taken(text, {"batch"}) == (left, found)


def test_settings_have_the_types_of_their_fields() -> None:
    assert own_settings("https://h/?batch=5&timeout=2min&x=1", Wanted) == ("https://h/?x=1", Wanted(5, 120.0))


def test_a_mark_leaves_the_receivers_query_alone() -> None:
    assert own_settings("https://h/?batch=A#batch=5", Wanted) == ("https://h/?batch=A", Wanted(5))


@pytest.mark.parametrize("text", ["h?batch=x", "h?timeout=soon", "h#batch=1&colour=red"])
def test_what_cannot_work_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        own_settings(text, Wanted)


def test_an_address_without_a_query_of_its_own_knows_no_other_settings() -> None:
    with pytest.raises(SettingError, match="'colour'"):
        own_settings("h?colour=red", Wanted, alone=True)
