"""Schemas as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.core.errors import SettingError
from tocsin.training.adopt.foreign import Foreign
from tocsin.training.adopt.schema_file import read_schema


def test_it_says_channels_in_order_units_and_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text('window = 12\ngives = "score"\n[channels]\nhumidity = "%"\ntemperature = "°C"\n', encoding="utf-8")
    found = read_schema(path)
    assert list(found.units.items()) == [("humidity", "%"), ("temperature", "°C")]
    assert Foreign(**found.settings) == Foreign(window=12, gives="score")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("window = ", "is no schema"),
        ('[channels]\ntemperature = {unit = "C"}\n', "no table of names and units"),
        ('outputs = "score"\n', "says 'outputs', which is not known"),
    ],
)
def test_what_it_cannot_say_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "model.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError, match=told):
        read_schema(path)


def test_a_missing_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="is no schema"):
        read_schema(tmp_path / "none.toml")


def test_choices_are_checked() -> None:
    with pytest.raises(SettingError, match="gives is 'labels'"):
        Foreign(gives="labels")
    with pytest.raises(SettingError, match="Only a score can be negated"):
        Foreign(negate=True)
    with pytest.raises(SettingError, match="0 readings"):
        Foreign(window=0)
