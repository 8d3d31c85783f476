"""Config files become recipes, and what a person cannot have meant is refused."""

from __future__ import annotations

import pytest

from tocsin.core.errors import SettingError
from tocsin.wiring import make_recipe, read_config


@pytest.mark.parametrize("name", ["raise_after", "release_after", "cooldown", "merge_within", "together"])
def test_a_switch_is_no_number_of_windows(name: str) -> None:
    config = {**read_config(None), "alarm": {name: True}}
    with pytest.raises(SettingError, match=f"{name} must be a whole number of windows"):
        make_recipe(config, {}, settings=[])
