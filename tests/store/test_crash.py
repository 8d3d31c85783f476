from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tocsin.store import Store, open_store
from tocsin.testing.servers import Postgres

WRITER = Path(__file__).with_name("writer.py")
FEED = "feed"
MANY = 10**6


def start(url: str, lane: str, *, first: int = 0, count: int = MANY) -> subprocess.Popen[str]:
    command = [sys.executable, str(WRITER), url, lane, str(first), str(count)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def kill(child: subprocess.Popen[str]) -> list[int]:
    """SIGKILL a writer; return the numbers that it had promised to be safe."""
    child.kill()
    out, _ = child.communicate(timeout=60)
    return [int(line) for line in out.splitlines(keepends=True) if line.endswith("\n")]


def numbers(store: Store, lane: str) -> set[int]:
    """Return the batches that are in the store, having checked that each is there whole, or not at all."""
    told = {own.notice.start for own in store.incidents(device=lane, most=MANY)}
    assert told == set(store.verdicts(device=lane, most=MANY).time.tolist())
    assert told == {
        letter.notice.start for letter in store.due("log", now_ns=1, most=MANY) if letter.notice.id[0] == lane
    }
    assert told == {int(letter.payload) for letter in store.dead_letters(most=MANY) if letter.origin == lane}
    claim = store.claim(FEED, lane, "check")
    assert dict(claim.parts).get("number") == (str(max(told)).encode() if told else None)
    assert claim.judged == claim.snapshot
    assert (claim.judged.value if claim.judged else "-1") == str(max(told, default=-1))
    assert told == set(range(len(told)))
    return told


def killed_at_random(url: str, kills: int) -> None:
    seed = random.randrange(10**6)
    sys.stdout.write(f"seed {seed}\n")
    chance = random.Random(seed)
    store, first = open_store(url), 0
    for _ in range(kills):
        child = start(url, "a", first=first)
        time.sleep(chance.uniform(0.0, 0.25))
        promised = kill(child)
        there = numbers(store, "a")
        assert there >= set(promised)
        first = len(there)
    store.close()


def test_a_kill_leaves_whole_batches_on_sqlite(tmp_path: Path) -> None:
    killed_at_random(f"sqlite:///{tmp_path}/tocsin.db", 2)


def test_a_kill_leaves_whole_batches_on_postgresql(postgres: Postgres) -> None:
    killed_at_random(postgres.fresh(), 1)


@pytest.mark.slow
def test_twenty_kills_leave_whole_batches(tmp_path: Path, postgres: Postgres) -> None:
    killed_at_random(f"sqlite:///{tmp_path}/tocsin.db", 20)
    killed_at_random(postgres.fresh(), 20)


def test_a_log_that_was_cut_off_leaves_whole_batches(tmp_path: Path) -> None:
    folder = tmp_path / "whole"
    folder.mkdir()
    child = start(f"sqlite:///{folder}/tocsin.db", "a", count=40)
    assert child.stdout is not None
    while child.stdout.readline() != "25\n":
        pass
    kill(child)
    log = (folder / "tocsin.db-wal").stat().st_size
    seen = set()
    for k in range(6):
        copy = tmp_path / str(k)
        shutil.copytree(folder, copy)
        with (copy / "tocsin.db-wal").open("r+b") as file:
            file.truncate(log * k // 5)
        (copy / "tocsin.db-shm").unlink()
        store = open_store(f"sqlite:///{copy}/tocsin.db")
        seen.add(len(numbers(store, "a")))
        store.close()
    assert len(seen) > 2, "the log was never cut within what counts"


def test_processes_write_side_by_side(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tocsin.db"
    open_store(url).close()
    children = [start(url, lane, count=30) for lane in "abc"]
    assert [child.wait(120) for child in children] == [0, 0, 0]
    for child in children:
        child.communicate()
    store = open_store(url)
    assert [len(numbers(store, lane)) for lane in "abc"] == [30, 30, 30]
    store.close()


def test_whoever_claims_last_has_the_lane(tmp_path: Path) -> None:
    superseded(f"sqlite:///{tmp_path}/tocsin.db")


@pytest.mark.slow
def test_whoever_claims_last_has_the_lane_on_postgresql(postgres: Postgres) -> None:
    superseded(postgres.fresh())


def superseded(url: str) -> None:
    first = start(url, "a")
    time.sleep(0.1)
    second = start(url, "a", first=MANY, count=10)
    out, _ = first.communicate(timeout=60)
    second.communicate(timeout=60)
    assert out.splitlines()[-1] == "superseded"
    store = open_store(url)
    letters = store.due("log", now_ns=1, most=MANY)
    epochs = [letter.notice.grade for letter in letters]  # the writer notes its epoch there
    assert epochs == ["1"] * (len(epochs) - 10) + ["2"] * 10
    store.close()
