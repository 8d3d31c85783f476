"""Flags overrule the config, and what does not fit together is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.core.errors import SettingError
from tocsin.wiring.watch_flags import WatchFlags

A = Path("a.tocsin")

CONFIG = """
[store]
url = "sqlite:///plant.db"
keep_incidents = "90d"

[source.plant]
url = "kafka://host/readings"

[sink.desk]
url = "log"

[watch.rooms]
artifact = "rooms.tocsin"
stale_after = 20
keep = "5min"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    place = tmp_path / "tocsin.toml"
    place.write_text(CONFIG, "utf-8")
    return place


def test_a_config_alone(config: Path) -> None:
    plan = WatchFlags().plan(config)
    assert plan.folder == config.parent
    assert plan.duties["rooms"].artifact == "rooms.tocsin"
    assert plan.where("watch", "rooms") == "[watch.rooms]"


def test_flags_overrule_settings_and_leave_the_rest(config: Path) -> None:
    plan = WatchFlags(
        store="sqlite:///other.db", keep="all", batch_ms=5, metrics="127.0.0.1:0", service="http://h"
    ).plan(config)
    assert (plan.store.url, plan.store.keep_incidents) == ("sqlite:///other.db", "90d")
    assert (plan.duties["rooms"].keep, plan.duties["rooms"].stale_after) == ("all", 20)
    assert plan.sources["plant"].batch_ms == 5
    assert plan.metrics.address == "127.0.0.1:0"
    assert plan.service.url == "http://h"


def test_artifact_sources_and_sinks_take_the_place_of_their_sections(config: Path) -> None:
    flags = WatchFlags(artifact=Path("one.tocsin"), sources=("tail:a.csv",), sinks=("log", "log:b.jsonl"), name="here")
    plan = flags.plan(config)
    assert list(plan.duties) == [""]
    assert plan.duties[""].artifact == str(Path("one.tocsin").absolute())
    assert plan.sources["here"].url == "tail:a.csv"
    assert {name: own.url for name, own in plan.sinks.items()} == {"log": "log", "log-2": "log:b.jsonl"}
    assert plan.where("source", "here") == "--source"
    assert plan.store.url == "sqlite:///plant.db"


def test_a_source_is_called_by_its_address() -> None:
    url = "kafka://anna:secret@host/readings?group=a"
    plan = WatchFlags(artifact=A, sources=(url,)).plan(None)
    assert plan.sources["kafka://host/readings"].url == url


def test_once_ends_where_a_file_ends() -> None:
    plan = WatchFlags(artifact=A, sources=("tail:a.csv?every=1s", "replay:b.csv"), once=True).plan(None)
    assert [own.url for own in plan.sources.values()] == ["tail:a.csv?every=1s&follow=no", "replay:b.csv"]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (WatchFlags(artifact=A, sources=("kafka://h/t",), once=True), "has no end. --once is for tail and replay"),
        (WatchFlags(artifact=A, sources=("kafka://h/t",), workers=3, worker=0), "cannot be split among workers"),
        (WatchFlags(artifact=A, sources=("tail:a",), workers=3), "--workers and --worker go together"),
        (WatchFlags(artifact=A, sources=("tail:a",), workers=3, worker=3), "--worker 3 of --workers 3 there is not"),
        (WatchFlags(artifact=A, sources=("tail:a", "tail:b"), name="x"), "--name is for one --source"),
        (WatchFlags(artifact=A, sources=("tail:a", "tail:a")), "A --source is given twice"),
        (WatchFlags(artifact=A, sources=("tale:a",)), "there is no source 'tale'"),
        (WatchFlags(artifact=A, sources=("tail:a",), sinks=("lgo",)), "--sink is 'lgo', but there is no sink"),
        (WatchFlags(artifact=A), "There is no source of readings"),
        (WatchFlags(), "Nothing is watched"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(flags: WatchFlags, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        flags.plan(None)
