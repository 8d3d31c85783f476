"""Variables side by side: which times are kept, what fills the gaps, and how much there was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.service.azure.asked import AlignPolicy, Fill
from tocsin.service.azure.errors import CodedError
from tocsin.service.azure.merged import merged
from tocsin.service.azure.variables import Variable

DAY = 86_400 * 10**9
NAN = float("nan")


def variable(name: str, values: dict[int, float]) -> Variable:
    """Return a variable whose values are given by the day."""
    return Variable(name, np.array([*values]) * DAY, np.array([*values.values()], float))


ONE = variable("one", {1: 1, 2: 2, 4: 4, 5: 5})
TWO = variable("two", {1: 1, 2: 2, 3: 3, 4: 4})


def test_inner_keeps_the_times_that_all_have() -> None:
    found = merged([ONE, TWO], AlignPolicy(align_mode="Inner"))
    assert (found.time // DAY).tolist() == [1, 2, 4]
    assert found.values.tolist() == [[1, 1], [2, 2], [4, 4]]


@pytest.mark.parametrize(
    ("fill", "one", "two"),
    [
        ("Linear", [1, 2, 3, 4, 5], [1, 2, 3, 4, 4]),
        ("Previous", [1, 2, 2, 4, 5], [1, 2, 3, 4, 4]),
        ("Subsequent", [1, 2, 4, 4, 5], [1, 2, 3, 4, NAN]),
        ("Zero", [1, 2, 0, 4, 5], [1, 2, 3, 4, 0]),
        ("Fixed", [1, 2, 9, 4, 5], [1, 2, 3, 4, 9]),
    ],
)
def test_outer_keeps_all_times_and_fills(fill: Fill, one: list[float], two: list[float]) -> None:
    found = merged([ONE, TWO], AlignPolicy.model_validate({"fillNAMethod": fill, "paddingValue": 9}))
    assert (found.time // DAY).tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(found.values, np.array([one, two]).T)


def test_lines_are_drawn_through_time_not_through_rows() -> None:
    found = merged([variable("one", {0: 0, 10: 10}), variable("two", {0: 1, 1: 1, 10: 1})], AlignPolicy())
    assert found.values[:, 0].tolist() == [0, 1, 10]


def test_how_much_there_was() -> None:
    short = variable("short", {2: 1})
    states = merged([ONE, short], AlignPolicy()).states()
    assert [state.model_dump(by_alias=True) for state in states] == [
        {
            "variable": "short",
            "filledNARatio": 0.75,
            "effectiveCount": 1,
            "firstTimestamp": "1970-01-03T00:00:00Z",
            "lastTimestamp": "1970-01-03T00:00:00Z",
        },
        {
            "variable": "one",
            "filledNARatio": 0.0,
            "effectiveCount": 4,
            "firstTimestamp": "1970-01-02T00:00:00Z",
            "lastTimestamp": "1970-01-06T00:00:00Z",
        },
    ]


def test_start_and_end_belong_to_it() -> None:
    assert (merged([ONE], AlignPolicy(), start=2 * DAY, end=4 * DAY).time // DAY).tolist() == [2, 4]


def test_the_last_of_several_values_at_a_time_counts() -> None:
    double = Variable("one", np.array([2, 1, 2]) * DAY, np.array([5.0, 1.0, 7.0]))
    assert merged([double], AlignPolicy()).values.tolist() == [[1], [7]]


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ([ONE, ONE], "DuplicatedVariables"),
        ([variable("timestamp", {1: 1})], "DuplicatedVariables"),
        ([variable("one", {1: NAN})], "NoData"),
        ([variable("one", {9: 1})], "NoData"),
    ],
)
def test_what_cannot_be_put_side_by_side(variables: list[Variable], code: str) -> None:
    with pytest.raises(CodedError) as told:
        merged(variables, AlignPolicy(), end=8 * DAY)
    assert told.value.code == code


SERIES = st.dictionaries(st.integers(0, 30), st.one_of(st.floats(-1e6, 1e6), st.just(NAN)), min_size=1)
POLICIES = st.builds(
    lambda mode, fill: AlignPolicy.model_validate({"alignMode": mode, "fillNAMethod": fill, "paddingValue": 1}),
    st.sampled_from(["Inner", "Outer"]),
    st.sampled_from(["Previous", "Subsequent", "Linear", "Zero", "Fixed", "NotFill"]),
)


@given(st.lists(SERIES, min_size=1, max_size=3), POLICIES)
def test_what_was_given_stays_as_it_was(series: list[dict[int, float]], policy: AlignPolicy) -> None:
    variables = [variable(f"v{k}", own) for k, own in enumerate(series)]
    own_times = [{day for day, value in own.items() if not np.isnan(value)} for own in series]
    kept = set.intersection(*own_times) if policy.align_mode == "Inner" else set.union(*own_times)
    if not kept:
        with pytest.raises(CodedError, match="no effective data"):
            merged(variables, policy)
        return
    found = merged(variables, policy)
    assert set((found.time // DAY).tolist()) == kept
    assert (np.diff(found.time) > 0).all()
    for k, own in enumerate(series):
        for row in np.flatnonzero(found.known[:, k]):
            assert found.values[row, k] == own[int(found.time[row] // DAY)]
    if policy.align_mode == "Inner":
        assert found.known.all()
