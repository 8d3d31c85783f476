"""``tocsin incidents``: what a watch has found can be listed, shown, acknowledged and labelled."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.core.live import Position
from tocsin.core.notices import Notice, incident_key
from tocsin.core.tidings import Tidings
from tocsin.store import Entry, open_store

Shell = Callable[..., tuple[int, str, str]]

SECOND = 10**9
HOUR = 3_600 * SECOND
AGO = 5_410 * SECOND


def notice(device: str, ago: int, *, open: bool = True, stale: bool = False, revision: int = 0) -> Notice:
    start = time.time_ns() - ago
    return Notice(
        incident_key(device, ago, what="stale" if stale else "anomaly"), revision, "open" if open else "close",
        "stale" if stale else "anomaly", "", device, start, start, start, start + 60 * SECOND, open,
        4.5, 1.0, "critical", () if stale else (("temperature", 0.8), ("light", 0.17), ("humidity", 0.03)),
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> str:
    """The URL of a store with an open incident, one that is over, and a silent device."""
    url = f"sqlite:///{tmp_path}/tocsin.db"
    opened = open_store(url)
    epoch = opened.claim("plant", "", "test").epoch
    notices = (
        notice("room-1", AGO),
        notice("room-2", 30 * HOUR, open=False),
        notice("pump/7", 2 * HOUR, stale=True),
    )
    opened.write(Entry("plant", "", epoch, Position("1"), Tidings(notices=notices)))
    opened.close()
    return url


def devices(shell: Shell, *more: str) -> list[str]:
    code, out, err = shell("incidents", "--json", *more)
    assert (code, err) == (0, "")
    return [one["device"] for one in json.loads(out)]


@pytest.mark.usefixtures("store")
def test_the_list_can_be_narrowed(shell: Shell) -> None:
    assert devices(shell) == ["room-1", "pump/7", "room-2"]
    assert devices(shell, "--open") == ["room-1", "pump/7"]
    assert devices(shell, "--since", "1d") == ["room-1", "pump/7"]
    assert devices(shell, "--since", "30min") == ["room-1", "pump/7"]  # they go on
    assert devices(shell, "--device", "room-*") == ["room-1", "room-2"]
    assert devices(shell, "--device", "room-2") == ["room-2"]
    assert devices(shell, "--most", "1") == ["room-1"]
    assert devices(shell, "--device", "room-*", "--most", "1") == ["room-1"]


@pytest.mark.usefixtures("store")
def test_the_table_tells_what_matters(shell: Shell) -> None:
    code, out, err = shell("incidents")
    assert (code, err) == (0, "")
    first, second = out.splitlines()[1:3]
    assert re.search(r"room-1 .* 90min +open +critical 4.5× +temperature 80 %, light 17 %", first)
    assert re.search(r"pump/7 .* 2h +open +silent", second)
    assert "3 incidents, 2 of them open" in out
    assert "label" not in out


@pytest.mark.usefixtures("store")
def test_what_people_say_is_kept(shell: Shell) -> None:
    id = incident_key("room-1", AGO)
    assert shell("incidents", "acknowledge", id, "--by", "anna", "--note", "on my way") == (
        0,
        f"{id}: anna sees to it\n",
        "",
    )
    assert shell("incidents", "label", id, "false", "--by", "bert") == (0, f"{id}: false\n", "")
    _, out, _ = shell("incidents", "show", id)
    assert re.search(r"seen to by +anna", out)
    assert re.search(r"label +false", out)
    assert "temperature 80 %, light 17 %" in out
    told = json.loads(shell("incidents", "show", id, "--json")[1])
    assert (told["acknowledged_by"], told["label"]) == ("anna", "false")
    assert [one["kind"] for one in told["history"]] == ["open"]


def test_the_store_is_found_in_each_way(
    shell: Shell, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    code, _, err = shell("incidents")
    assert code == 2
    assert "There is no store tocsin.db. Name the store of the watch: --store" in err
    assert not list(Path().iterdir())
    Path("tocsin.toml").write_text(f"[store]\nurl = '{store}'\n", "utf-8")
    assert len(devices(shell, "--store", store)) == 3
    assert len(devices(shell, "--config", "tocsin.toml")) == 3
    id = incident_key("room-1", AGO)
    assert shell("incidents", "--store", store, "show", id)[0] == 0
    assert shell("incidents", "show", id, "--config", "tocsin.toml")[0] == 0
    monkeypatch.setenv("TOCSIN_STORE", store)
    assert len(devices(shell)) == 3


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("show 123", "There is no incident '123' in this store. List them with: tocsin incidents"),
        ("acknowledge 123", "There is no incident '123'"),
        ("label 123 true", "There is no incident '123'"),
        ("--since yesterday", "--since is 'yesterday', which is no time. For example: 90s"),
        ("--store mysql://host/db", "There is no store of the kind 'mysql'"),
    ],
)
@pytest.mark.usefixtures("store")
def test_what_cannot_be_is_told_in_one_sentence(line: str, told: str, shell: Shell) -> None:
    code, out, err = shell("incidents", *line.split())
    assert (code, out) == (2, "")
    assert f"error: {told}" in err


@pytest.mark.usefixtures("store")
def test_a_label_is_a_word(shell: Shell) -> None:
    code, _, err = shell("incidents", "label", incident_key("room-1", AGO), " ")
    assert code == 2
    assert "' ' is no label" in err


def test_a_store_without_incidents(shell: Shell, tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/tocsin.db").close()
    assert shell("incidents") == (0, "No incidents.\n", "")
