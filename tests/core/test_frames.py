from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.frames import UNKNOWN, Frame, joined, numbers, shortened
from tocsin.testing.told_fleet import ToldFleet

SECOND = 10**9


def frame(**changes: Any) -> Frame:
    whole = ToldFleet(devices=3).frame(1_000 * SECOND, seconds=2.0).document()
    return Frame.of({**whole, **changes})


def test_what_is_written_is_read_again() -> None:
    first = ToldFleet(devices=3).frame(1_000 * SECOND, seconds=2.0)
    again = Frame.of(json.loads(json.dumps(first.document(), allow_nan=False)))
    assert again.devices == first.devices
    for name in ("device", "time", "score", "limit", "status", "cause"):
        assert np.array_equal(getattr(again, name), getattr(first, name)), name
    assert np.allclose(again.values, first.values, rtol=1e-5)


def test_what_is_no_number_is_null() -> None:
    odd = frame(score=[None, 1.0, 2.0, 3.0, 4.0, 5.0], values=[[None, 1.5]] * 6)
    assert odd.document()["score"][0] is None
    assert odd.document()["values"][0] == [None, 1.5]
    assert np.isnan(odd.severity[0])
    assert not odd.anomaly[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"score": [1.0]}, "score has 1 entries"),
        ({"device": [0, 1, 2, 0, 1, 3]}, "device points to something"),
        ({"device": [-1, 1, 2, 0, 1, 2]}, "device points to something"),
        ({"cause": [2] * 6}, "cause points to something"),
        ({"values": [[1.0, 2.0]]}, "values has shape"),
        ({"values": [[1.0]] * 12}, "values has shape"),
        ({"values": [[1.0, 2.0]] * 5 + [[1.0]]}, "inhomogeneous"),
    ],
)
def test_columns_that_do_not_fit_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        frame(**changes)


def test_frames_are_joined_by_the_names_of_their_devices() -> None:
    fleet = ToldFleet(devices=3)
    early, late = fleet.frame(1_000 * SECOND, seconds=1.0), fleet.frame(1_001 * SECOND, seconds=1.0)
    whole = joined([early.take(early.device == 2), late])
    assert [whole.devices[k] for k in whole.device] == ["room-2", "room-0", "room-1", "room-2"]
    assert whole.take(whole.device == 1).devices == ("room-0",)
    assert whole.take(np.zeros(0, np.int64)).devices == ()


def test_the_severity_of_a_frame_is_its_score_over_its_limit() -> None:
    assert frame(score=[3.0] * 6, limit=[2.0] * 6).severity.tolist() == [1.5] * 6
    assert UNKNOWN not in frame(cause=[0] * 6).cause


@given(st.lists(st.floats(width=32), max_size=20))
def test_short_numbers_are_near_and_json_knows_them(found: list[float]) -> None:
    column = np.array(found, np.float32)
    short = shortened(column)
    assert json.loads(json.dumps(numbers(short), allow_nan=False)) == numbers(short)
    good = np.isfinite(column)
    assert np.allclose(short[good], column[good].astype(float), rtol=1e-5, atol=1e-30)
    assert np.array_equal(np.isfinite(short), good)
