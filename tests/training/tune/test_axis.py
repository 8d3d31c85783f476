"""An axis knows its values as people write them, and what a range is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import SettingError
from tocsin.training.tune.axis import Axis

ENDS = st.tuples(st.floats(1e-6, 1e6), st.floats(1.001, 1e6)).map(lambda pair: (pair[0], pair[0] * pair[1]))


def test_a_range_over_decades_goes_by_factors() -> None:
    assert Axis("rate", ends=(1e-4, 1e-2)).by_factors
    assert not Axis("share", ends=(0.1, 0.9)).by_factors
    assert not Axis("share", ends=(0.0, 100.0)).by_factors  # nothing is ten times 0


def test_a_grid_takes_ends_and_middle() -> None:
    assert Axis("rate", ends=(1e-4, 1e-2)).listed(3).values == ("0.0001", "0.001", "0.01")
    assert Axis("share", ends=(0.2, 0.8)).listed(3).values == ("0.2", "0.5", "0.8")
    assert Axis("units", ends=(1, 2), whole=True).listed(3).values == ("1", "2")


@pytest.mark.parametrize(
    ("axis", "count"),
    [
        (Axis("units", ("16", "32,16")), 2),
        (Axis("units", ends=(3, 7), whole=True), 5),
        (Axis("rate", ends=(0.1, 0.2)), None),
    ],
)
def test_it_knows_how_many_values_it_has(axis: Axis, count: int | None) -> None:
    assert axis.count == count


@given(ENDS, st.floats(0, 1), st.booleans())
def test_what_it_writes_it_holds(ends: tuple[float, float], place: float, whole: bool) -> None:
    low, high = (float(round(end)) for end in ends) if whole else ends
    if low < high:
        axis = Axis("rate", ends=(low, high), whole=whole)
        value = min(max(low + place * (high - low), low), high)
        assert axis.holds(axis.text(value))
        assert all(axis.holds(text) for text in axis.listed(3).values)


@pytest.mark.parametrize(
    ("text", "held"), [("5", True), ("2.9", False), ("8", False), ("many", False), ("3", True), ("7", True)]
)
def test_a_range_holds_what_lies_between_its_ends(text: str, held: bool) -> None:
    assert Axis("units", ends=(3, 7)).holds(text) == held


def test_it_is_written_as_it_is_given() -> None:
    assert str(Axis("hidden", ("64,32", "16"))) == "hidden=64,32;16"
    assert str(Axis("rate", ends=(1e-4, 1e-2))) == "rate=0.0001..0.01"


@pytest.mark.parametrize(
    ("values", "ends", "message"),
    [
        ((), None, "rate needs values or a range"),
        (("1",), (1.0, 2.0), "rate needs values or a range"),
        (("1", "2", "1"), None, "rate has a value twice"),
        ((), (2.0, 1.0), "rate goes from 2 to 1"),
        ((), (1.0, 1.0), "rate goes from 1 to 1"),
        ((), (0.0, float("inf")), "rate goes from 0 to inf"),
        ((), (float("nan"), 1.0), "rate goes from nan to 1"),
    ],
)
def test_nonsense_is_refused(values: tuple[str, ...], ends: tuple[float, float] | None, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        Axis("rate", values, ends)
