"""A watch as a process: it reads its settings anew, ends in good order, and tells what it cannot start for."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tocsin.testing.live_watch import LiveWatch

CONFIG = """
[source.plant]
url = "tail:growing.csv"

[sink.{sink}]
url = "log:{sink}.jsonl"

[watch.rooms]
artifact = "room.tocsin"
"""

PATIENCE_S = 60.0


@pytest.fixture
def folder(tmp_path: Path, artifact: Path) -> Path:
    (tmp_path / "room.tocsin").write_bytes(artifact.read_bytes())
    return tmp_path


def test_settings_are_read_anew_and_wrong_ones_change_nothing(folder: Path, room: Path) -> None:
    lines = room.read_text("utf-8").splitlines(keepends=True)
    growing, config = folder / "growing.csv", folder / "tocsin.toml"
    growing.write_text("".join(lines[:300]), "utf-8")
    config.write_text(CONFIG.format(sink="first"), "utf-8")
    with LiveWatch("--config", config, folder=folder) as watch:
        watch.ready(patience_s=PATIENCE_S)
        config.write_text("[watch.rooms]\nartifact = 'none.tocsin'\n", "utf-8")
        os.kill(watch.pid, signal.SIGHUP)
        watch.until(lambda: "not taken over" in watch.log, "it refuses", patience_s=PATIENCE_S)
        assert "error: The settings were not taken over, and all goes on as before: There is no source" in watch.log
        config.write_text(CONFIG.format(sink="second"), "utf-8")
        os.kill(watch.pid, signal.SIGHUP)
        watch.until(lambda: "read anew" in watch.log, "it takes them over", patience_s=PATIENCE_S)
        with growing.open("a", encoding="utf-8") as more:
            more.writelines(lines[300:])
        watch.until(lambda: len(ids(folder / "second.jsonl")) > 1, "there is news", patience_s=PATIENCE_S)
        watch.stop(patience_s=PATIENCE_S)
        assert "Ended in good order: 600 readings judged." in watch.log
    first, second = ids(folder / "first.jsonl"), ids(folder / "second.jsonl")
    assert not first & second
    assert len(first | second) > 3


def ids(file: Path) -> set[tuple[str, int]]:
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return {(news["id"], news["revision"]) for news in map(json.loads, lines)}


def test_without_a_config_an_artifact_that_was_exchanged_is_taken_up(folder: Path, room: Path) -> None:
    (folder / "growing.csv").write_bytes(room.read_bytes())
    active = folder / "room.tocsin"
    other = active.read_bytes()
    with LiveWatch(active, "--source", "tail:growing.csv", folder=folder) as watch:
        watch.ready(patience_s=PATIENCE_S)
        active.write_bytes(other[:1000])
        os.kill(watch.pid, signal.SIGHUP)
        watch.until(lambda: "not taken over" in watch.log, "it refuses", patience_s=PATIENCE_S)
        active.write_bytes(other)
        os.kill(watch.pid, signal.SIGHUP)
        watch.until(lambda: "read anew" in watch.log, "it takes it over", patience_s=PATIENCE_S)
        watch.stop(patience_s=PATIENCE_S)
