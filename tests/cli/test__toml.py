"""A config that is written is read again as it was meant, and nothing that a person wrote is lost."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.cli._toml import MADE, merged, save, toml
from tocsin.sources import Overrides
from tocsin.training.recipe import Recipe
from tocsin.wiring import make_overrides, make_recipe, read_config

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PLAIN = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | NAMES | st.dates() | st.times()
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))


@given(st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, min_size=1, max_size=4), max_size=3))
def test_what_is_written_is_read_again(sections: dict[str, dict[str, Any]]) -> None:
    assert tomllib.loads(toml(sections)) == sections


def test_a_recipe_comes_back_from_its_config(tmp_path: Path) -> None:
    recipe = Recipe(
        detector="ae_lstm",
        settings={"hidden": 32, "lstm": (16, 8), "learning_rate": 2.5e-4, "combine": "errors"},
        window=24,
        prepare=("lag:1,6",),
        raise_after="10min",
        hold=0,
        grades=(2.0, 4.0),
        quiet=("Sat,Sun",),
        merge_within=7,
        channel_rules={"bay: temp": "high, least 2", "hum": {"expected": [0, 80], "mute": False}},
        device_rules={"pump-*": {"limit_factor": 1.5, "channel": {"hum": "mute"}}},
    )
    overrides = Overrides(time=("date", "clock"), label="fault", keep_sentinels=True)
    save(tmp_path / "tocsin.toml", merged(read_config(None), recipe, overrides=overrides))
    found = read_config(tmp_path / "tocsin.toml")
    assert make_recipe(found, {}, settings=[]) == recipe
    assert make_overrides(found["input"], {}) == overrides


BEFORE = """
[input]
label = "fault"  # by the foreman

[fit]
detector = "pca"
seed = 4
hold = 7

[detector]
variance = 0.8

[alarm]
cooldown = 12
"""


def test_what_else_stands_there_stays(tmp_path: Path) -> None:
    place = tmp_path / "tocsin.toml"
    place.write_text(BEFORE, "utf-8")
    tuned = Recipe(detector="kmeans", settings={"clusters": 10}, seed=4, cooldown=12)
    kept = save(place, merged(read_config(place), tuned, overrides=Overrides(), varied=("hold",)))
    assert read_config(place) == {
        "input": {"label": "fault"},
        "fit": {"detector": "kmeans", "seed": 4, "hold": 3},
        "detector": {"clusters": 10},
        "alarm": {"cooldown": 12},
    }
    assert kept == tmp_path / "tocsin.toml.before"
    assert kept.read_text("utf-8") == BEFORE


def test_a_default_overrules_nothing_unless_it_was_found_so() -> None:
    before = {**read_config(None), "fit": {"hold": 7, "window": 20}}
    usual = Recipe(detector="pca")
    assert merged(before, usual, overrides=Overrides())["fit"] == {"detector": "pca", "hold": 7, "window": 20}
    assert merged(before, usual, overrides=Overrides(), varied=("hold",))["fit"]["hold"] == 3


def test_nobodys_file_is_overwritten_twice(tmp_path: Path) -> None:
    place = tmp_path / "tocsin.toml"
    for k, expected in enumerate(["tocsin.toml.before", "tocsin.toml.before-2"]):
        place.write_text(f"[fit]\nseed = {k}\n", "utf-8")
        kept = save(place, {"fit": {"seed": 9}})
        assert kept is not None
        assert (kept.name, tomllib.loads(kept.read_text("utf-8"))) == (expected, {"fit": {"seed": k}})
    assert save(place, {"fit": {"seed": 10}}) is None  # what it wrote itself may go
    assert place.read_text("utf-8") == f"{MADE}\n\n[fit]\nseed = 10\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "tocsin.toml",
        "tocsin.toml.before",
        "tocsin.toml.before-2",
    ]


@pytest.mark.parametrize(("name", "section"), [("raise_after", "alarm"), ("window", "fit")])
def test_each_choice_goes_where_it_belongs(name: str, section: str) -> None:
    found = merged(read_config(None), Recipe(detector="pca", **{name: 7}), overrides=Overrides())  # type: ignore[arg-type]  # a whole number, by use
    assert found[section][name] == 7
