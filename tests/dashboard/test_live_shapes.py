"""What the pictures of the page Live are given: few points that hide nothing, worst incidents first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.dashboard.live._fleet import _grave, _steady, quiet
from tocsin.dashboard.live._series import POINTS, pictures, thinned

VALUES = st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=400)


@given(VALUES, st.integers(2, 60))
def test_thinning_keeps_the_extremes_and_the_order(values: list[float | None], points: int) -> None:
    kept = thinned(values, points)
    assert kept == sorted(set(kept))
    assert len(kept) <= max(points, 2) or len(values) <= points
    known = [value for value in values if value is not None]
    shown = [value for k in kept if (value := values[k]) is not None]
    if known:
        assert (min(shown), max(shown)) == (min(known), max(known))


def device(score: list[float], *, heat: list[float | None]) -> dict[str, Any]:
    time = [str(np.datetime64("2026-03-01T08:00:00") + np.timedelta64(k, "s")) + "Z" for k in range(len(score))]
    return {
        "channels": ["heat"],
        "time": time,
        "values": {"heat": heat},
        "score": score,
        "limit": [2.0] * len(score),
        "incidents": [],
    }


def test_pictures_end_with_the_present_and_mark_what_is_above_the_limit() -> None:
    last = 1772352003000.0
    asked = device([1.0, 3.0, 1.0, 1.0], heat=[20.0, 30.0, None, 20.5])
    asked["incidents"] = [{"start": asked["time"][1], "end": asked["time"][2], "open": False}]
    told = pictures(asked, minutes=5, now_ms=last + 2000)
    score, heat = told["series"]
    assert told["span"] == [last + 2000 - 300_000, last + 2000]
    assert (score["strange"], heat["strange"]) == ([1], [1])
    assert heat["value"] == [20.0, 30.0, None, 20.5]
    assert told["rings"] == [[last - 2000, last - 1000]]


def test_pictures_of_long_ago_end_with_the_last_reading() -> None:
    told = pictures(device([1.0], heat=[20.0]), minutes=10, now_ms=1872352000000.0)
    assert told["span"][1] == 1772352000000.0


def test_rows_are_drawn_as_rows() -> None:
    asked = device([1.0, 1.0, 3.0], heat=[1.0, 2.0, 3.0]) | {"time": [7, 8, 9], "row_clock": True}
    told = pictures(asked, minutes=10, now_ms=1772352000000.0)
    assert (told["span"], told["rows"], told["series"][1]["time"]) == ([7.0, 9.0], True, [7.0, 8.0, 9.0])


def test_few_points_are_sent_of_many_and_the_worst_is_among_them() -> None:
    n = 5 * POINTS
    score = [1.0] * n
    score[1234] = 9.0
    told = pictures(device(score, heat=[20.0] * n), minutes=60, now_ms=0.0)["series"][0]
    assert len(told["value"]) <= POINTS
    assert [told["value"][k] for k in told["strange"]] == [9.0]


@pytest.mark.parametrize(
    ("told", "begins"),
    [
        (None, ""),
        ({"total": 0, "live": 0, "devices": []}, ""),
        ({"total": 2, "live": 1, "devices": []}, ""),
        ({"total": 2, "live": 0, "devices": [{"time": None}]}, "No watch tells"),
    ],
)
def test_only_devices_that_no_watch_tells_of_are_worth_a_word(told: dict[str, Any] | None, begins: str) -> None:
    assert quiet(told).startswith(begins)
    assert bool(quiet(told)) == bool(begins)


def test_the_gravest_incident_comes_first_and_the_unknown_severity_last() -> None:
    def one(grade: str, severity: float | None, what: str = "anomaly") -> dict[str, Any]:
        return {"grade": grade, "severity": severity, "what": what}

    found = [one("minor", 9.0), one("major", None), one("major", 1.5, "stale"), one("critical", 2.0), one("major", 3.0)]
    assert [(item["grade"], item["severity"]) for item in sorted(found, key=_grave)] == [
        ("critical", 2.0),
        ("major", 3.0),
        ("major", 1.5),
        ("major", None),
        ("minor", 9.0),
    ]


def test_devices_that_do_well_keep_their_places_whatever_their_scores() -> None:
    def one(device: str, worst: float | None, *, open: tuple[str, ...] = (), silent: bool = False) -> dict[str, Any]:
        return {"device": device, "worst": worst, "open": list(open), "silent": silent}

    found = [
        one("room-10", 0.5),
        one("room-9", 0.1),
        one("room-2", None),
        one("room-7", 1.2),
        one("room-8", 3.0),
        one("room-1", 0.4, open=("1f",)),
        one("room-3", 0.4, open=("2f",), silent=True),
    ]
    assert [device["device"].removeprefix("room-") for device in sorted(found, key=_steady)] == [
        *("3", "1"),
        *("8", "7"),
        *("2", "9", "10"),
    ]
