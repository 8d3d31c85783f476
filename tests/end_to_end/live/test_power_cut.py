"""A power cut: the files of the store as the disk has them at any moment, torn at the end, or worse."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.end_to_end.live.conftest import MakeRun, Run, assert_told_once, in_parts

from tocsin.core.errors import TocsinError
from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_outcome import LiveOutcome
from tocsin.testing.live_receiver import Receiver


@pytest.mark.slow
@pytest.mark.parametrize("cuts", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_files_as_a_power_cut_leaves_them_lose_nothing(
    cuts: int, make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome, receiver: Receiver, dice: random.Random
) -> None:
    """What was committed is on the disk; behind it lies a piece of what was being written."""
    run = make_run("mqtt", "sqlite")
    watch = run.watch("--sink", receiver.url).ready()
    with run.plant.publisher() as publisher:
        for number, part in enumerate(in_parts(fleet.messages(), cuts + 1)):
            publisher.publish(part)
            if number == cuts:
                break
            run.until_stored(dice.randrange(1, (number + 1) * len(part)))
            watch.signal(signal.SIGSTOP)
            files = _files(run)
            for path in files:
                shutil.copy(path, f"{path}.cut")
            watch.kill()
            for path in files:
                os.replace(f"{path}.cut", path)
            Path(f"{files[0]}-shm").unlink(missing_ok=True)
            with _wal(run).open("ab") as torn:
                torn.write(dice.randbytes(dice.randrange(1, 9000)))
            watch.start().ready()
        publisher.flush()
    found = run.finish(expected, receiver)
    assert found == expected, expected.differences(found)
    assert_told_once(receiver, expected)


@pytest.mark.slow
@pytest.mark.parametrize("cuts", [1, 10])
def test_a_disk_that_lied_costs_kafka_nothing(
    cuts: int, make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome, receiver: Receiver, dice: random.Random
) -> None:
    """Even where the log of the database is cut anywhere: what is left says from where to read again."""
    run = make_run("kafka", "sqlite")
    run.publish(fleet.messages())
    watch = run.watch("--sink", receiver.url, "--batch-rows", "50")
    for _ in range(cuts):
        run.until_stored(dice.randrange(1, len(fleet)))
        watch.kill()
        left = _wal(run)
        os.truncate(left, dice.randrange(left.stat().st_size + 1))
        watch.start()
    found = run.finish(expected, receiver)
    assert found == expected, expected.differences(found)
    assert_told_once(receiver, expected)


@pytest.mark.parametrize("torn", [pytest.param("state", marks=pytest.mark.slow), "store"])
def test_memory_that_is_damaged_is_told_and_not_guessed(torn: str, make_run: MakeRun, fleet: LiveFleet) -> None:
    run = make_run("mqtt", "sqlite")
    watch = run.watch().ready()
    run.publish(fleet.messages(range(600)))
    run.until_stored(600)
    watch.stop()
    if torn == "state":
        with closing(sqlite3.connect(_files(run)[0])) as store, store:
            store.execute("UPDATE state SET block = substr(block, 1, length(block) / 2)")
    else:
        os.truncate(_files(run)[0], _files(run)[0].stat().st_size // 2)
    said = len(watch.log)
    with pytest.raises(TocsinError, match="ended with code 2"):
        watch.start().wait()
    assert "damaged" in watch.log[said:]
    assert "Traceback" not in watch.log


def _files(run: Run) -> list[Path]:
    """Return the files of the store, the database first."""
    own = Path(run.store.removeprefix("sqlite:///"))
    return [path for path in (own, _wal(run)) if path.exists()]


def _wal(run: Run) -> Path:
    return Path(run.store.removeprefix("sqlite:///") + "-wal")
