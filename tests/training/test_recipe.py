"""A recipe that cannot work is refused when it is made, from Python as from the command line."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.core.errors import SettingError
from tocsin.training.recipe import Recipe


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"window": 2.5}, "window must be a whole number"),
        ({"window": True}, "window must be a whole number"),
        ({"raise_after": 2.5}, "raise_after must be a whole number of windows"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"hold": 10**8}, "hold must be a whole number"),
        ({"period_s": float("inf")}, "period_s must be a number of seconds"),
        ({"period_s": float("nan")}, "period_s must be a number of seconds"),
        ({"lateness_s": -5}, "lateness_s must be a number of seconds"),
        ({"release_below": 0}, "release_below"),
        ({"detector": "oracle"}, "There is no 'oracle' among the detectors"),
        ({"threshold": "percentile:0"}, "A percentile lies between 0 and 100"),
        ({"scale": "log"}, "There is no scale 'log'"),
        ({"detector": "isolation_forest", "settings": {"trees": "ten"}}, "trees is 'ten'"),
        ({"detector": "isolation_forest", "settings": {"trees": 2.5}}, "trees is 2.5"),
        ({"settings": {"epochs": 2}}, "auto has no setting 'epochs'"),
        ({"settings": {"epochs": 2}}, "Those of another detector need its name (--detector)."),
        ({"detector": "isolation_forest", "settings": {"leaves": 2}}, "has no setting 'leaves'"),
    ],
)
def test_what_cannot_work_is_refused_at_once(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError) as told:
        Recipe(**wrong)
    assert message in str(told.value)


def test_texts_become_what_the_detector_takes() -> None:
    made = Recipe(detector="lstm_autoencoder", settings={"epochs": "7", "hidden": "8, 4"}).make_detector()
    assert (made.epochs, made.hidden) == (7, (8, 4))  # type: ignore[attr-defined]
