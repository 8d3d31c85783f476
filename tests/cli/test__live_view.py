"""The live view: what is open stands in it, in terminals of any width, whatever a device is called."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from rich.console import Console

from tocsin.cli._live_view import LiveView
from tocsin.cli._pulse import Pulses
from tocsin.core.live import Position
from tocsin.core.notices import Notice, incident_key
from tocsin.core.tidings import Tidings
from tocsin.engine.live.meters import Meters
from tocsin.store import Entry, Store, open_store

SECOND = 10**9


def notice(device: str, ago: int, *, open: bool = True) -> Notice:
    start = time.time_ns() - ago
    return Notice(
        incident_key(device, ago), 0, "open" if open else "close", "anomaly", "", device, start, start, start,
        start + 20 * SECOND, open, 4.5, 1.0, "critical", (("temperature", 0.8), ("light", 0.17)),
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path}/tocsin.db")


def write(store: Store, *notices: Notice) -> None:
    epoch = store.claim("plant", "", "test").epoch
    store.write(Entry("plant", "", epoch, Position("1"), Tidings(notices=notices)))


def shown(store: Store, meters: Meters, *, width: int = 100, height: int = 40) -> str:
    paper = io.StringIO()
    view = LiveView("env.tocsin ← mqtt://plant", Pulses(meters, sinks=("log",)), store)
    view.look()
    Console(file=paper, width=width, height=height).print(view)
    return paper.getvalue()


def test_a_quiet_plant(store: Store) -> None:
    text = shown(store, Meters())
    assert "✓ no incident is open" in text
    assert "env.tocsin ← mqtt://plant" in text


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_what_is_open_and_what_is_over_lately(store: Store, width: int) -> None:
    write(store, notice("room-1", 90 * SECOND), notice("room-2", 80 * SECOND, open=False))
    text = shown(store, Meters(), width=width)
    lines = [line for line in text.splitlines() if "room-" in line]
    assert "1 incident open" in text
    assert [line.split()[1] for line in lines] == ["room-1", "room-2"]
    assert "90s" in lines[0] or "91s" in lines[0]
    assert "critical 4.5×" in lines[0] or width == 60
    assert text.index("over lately") < text.index("room-2")
    assert {len(line) for line in text.splitlines()} == {width}


def test_many_are_counted_and_not_all_listed(store: Store) -> None:
    write(store, *(notice(f"room-{k}", (k + 1) * SECOND) for k in range(30)))
    text = shown(store, Meters())
    listed = sum("room-" in line for line in text.splitlines())
    assert "30 incidents open" in text
    assert f"and {30 - listed} more" in text
    assert listed > 10


def test_troubles_are_told(store: Store) -> None:
    meters = Meters()
    meters.set("tocsin_connected", 0, ("plant",))
    assert "● plant is not connected" in shown(store, meters)


def test_a_store_that_is_away_leaves_the_view(tmp_path: Path) -> None:
    gone = open_store(f"sqlite:///{tmp_path}/gone.db")
    gone.close()
    for file in tmp_path.glob("gone.db*"):
        file.unlink()
    assert "gone.db is gone" in shown(gone, Meters(), width=400)


def test_a_device_cannot_command_the_terminal(store: Store) -> None:
    write(store, notice("room\x1b[2J\x1b]0;mine\x07-[bold]1", SECOND))
    text = shown(store, Meters())
    assert "\x1b" not in text
    assert "room-[bold]1" in text


@pytest.mark.parametrize("height", [10, 24, 30, 60])
@pytest.mark.parametrize("open_ones", [0, 1, 8, 9, 10, 11, 30])
@pytest.mark.parametrize("over", [0, 1, 20])
def test_it_is_as_high_whatever_there_is_to_tell(store: Store, height: int, open_ones: int, over: int) -> None:
    write(store, *(notice(f"room-{k}", (k + 1) * SECOND) for k in range(open_ones)))
    write(store, *(notice(f"hall-{k}", (k + 1) * SECOND, open=False) for k in range(over)))
    text = shown(store, Meters(), height=height)
    lines = text.splitlines()
    assert len(lines) == max(14, min(24, height - 8))
    listed = sum("room-" in line for line in lines)
    assert listed == open_ones or f"and {open_ones - listed} more" in text
    assert lines[-1].startswith("╰")
