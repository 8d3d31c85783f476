"""What a watch is to do is checked before it does anything, and what is wrong is told with its place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tocsin.core.errors import SettingError
from tocsin.wiring.store_settings import USUAL
from tocsin.wiring.watch_plan import WatchPlan

FULL = """
[store]
url = "postgresql://host/plant"
keep_verdicts = "2w"

[source.plant]
url = "kafka://host/readings"
batch_rows = 100
batch_ms = 20

[source.files]
url = "tail:readings.csv"

[sink.log]
url = "log"

[watch.rooms]
artifact = "rooms.tocsin"
source = "plant"
devices = "room-*"
stale_after = 5

[watch.pumps]
artifact = "pumps.tocsin"
source = "plant"
stale_after = "never"

[watch.lab]
artifact = "lab.tocsin"
source = "files"

[metrics]
address = "127.0.0.1:9108"
"""


def plan(text: str) -> WatchPlan:
    return WatchPlan.of(tomllib.loads(text), folder=Path())


def test_all_that_is_written_is_taken() -> None:
    found = plan(FULL)
    assert found.store.retention().verdicts_ns == 14 * 86_400 * 10**9
    assert (found.sources["plant"].batch_rows, found.sources["plant"].batch_ms) == (100, 20)
    assert list(found.duties_of("plant")) == ["rooms", "pumps"]
    assert found.duties["rooms"].devices == ("room-*",)
    assert found.metrics.address == "127.0.0.1:9108"


def test_little_is_needed() -> None:
    found = plan("[source.s]\nurl = 'tail:-'\n[watch.w]\nartifact = 'a.tocsin'")
    assert found.store.url == USUAL
    assert not found.sinks
    assert list(found.duties_of("s")) == ["w"]


SOURCE = "[source.plant]\nurl = 'tail:-'\n"
OTHER = "[source.b]\nurl = 'tail:-'\n"
WATCH = "[watch.rooms]\nartifact = 'a.tocsin'\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SOURCE, "Nothing is watched"),
        (WATCH, "There is no source of readings"),
        (SOURCE + "[watch.rooms]\n", r"\[watch.rooms\] does not say its artifact"),
        (SOURCE + WATCH + "sorce = 'plant'", r"no setting 'sorce' in \[watch.rooms\]. There are: artifact, source"),
        (SOURCE + WATCH + "source = 'b'", r"\[watch.rooms\] source is 'b', which there is not. There are: plant"),
        (SOURCE + OTHER + WATCH, r"\[watch.rooms\] does not say its source. There are: plant, b"),
        (SOURCE + OTHER + WATCH + "source = 'b'", r"Nobody watches \[source.plant\]"),
        (SOURCE + "batch_rows = 'many'\n" + WATCH, r"\[source.plant\] batch_rows is 'many'"),
        (SOURCE + "batch_rows = 0\n" + WATCH, r"\[source.plant\] batch_rows is 0. Give 1 to"),
        (SOURCE + "batch_ms = 0.5\n" + WATCH, r"\[source.plant\] batch_ms is 0.5"),
        (SOURCE + WATCH + "stale_after = true", r"\[watch.rooms\] stale_after must be a whole number"),
        (SOURCE + WATCH + "most_devices = 'all'", r"\[watch.rooms\] most_devices is 'all'"),
        ("[store]\npath = 'x'\n" + SOURCE + WATCH, r"no setting 'path' in \[store\]"),
        ("[metrics]\naddress = 9108\n" + SOURCE + WATCH, r"\[metrics\] address is 9108"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        plan(text)
