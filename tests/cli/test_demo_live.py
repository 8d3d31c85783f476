"""``tocsin demo --live``: the fleet is as it says, and what is put in is told."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from tocsin.cli._demo_fleet import AHEAD, CHANNELS, PAST, ROOMS, SILENCE, TEACHERS, fleet
from tocsin.cli._embedded import embedded_broker
from tocsin.cli._outlet_mqtt import MqttOutlet
from tocsin.testing.servers import listens


def test_faults_are_where_they_are_said_to_be() -> None:
    past, ahead, faults = fleet(3)
    assert len(past) == TEACHERS * PAST
    silent = sum(fault.last - fault.first for fault in faults if fault.kind == SILENCE)
    assert len(ahead) == ROOMS * AHEAD - silent
    again, _, _ = fleet(3)
    assert past.equals(again)
    for one, other in itertools.pairwise(faults):
        assert one.first < other.first
    same = [(a, b) for a in faults for b in faults if a.room == b.room and a.first < b.first]
    assert all(a.last < b.first for a, b in same)
    first = faults[0]
    room = ahead.filter(ahead["device"] == first.device).select(CHANNELS).to_numpy()
    channel = first.channels[0]
    inside = room[first.first : first.last, channel].mean()
    outside = np.r_[room[: first.first, channel], room[first.last : first.last + 20, channel]].mean()
    assert inside - outside > 5


def test_the_embedded_broker_starts_and_ends() -> None:
    before = threading.active_count()
    with embedded_broker() as address:
        out = MqttOutlet(f"//{address}/plant/{{device}}", qos=1)
        out.open()
        out.send("plant/room-1", "room-1", "{}")
        assert out.close() == 0
    assert not listens(int(address.rpartition(":")[2]))
    assert threading.active_count() == before


@pytest.mark.slow
def test_what_is_put_in_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tocsin.cli", "demo", "--live", "--for", "30s", "--no-browser", "-o", "tour"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    told = re.search(r"(\d+) of (\d+) faults were told", done.stdout)
    assert told is not None
    assert int(told[1]) == int(told[2]) >= 2
    assert re.search(r"level shift of temperature +\S+ s +\w+ \S+× +temperature", done.stdout)
    assert (tmp_path / "tour/live.db").exists()
    assert re.search(r"The dashboard is at http://127.0.0.1:\d+/live", done.stdout)
    assert "There is no page" not in done.stderr
    assert "Traceback" not in done.stderr
