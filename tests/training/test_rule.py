"""The rule for the limit, as people write it."""

from __future__ import annotations

import pytest

from tocsin.core.errors import SettingError
from tocsin.thresholds.budget import Budget
from tocsin.training.recipe import Recipe
from tocsin.training.rule import rule_of, threshold_of


def test_a_name_alone_takes_the_defaults_and_a_colon_wants_something_behind_it() -> None:
    assert threshold_of("budget") == Budget()
    with pytest.raises(SettingError, match="nothing behind its colon") as refused:
        threshold_of("budget: ")
    assert refused.value.remedy == "For its defaults, write 'budget'."


def test_a_threshold_that_is_empty_is_not_taken_for_the_default() -> None:
    with pytest.raises(SettingError, match="There is no ''"):
        Recipe(detector="pca", threshold="")


@pytest.mark.parametrize(("threshold", "budget"), [("", None), (None, ""), (None, "  ")])
def test_an_empty_wish_is_refused(threshold: str | None, budget: str | None) -> None:
    with pytest.raises(SettingError, match="is empty"):
        rule_of(threshold, budget)


def test_a_budget_is_a_threshold_and_only_one_can_be_asked_for() -> None:
    assert rule_of(None, "2 per day") == "budget:2 per day"
    assert rule_of("fixed:3", None) == "fixed:3"
    assert rule_of(None, None) is None
    with pytest.raises(SettingError, match="both were given"):
        rule_of("fixed:3", "2 per day")


@pytest.mark.parametrize("text", ["1,5 per device per week", "1,000 per week,confidence=0.9"])
def test_a_comma_in_a_number_is_called_so(text: str) -> None:
    with pytest.raises(SettingError, match="There is a comma in the number") as refused:
        threshold_of(f"budget:{text}")
    assert "with a point" in refused.value.remedy
