"""One tocsin.toml for what is learned and for what is watched: what each reads, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.cli._toml import merged, save
from tocsin.core.errors import SettingError
from tocsin.sources import Overrides
from tocsin.training.recipe import Recipe
from tocsin.wiring import LIVE, SECTIONS, live_sections, read_config

BOTH = """
[fit]
detector = "pca"

[store]
url = "sqlite:///plant.db"

[source.plant]
url = "mqtt://${BROKER}/plant/{device}/env"

[sink.desk]
url = "webhook:https://example.com/hook"

[watch.rooms]
artifact = "room.tocsin"
devices = ["room-*", "${HALL}"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    place = tmp_path / "tocsin.toml"
    place.write_text(BOTH, "utf-8")
    return place


def test_fit_and_watch_share_a_file(config: Path) -> None:
    found = read_config(config)
    assert set(SECTIONS) <= set(found)
    assert found["fit"] == {"detector": "pca"}
    assert found["watch"]["rooms"]["artifact"] == "room.tocsin"


def test_variables_come_from_the_environment(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER", "anna:secret@broker:1883")
    monkeypatch.setenv("HALL", "hall")
    found = live_sections(read_config(config))
    assert set(found) == set(LIVE)
    # {device} is the topic's own, and stays
    assert found["source"]["plant"]["url"] == "mqtt://anna:secret@broker:1883/plant/{device}/env"
    assert found["watch"]["rooms"]["devices"] == ["room-*", "hall"]
    assert found["metrics"] == {}


def test_a_variable_that_is_not_set_is_named_with_its_place(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BROKER", raising=False)
    with pytest.raises(SettingError, match=r"^\[source.plant\] url asks for \$\{BROKER\}, which is not set. Set it: "):
        live_sections(read_config(config))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[source]\nurl = 'tail:-'", r"\[source\] has 'url', but no name. Give it one: \[source.plant\]"),
        ("[wacht.rooms]\nartifact = 'a'", "has 'wacht', which means nothing to tocsin. It reads .*watch"),
        ("store = 'sqlite:///a.db'", "has 'store', which means nothing to tocsin"),
        ("[store\n", "is not valid TOML: .* Correct that line"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, told: str, tmp_path: Path) -> None:
    place = tmp_path / "tocsin.toml"
    place.write_text(text, "utf-8")
    with pytest.raises(SettingError, match=told):
        live_sections(read_config(place))


def test_what_is_watched_stays_when_tune_writes_the_file(config: Path) -> None:
    before = read_config(config)
    save(config, merged(before, Recipe(detector="kmeans"), overrides=Overrides()))
    after = read_config(config)
    assert after["fit"]["detector"] == "kmeans"
    assert {name: after[name] for name in ("store", "source", "sink", "watch")} == {
        name: before[name] for name in ("store", "source", "sink", "watch")
    }
