"""Times as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import SettingError
from tocsin.wiring.durations import duration_ns, in_short


@pytest.mark.parametrize("written", ["", "10", "ten min", "-5s", "0s", "5 parsecs", "1e3s", "99999999d", "never"])
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(SettingError, match=r"--since is .*, which is no time. For example: 90s"):
        duration_ns(written, where="--since")


def test_a_word_may_stand_for_none() -> None:
    assert duration_ns("never", where="x", without="never") == 0
    with pytest.raises(SettingError, match="or 'never'"):
        duration_ns("soon", where="x", without="never")


@given(st.integers(1, 10**9), st.sampled_from(["s", "min", "h", "d"]))
def test_what_is_written_in_short_is_read_again_nearly(count: int, unit: str) -> None:
    ns = count * {"s": 1, "min": 60, "h": 3600, "d": 86400}[unit] * 10**9
    if ns <= 36_600 * 86_400 * 10**9:
        assert duration_ns(in_short(ns), where="x") == pytest.approx(ns, rel=0.3)
