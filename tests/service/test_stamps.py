"""Times there and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import NEVER
from tocsin.core.errors import InputError
from tocsin.service.stamps import moment, stamps

US = 1_000


@given(st.lists(st.integers(-(10**15), 4 * 10**15), min_size=1, max_size=20))
def test_what_is_told_is_read_again(micro: list[int]) -> None:
    told = stamps(np.array(micro) * US, rows=False)
    assert [moment(str(one), rows=False) for one in told] == [one * US for one in micro]


def test_as_many_digits_as_are_needed() -> None:
    assert stamps(np.array([10**9, 2]), rows=False)[1] == "1970-01-01T00:00:00.000000002Z"
    assert stamps(np.array([10**9]), rows=False) == ["1970-01-01T00:00:01Z"]
    second = 1_700_000_000 * 10**9
    assert stamps(np.array([second, second + 5 * 10**6]), rows=False) == [
        "2023-11-14T22:13:20.000Z",
        "2023-11-14T22:13:20.005Z",
    ]
    assert stamps(np.array([second + 1]), rows=False) == ["2023-11-14T22:13:20.000000001Z"]
    assert stamps(np.array([NEVER, 10**9]), rows=False) == [None, "1970-01-01T00:00:01Z"]
    assert stamps(np.array([NEVER, 3]), rows=True) == [None, 3]
    assert stamps(np.zeros(0, np.int64), rows=False) == []


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01", "12:00", "9" * 400, "nan"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no time"):
        moment(text, rows=False)


def test_what_lies_beyond_all_readings_is_still_a_time() -> None:
    far = moment("9999-12-31T00:00:00Z", rows=False)
    assert far == moment("1e300", rows=True) == -moment("-1e300", rows=True)
    assert np.searchsorted(np.array([0, 5]), far) == 2


@pytest.mark.parametrize("text", ["", "three", "nan", "inf", "1e999"])
def test_what_is_no_row_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no row number"):
        moment(text, rows=True)
