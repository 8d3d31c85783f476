"""A watch holds as much memory after many readings as after some: devices bound it, not time."""

from __future__ import annotations

import pytest
from tests.end_to_end.live.conftest import MakeRun

from tocsin.testing.live_fleet import LiveFleet

GROWTH = 12e6
"""Bytes: what caches and allocators take in a while, and less than a few hundred bytes for each of the readings."""


@pytest.mark.parametrize("readings", [60_000, pytest.param(300_000, marks=pytest.mark.slow)])
def test_memory_does_not_grow_with_readings(readings: int, make_run: MakeRun) -> None:
    run = make_run()
    watch = run.watch("--keep", "1min").ready()
    fleet = LiveFleet(devices=100, readings=readings // 100, faulty=False)
    messages = list(fleet.arrays(50))
    third = len(messages) // 3
    run.publish(messages[:third])
    run.until(lambda: watch.meter("tocsin_readings_total") >= 50 * third, "a third of the readings")
    early = watch.memory()
    run.publish(messages[third:])
    run.until(lambda: watch.meter("tocsin_readings_total") >= len(fleet), "all readings")
    late = watch.memory()
    assert late - early < GROWTH, f"{early / 1e6:.1f} MB became {late / 1e6:.1f} MB"
