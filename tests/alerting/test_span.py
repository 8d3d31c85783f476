"""Spans as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.alerting.span import Span
from tocsin.core.errors import SettingError


@pytest.mark.parametrize(
    ("written", "windows", "seconds"),
    [(3, 3, 0), ("3", 3, 0), ("90s", 1, 90), ("10min", 1, 600), ("1.5 h", 1, 5400), ("1d", 1, 86400)],
)
def test_windows_and_times(written: int | str, windows: int, seconds: int) -> None:
    assert Span.parse(written, name="raise_after") == Span(windows, seconds * 10**9)


@pytest.mark.parametrize("wrong", [0, -1, 2.5, True, None, "", "soon", "²", "0min", "10 m", "-5min", "9999d", "1e3s"])
def test_what_is_neither_is_refused(wrong: object) -> None:
    with pytest.raises(SettingError, match="cooldown must be a whole number of windows from 1, or a time"):
        Span.parse(wrong, name="cooldown")


def test_none_at_all_is_allowed_where_it_means_something() -> None:
    assert Span.parse(0, name="cooldown", least=0) == Span(0)
    assert Span.parse("5min", name="cooldown", least=0) == Span(0, 300 * 10**9)


@given(st.integers(1, 10**6))
def test_a_time_is_told_as_it_could_be_written(seconds: int) -> None:
    told = str(Span(1, seconds * 10**9))
    assert Span.parse(told, name="cooldown").ns == seconds * 10**9
