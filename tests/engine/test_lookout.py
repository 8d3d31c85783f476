"""Lookout for Equipment's lines: its fields and no others, the verdicts of a scored file, shares that sum to one."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.core.errors import InputError
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine.lookout import _counts, write_lookout
from tocsin.engine.scored import Scored
from tocsin.sources import open_table

MINUTE = 60 * 10**9


def a_scored(verdicts: dict[str, list[Any]], *, devices: int = 1, clock: bool = True) -> Scored:
    """Return what scoring would make of a small table, with verdicts as given."""
    n = len(verdicts["score"])
    columns: dict[str, Any] = {"t": [f"2026-03-01T08:{k:02}:00" for k in range(n)]} if clock else {}
    if devices > 1:
        columns["device"] = [f"pump-{k % devices + 1}" for k in range(n)]
    table = open_table(pl.DataFrame(columns | {"flow": np.arange(n) / 7, 'hot "one"': np.arange(n) / 3}))
    found = Verdicts(
        device=table.readings.device,
        time=table.readings.time,
        score=np.array(verdicts["score"], float),
        limit=np.full(n, 2.0),
        status=np.array(verdicts.get("status", [Status.ok] * n), np.uint8),
        by_channel=np.array(verdicts["shares"], np.float32),
        incident=np.full(n, -1),
        row=np.arange(n),
        expected=np.zeros((n, 0), np.float32),
    )
    return Scored(table, found, found, ())


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_field_for_field(tmp_path: Path) -> None:
    scored = a_scored({"score": [1.0, 6.0], "shares": [[0.25, 0.75], [6.0, 0.0]]})
    assert write_lookout(tmp_path / "lines", scored, component="mill") == 2
    assert lines_of(tmp_path / "lines") == [
        {
            "timestamp": "2026-03-01T08:00:00.000000",
            "prediction": 0,
            "prediction_reason": "NO_ANOMALY_DETECTED",
            "anomaly_score": 0.33333,
            "diagnostics": [{"name": "mill\\flow", "value": 0.25}, {"name": 'mill\\hot "one"', "value": 0.75}],
        },
        {
            "timestamp": "2026-03-01T08:01:00.000000",
            "prediction": 1,
            "prediction_reason": "ANOMALY_DETECTED",
            "anomaly_score": 0.75,
            "diagnostics": [{"name": "mill\\flow", "value": 1.0}, {"name": 'mill\\hot "one"', "value": 0.0}],
        },
    ]


def test_spelled_as_theirs(tmp_path: Path) -> None:
    write_lookout(tmp_path / "lines", a_scored({"score": [1, 6], "shares": [[1, 3]] * 2}), component="mill")
    assert (tmp_path / "lines").read_text("utf-8").splitlines()[0] == (
        '{"timestamp": "2026-03-01T08:00:00.000000", "prediction": 0, "prediction_reason": "NO_ANOMALY_DETECTED", '
        '"anomaly_score": 0.33333, "diagnostics": [{"name": "mill\\\\flow", "value": 0.25}, '
        '{"name": "mill\\\\hot \\"one\\"", "value": 0.75}]}'
    )


def test_a_device_is_a_component(tmp_path: Path) -> None:
    write_lookout(tmp_path / "lines", a_scored({"score": [1.0] * 6, "shares": [[1, 1]] * 6}, devices=2), component="-")
    first = [line["diagnostics"][0]["name"] for line in lines_of(tmp_path / "lines")]
    assert first == ["pump-1\\flow", "pump-2\\flow"] * 3


def test_what_has_no_score_has_no_line_and_what_is_off_says_so(tmp_path: Path) -> None:
    nan = math.nan
    scored = a_scored(
        {
            "score": [nan, nan, 1.0, nan],
            "status": [Status.warming, Status.off, Status.ok, Status.gap],
            "shares": [[nan, nan], [nan, nan], [nan, nan], [nan, nan]],
        }
    )
    assert write_lookout(tmp_path / "lines", scored, component="mill") == 2
    off, plain = lines_of(tmp_path / "lines")
    assert off == {"timestamp": "2026-03-01T08:01:00.000000", "prediction": 0, "prediction_reason": "MACHINE_OFF"}
    assert plain["diagnostics"] == []


def test_in_order_of_time(tmp_path: Path) -> None:
    scored = a_scored({"score": [1.0] * 4, "shares": [[1, 1]] * 4})
    turned = replace(scored, bins=scored.bins.take(np.array([2, 0, 3, 1])))
    write_lookout(tmp_path / "lines", turned, component="mill")
    stamps = [line["timestamp"] for line in lines_of(tmp_path / "lines")]
    assert stamps == sorted(stamps)
    assert len(set(stamps)) == 4


def test_a_hair_above_the_limit_is_not_rounded_down_to_it(tmp_path: Path) -> None:
    scored = a_scored({"score": [2.0 + 1e-12, 2.0, 2.0 - 1e-12], "shares": [[1, 1]] * 3})
    write_lookout(tmp_path / "lines", scored, component="mill")
    assert [line["anomaly_score"] for line in lines_of(tmp_path / "lines")] == [0.50001, 0.5, 0.49999]


def test_readings_without_times_have_no_lines(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="carry times"):
        write_lookout(
            tmp_path / "lines", a_scored({"score": [1.0] * 2, "shares": [[1, 1]] * 2}, clock=False), component="mill"
        )


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_lookout(tmp_path, a_scored({"score": [1.0] * 2, "shares": [[1, 1]] * 2}), component="mill")


@given(arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 40)), elements=st.floats(-1, 1e300)))
def test_shares_sum_to_one_and_none_is_off_by_more_than_a_digit(shares: np.ndarray[Any, Any]) -> None:
    counts, known = _counts(shares)
    assert (counts >= 0).all()
    positive = np.maximum(shares, 0)
    assert (known == (positive.max(axis=1) > 0)).all()
    scaled = positive[known] / positive[known].max(axis=1, keepdims=True)
    exact = scaled / scaled.sum(axis=1, keepdims=True) * 100_000
    assert (counts[known].sum(axis=1) == 100_000).all()
    assert (np.abs(counts[known] - exact) < 1 + 1e-6).all()
