"""A plan that cannot be carried out is refused before anything is read."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.core.errors import SettingError
from tocsin.training.tune.plan import Plan


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sampler": "luck"}, "sampler cannot be 'luck'"),
        ({"by": "hope"}, "by cannot be 'hope'"),
        ({"metric": "f1"}, "metric cannot be 'f1'"),
        ({"trials": 0}, "0 trials are too few"),
        ({"folds": 1}, "1 folds are too few"),
        ({"seeds": 0}, "0 seeds are too few"),
        ({"minutes": 0.0}, "0 minutes are none"),
        ({"minutes": float("nan")}, "nan minutes are none"),
        ({"seed": -1}, "The seed -1 is none"),
    ],
)
def test_nonsense_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        Plan(**settings)
