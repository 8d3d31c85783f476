from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.sources.tables.test_real_data import TON

import tocsin
from tocsin.core.arrays import NEVER, IntArray
from tocsin.sources import open_table
from tocsin.sources.tables._strays import strays_in
from tocsin.training.recipe import Recipe

MINUTE = 60 * 10**9
DAY = 1440 * MINUTE
START = 1_704_067_200 * 10**9
N = 200


def minutes(ahead_d: float, rows: Sequence[int], n: int = N) -> IntArray:
    """Times a minute apart, those of ``rows`` so many days ahead."""
    time = START + np.arange(n) * MINUTE
    time[list(rows)] += int(ahead_d * DAY)
    return time


def found(time: IntArray, device: IntArray | None = None) -> list[int]:
    strays = strays_in(np.zeros(len(time), np.int64) if device is None else device, time)
    return [int(row) for row in strays.row]


@pytest.mark.parametrize("rows", [[50], [50, 51], [50, 51, 52, 53, 54], [50, 52], [50, 120], [1], [0], [0, 1], [N - 2]])
def test_stamps_far_ahead_of_both_sides(rows: list[int]) -> None:
    assert found(minutes(27_000, rows)) == rows


def test_stray_stamps_may_differ() -> None:
    time = minutes(400, [50, 51])
    time[50] += 9_000 * DAY
    assert found(time) == [50, 51]
    time[40] = NEVER
    assert found(time) == [50, 51]


@pytest.mark.parametrize(
    ("ahead_d", "rows"),
    [(0.9, [50]), (-400, [50]), (27_000, [N - 1]), (27_000, range(50, 56)), (27_000, range(100, N)), (2, [0])],
    ids=["near", "behind", "last", "a block", "until the end", "first, but not that far"],
)
def test_other_stamps_stay(ahead_d: float, rows: Sequence[int]) -> None:
    assert found(minutes(ahead_d, rows)) == []


def test_far_is_a_hundred_periods() -> None:
    time = START + np.arange(N) * DAY
    time[50] += 90 * DAY
    assert found(time) == []
    time[50] += 20 * DAY
    assert found(time) == [50]


def test_a_pause_with_a_straggler_after_it_stays() -> None:
    time = minutes(10, range(100, N))
    time[101] = time[99] + MINUTE
    assert found(time) == []


def test_a_file_without_order_stays() -> None:
    time = np.random.default_rng(0).permutation(START + np.arange(20_000) * MINUTE)
    assert found(time) == []


def test_each_device_has_neighbours_of_its_own() -> None:
    device = np.arange(N) % 2
    time = minutes(0, []) + np.where(device == 1, 400 * DAY, 0)
    assert found(time, device) == []
    time[61] += 400 * DAY
    assert found(time, device) == [61]


def test_times_too_far_apart_for_64_bits() -> None:
    time = minutes(0, [])
    time[:100] -= 2 * START
    time[150:] = np.iinfo(np.int64).max - np.arange(50)
    assert found(time) == []


@pytest.mark.parametrize("name", TON)
def test_blocks_that_were_moved_stay(shared_data: Path, name: str) -> None:
    table = open_table(shared_data / f"ton_iot/Train_Test_IoT_{name}.csv")
    assert "far ahead" not in {finding.topic for finding in table.quality.findings}


def frame(rows: Sequence[int]) -> pl.DataFrame:
    values = np.random.default_rng(0).normal(size=(N, 2))
    return pl.DataFrame(
        {"time": pl.from_epoch(pl.Series(minutes(27_394, rows)), "ns"), "a": values[:, 0], "b": values[:, 1]}
    )


def test_a_stray_stamp_is_told_and_makes_no_other_reading_late() -> None:
    table = open_table(frame([150]))
    assert table.readings.time[150] == NEVER
    assert (table.cadence.period_ns, table.cadence.regular) == (MINUTE, True)
    assert table.quality.lines() == (
        "200 readings of 1 device, 2024-01-01 00:00 to 2024-01-01 03:19 UTC (3.32 h), every 1 min",
        "warning: row 151 is stamped 2099-01-01T02:30:00Z, 75 years ahead of the rows around it; such a time is taken"
        " as unreadable",
        "warning: 1 reading has no time that can be read",
        "note: 1 gap, the longest of 2 min",
    )
    scored = tocsin.fit(frame([]), Recipe(detector="rolling_zscore")).score(frame([150]))
    assert scored["status"][150] == "invalid"
    assert not (scored["status"] == "late").any()
    assert set(scored["status"][151:]) == {"ok"}


def test_several_are_told_at_once() -> None:
    texts = [finding.text for finding in open_table(frame([50, 90, 150])).quality.findings]
    assert texts[0].startswith(
        "row 51 is stamped 2099-01-01T00:50:00Z, 75 years ahead of the rows around it, as are 2 more"
    )
