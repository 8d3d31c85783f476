"""The strip of a device: its worst severity in equal stretches of the last ten minutes."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.frames import Frame
from tocsin.service.live._fleet import SPAN_NS, Fleet

SECOND = 10**9
NOW = 1_700_000_000 * SECOND


def frame(*rows: tuple[int, int, float], row_clock: bool = False) -> Frame:
    """Return verdicts as (device, seconds before now, severity), with a limit of 2."""
    n = len(rows)
    return Frame(
        duty="plant",
        artifact="a",
        row_clock=row_clock,
        channels=("heat",),
        devices=("one", "two"),
        device=np.array([row[0] for row in rows]),
        time=np.array([NOW - row[1] * SECOND for row in rows]),
        values=np.zeros((n, 1), np.float32),
        score=np.array([2 * row[2] for row in rows]),
        limit=np.full(n, 2.0),
        status=np.zeros(n, np.uint8),
        cause=np.full(n, -1),
    )


def fleet(told: Frame) -> Fleet:
    made = Fleet(told)
    made.take(told, now_s=0.0, room=10)
    return made


def test_each_stretch_holds_its_worst_and_a_silent_device_is_empty_at_the_end() -> None:
    told = frame((0, 540, 0.5), (0, 500, 3.0), (1, 400, 1.5), (0, 10, 0.25), (0, 0, 0.75))
    strips = fleet(told).strips(np.array([1, 0]), 10)
    assert strips is not None
    expected = np.full((2, 10), np.nan)
    expected[0, 3], expected[1, 0], expected[1, 1], expected[1, 9] = 1.5, 0.5, 3.0, 0.75
    np.testing.assert_allclose(strips, expected)


def test_what_is_older_than_ten_minutes_is_in_no_stretch() -> None:
    told = frame((0, SPAN_NS // SECOND, 5.0), (0, 0, 0.5))
    strips = fleet(told).strips(np.array([0]), 4)
    assert strips is not None
    assert np.isnan(strips[0, :3]).all()
    assert strips[0, 3] == pytest.approx(0.5)


def test_rows_have_no_minutes() -> None:
    assert fleet(frame((0, 1, 0.5), (0, 0, 0.5), row_clock=True)).strips(np.array([0]), 4) is None
