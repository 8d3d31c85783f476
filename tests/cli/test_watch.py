"""``tocsin watch``: settings are checked first, a file gives what ``score`` gives, and what is set wrongly is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.core.alerts import incident_id
from tocsin.engine.live import loop
from tocsin.engine.scorer import Scorer
from tocsin.sources import open_table
from tocsin.store import open_store

Shell = Callable[..., tuple[int, str, str]]

CONFIG = """
[store]
url = "sqlite:///plant.db"

[source.plant]
url = "tail:{room}?follow=no"

[source.other]
url = "kafka://localhost:9/readings"

[sink.desk]
url = "webhook:https://hooks.example.com/T0/secret"

[watch.rooms]
artifact = "room.tocsin"
source = "plant"
devices = ["room-*"]

[watch.halls]
artifact = "room.tocsin"
source = "other"
stale_after = "20min"

[metrics]
address = "127.0.0.1:9108"
"""


@pytest.fixture
def config(tmp_path: Path, artifact: Path, room: Path) -> Path:
    (tmp_path / "room.tocsin").write_bytes(artifact.read_bytes())
    place = tmp_path / "tocsin.toml"
    place.write_text(CONFIG.replace("{room}", str(room)), "utf-8")
    return place


def test_check_shows_what_would_run_and_opens_nothing(shell: Shell, config: Path, tmp_path: Path) -> None:
    code, out, err = shell("watch", "--config", config, "--check")
    assert (code, err) == (0, "")
    text = " ".join(out.split())
    for told in ("rooms: room.tocsin", "rolling_zscore", "room-*", "20min", "kafka://localhost:9/readings", "plant.db"):
        assert told in text
    assert "http://127.0.0.1:9108/metrics" in text
    assert "secret" not in out
    assert not (tmp_path / "plant.db").exists()


def test_the_example_can_work(shell: Shell, artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = Path(__file__).resolve().parents[2] / "examples/configs/watch.toml"
    (tmp_path / "watch.toml").write_text(example.read_text("utf-8"), "utf-8")
    (tmp_path / "rooms.tocsin").write_bytes(artifact.read_bytes())
    code, _, err = shell("watch", "--config", "watch.toml", "--check")
    assert (code, err) == (
        2,
        "error: [source.plant] url asks for ${BROKER}, which is not set. Set it: export BROKER=…\n",
    )
    monkeypatch.setenv("BROKER", "localhost:1883")
    code, out, _ = shell("watch", "--config", "watch.toml", "--check")
    assert code == 0
    assert "mqtt://localhost:1883/plant/{device}/env?qos=1" in out


def test_a_file_gives_the_incidents_that_score_gives(
    shell: Shell, artifact: Path, room: Path, scorer: Scorer, tmp_path: Path
) -> None:
    code, out, err = shell("watch", artifact, "--source", f"tail:{room}", "--sink", "log", "--once", "--keep", "all")
    assert code == 0, err
    assert "Ended in good order: 600 readings judged." in err
    table = open_table(room, expect=scorer.artifact.layout)
    scored = scorer.judge(table)
    expected = {incident_id(table.devices[one.device], one.start) for one in scored.incidents}
    assert len(expected) > 2
    told = [json.loads(line) for line in out.splitlines()]
    assert {news["id"] for news in told if news["kind"] == "open"} == expected
    store = open_store(f"sqlite:///{tmp_path}/tocsin.db")
    kept = store.verdicts()
    store.close()
    assert kept.time.tolist() == scored.verdicts.time.tolist()
    assert kept.score.tobytes() == scored.verdicts.score.tobytes()


def test_it_goes_on_where_it_stood(shell: Shell, artifact: Path, room: Path, tmp_path: Path) -> None:
    lines = room.read_text("utf-8").splitlines(keepends=True)
    growing = tmp_path / "growing.csv"
    watch = ("watch", artifact, "--source", f"tail:{growing}", "--sink", "log", "--once")
    told: list[str] = []
    for rows in (200, 450, len(lines), len(lines)):
        growing.write_text("".join(lines[:rows]), "utf-8")
        code, out, err = shell(*watch)
        assert code == 0, err
        told += [f"{news['id']} {news['revision']}" for news in map(json.loads, out.splitlines())]
    assert len(told) == len(set(told)) > 3


def test_fresh_forgets(shell: Shell, artifact: Path, room: Path) -> None:
    watch = ("watch", artifact, "--source", f"tail:{room}", "--once")
    said = [shell(*watch, *more)[2] for more in ((), (), ("--fresh",))]
    judged = [text.rpartition("Ended in good order: ")[2].strip() for text in said]
    assert judged == ["600 readings judged.", "0 readings judged.", "600 readings judged."]


def test_what_nobody_took_is_not_passed_over_in_the_end(
    shell: Shell, artifact: Path, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "SETTLE_S", 0.1)
    nobody = "webhook:http://127.0.0.1:9/hook"
    code, _, err = shell("watch", artifact, "--source", f"tail:{room}", "--sink", nobody, "--once")
    assert code == 0
    assert "notices wait in the store for sink webhook" in err


def test_the_log_as_json(shell: Shell, artifact: Path, room: Path) -> None:
    code, out, err = shell("watch", artifact, "--source", f"tail:{room}", "--once", "--log-format", "json")
    assert (code, out) == (0, "")
    lines = [json.loads(line) for line in err.splitlines()]
    assert {"time", "level", "logger", "message"} <= set(lines[0])
    assert lines[-1]["message"] == "Ended in good order: 600 readings judged."


def test_quiet_says_nothing_while_all_is_well(shell: Shell, artifact: Path, room: Path) -> None:
    assert shell("watch", artifact, "--source", f"tail:{room}", "--once", "--quiet") == (0, "", "")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "Nothing is watched. Name an artifact, as in: tocsin watch env.tocsin --source"),
        ("{artifact}", "There is no source of readings. For example: --source mqtt://"),
        ("none.tocsin --source tail:-", "There is no artifact at "),
        ("{artifact} --source tale:-", "--source is 'tale:-', but there is no source 'tale'."),
        ("{artifact} --source tail:- --sink lgo", "--sink is 'lgo', but there is no sink 'lgo'."),
        ("{artifact} --source tail:- --stale-after soon", "--stale-after must be a whole number of cadences"),
        ("{artifact} --source tail:- --keep ever", "--keep is 'ever', which is no time."),
        ("{artifact} --source tail:- --batch-ms 0", "batch_ms is 0. Give 1 to 10000 milliseconds."),
        ("{artifact} --source tail:- --store mysql://host/db", "There is no store of the kind 'mysql'."),
        ("{artifact} --source tail:- --store sqlite:////nowhere/at/all.db", "There is no folder /nowhere/at"),
        ("{artifact} --source tail:- --metrics host:none", "'host:none' is no address to listen at."),
        ("--config none.toml", "none.toml cannot be read: No such file or directory. Check --config."),
    ],
)
def test_what_cannot_work_is_told_in_one_sentence(line: str, told: str, shell: Shell, artifact: Path) -> None:
    code, out, err = shell("watch", *line.format(artifact=artifact).split())
    assert (code, out) == (2, "")
    assert told in err
    assert err.startswith("error: ") or "\nerror: " in err
    assert "Traceback" not in err


def test_an_artifact_that_a_config_names_wrongly_is_told_with_its_place(shell: Shell, config: Path) -> None:
    (config.parent / "room.tocsin").unlink()
    code, _, err = shell("watch", "--config", config, "--check")
    assert code == 2
    assert "error: [watch.rooms] artifact: There is no artifact at" in err
