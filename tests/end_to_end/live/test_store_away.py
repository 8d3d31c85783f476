"""A store that is locked, gone or full: nothing is read meanwhile, and afterwards all is there."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.end_to_end.live.conftest import MakeRun, Run, assert_told_once, in_parts

from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_outcome import LiveOutcome
from tocsin.testing.live_receiver import Receiver
from tocsin.testing.servers import Postgres


def refused(run: Run) -> bool:
    """Tell whether the store has refused a write."""
    return run.watches[0].meter("tocsin_store_failures_total") > 0


@pytest.mark.parametrize("seconds", [1.0, pytest.param(30.0, marks=pytest.mark.slow)])
def test_a_locked_store_is_waited_for(
    seconds: float, make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome, receiver: Receiver
) -> None:
    run = make_run("mqtt", "sqlite")
    run.watch("--sink", receiver.url).ready()
    early, late = in_parts(fleet.messages(), 2)
    run.publish(early)
    run.until_stored(1)
    with closing(sqlite3.connect(run.store.removeprefix("sqlite:///"), isolation_level=None)) as rival:
        rival.execute("PRAGMA busy_timeout = 60000")
        rival.execute("BEGIN EXCLUSIVE")
        run.publish(late)
        run.until(lambda: refused(run), "a refusal is counted")
        time.sleep(seconds)
        rival.execute("ROLLBACK")
    found = run.finish(expected, receiver)
    assert found == expected, expected.differences(found)
    assert_told_once(receiver, expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("broker", "seconds"), [("mqtt", 0.5), *(pytest.param(b, 30.0, marks=pytest.mark.slow) for b in ("mqtt", "kafka"))]
)
def test_a_store_that_dies_is_waited_for(
    broker: str,
    seconds: float,
    make_run: MakeRun,
    postgres: Postgres,
    fleet: LiveFleet,
    expected: LiveOutcome,
    receiver: Receiver,
) -> None:
    run = make_run(broker, "postgres")
    run.watch("--sink", receiver.url).ready()
    early, late = in_parts(fleet.messages(), 2)
    run.publish(early)
    run.until_stored(1)
    postgres.kill()
    try:
        run.publish(late)
        run.until(lambda: refused(run), "a refusal is counted")
        time.sleep(seconds)
    finally:
        postgres.start()
    found = run.finish(expected, receiver)
    assert found == expected, expected.differences(found)
    assert_told_once(receiver, expected)


@pytest.mark.slow
def test_a_file_that_may_not_grow_is_waited_for(
    make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome, receiver: Receiver
) -> None:
    run = make_run("mqtt", "sqlite")
    watch = run.watch("--sink", receiver.url).ready()
    early, late = in_parts(fleet.messages(), 2)
    run.publish(early)
    run.until_stored(1)
    _, hard = resource.prlimit(watch.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(watch.pid, resource.RLIMIT_FSIZE, (4096, hard))
    run.publish(late)
    run.until(lambda: refused(run), "a refusal is counted")
    resource.prlimit(watch.pid, resource.RLIMIT_FSIZE, (hard, hard))
    found = run.finish(expected, receiver)
    assert found == expected, expected.differences(found)
    assert_told_once(receiver, expected)


def test_a_full_disk_is_waited_for(
    make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome, receiver: Receiver, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", megabytes=8) as disk:
        run = make_run("mqtt", url=f"sqlite:///{disk}/tocsin.db")
        run.watch("--sink", receiver.url).ready()
        early, late = in_parts(fleet.messages(), 2)
        run.publish(early)
        run.until_stored(1)
        _fill(disk / "filler")
        run.publish(late)
        run.until(lambda: refused(run), "a refusal is counted")
        (disk / "filler").unlink()
        found = run.finish(expected, receiver)
    assert found == expected, expected.differences(found)
    assert_told_once(receiver, expected)


@contextmanager
def small_disk(place: Path, *, megabytes: int) -> Iterator[Path]:
    """A disk of its own in memory, where the system lets us have one."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no small disk may be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], capture_output=True, check=False)


def _fill(path: Path) -> None:
    """Write until nothing more goes onto the disk."""
    block = b"\0" * 65_536
    with path.open("wb", buffering=0) as filler:
        while block:
            try:
                filler.write(block)
            except OSError:
                block = block[: len(block) // 2]
