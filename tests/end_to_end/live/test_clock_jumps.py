"""The wall clock is set on or back, as NTP and people do: no verdict changes, and no device is called silent."""

from __future__ import annotations

import mmap
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.end_to_end.live.conftest import MakeRun, in_parts

from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_outcome import LiveOutcome

HOUR = 3_600 * 10**9

SHIM = '''
"""Sets the wall clock of this process on by what stands in a file, as if somebody had set the machine's."""
import mmap, os, struct, time

with open(os.environ["TOCSIN_TEST_CLOCK"], "r+b") as _file:
    _offset = mmap.mmap(_file.fileno(), 8)
_time_ns = time.time_ns
time.time_ns = lambda: _time_ns() + struct.unpack("<q", _offset[:8])[0]
time.time = lambda: time.time_ns() / 1e9
'''


class Clock:
    """The wall clock of watches, to be set while they run."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(SHIM)
        (folder / "offset").write_bytes(bytes(8))
        self.folder = folder
        with (folder / "offset").open("r+b") as file:
            self._offset = mmap.mmap(file.fileno(), 8)

    def set_on(self, by_ns: int) -> None:
        """Set it on by so much against the true time; back where negative."""
        self._offset[:8] = struct.pack("<q", by_ns)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A wall clock for all processes that are started from here on."""
    made = Clock(tmp_path / "clock")
    monkeypatch.setenv("TOCSIN_TEST_CLOCK", str(made.folder / "offset"))
    monkeypatch.setenv("PYTHONPATH", str(made.folder), prepend=os.pathsep)
    return made


def test_the_clock_of_a_process_really_jumps(clock: Clock) -> None:
    clock.set_on(240 * HOUR)
    told = subprocess.check_output([sys.executable, "-c", "import time; print(time.time_ns())"], text=True)
    assert abs(int(told) - time.time_ns() - 240 * HOUR) < HOUR


@pytest.mark.parametrize("by_ns", [HOUR, pytest.param(-HOUR, marks=pytest.mark.slow)])
def test_a_clock_that_jumps_rings_for_nothing(
    by_ns: int, clock: Clock, make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome
) -> None:
    run = make_run()
    run.watch("--stale-after", "5min").ready()
    stored = 0
    for number, part in enumerate(in_parts(fleet.messages(), 4)):
        run.publish(part)
        run.until_stored(stored := stored + len(part))
        clock.set_on(by_ns if number % 2 == 0 else 0)
    found = run.finish(expected)
    assert found == expected, expected.differences(found)
