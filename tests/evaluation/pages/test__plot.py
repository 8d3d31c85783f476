"""Charts without a script: round ticks, broken lines, and nothing that a page would take for code."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.evaluation.pages._plot import Axis, band, dots, frame, line

HOUR = 3_600 * 10**9
START = 1_704_067_200 * 10**9


def test_places_run_from_0_to_1000_and_stop_there() -> None:
    assert Axis(10.0, 20.0).at(np.array([10.0, 12.5, 20.0, 99.0, -5.0])).tolist() == [0, 250, 1000, 1000, 0]
    assert Axis(0.01, 100.0, log=True).at(np.array([0.01, 1.0, 100.0, 0.0])).tolist() == [0, 500, 1000, 0]
    assert np.isnan(Axis(0.0, 1.0).at(np.array([np.nan]))).all()


def test_an_axis_without_extent_has_a_place() -> None:
    assert Axis(3.0, 3.0).place(3.0) == 0.0


@pytest.mark.parametrize(
    ("axis", "texts"),
    [
        (Axis(0.0, 1.0), ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (Axis(-3.2, 4.1), ["-2", "0", "2", "4"]),
        (Axis(0.001, 120.0, log=True), ["0.001", "0.1", "10"]),
        (Axis(2.0, 7.0, log=True), ["2"]),
        (Axis(10_000.0, 30_000.0), ["10000", "15000", "20000", "25000", "30000"]),
    ],
)
def test_ticks_are_round(axis: Axis, texts: list[str]) -> None:
    assert [text for _, text in axis.ticks()] == texts


@pytest.mark.parametrize(
    ("hours", "texts"),
    [
        (1, ["1 Jan", "00:10", "00:20", "00:30", "00:40", "00:50", "01:00"]),
        (72, ["1 Jan", "12:00", "2 Jan", "12:00", "3 Jan", "12:00", "4 Jan"]),
        (24 * 7, ["1 Jan", "2 Jan", "3 Jan", "4 Jan", "5 Jan", "6 Jan", "7 Jan", "8 Jan"]),
    ],
)
def test_moments_are_round(hours: int, texts: list[str]) -> None:
    ticks = Axis(float(START), float(START + hours * HOUR)).time_ticks()
    assert [text for _, text in ticks] == texts
    assert ticks[0][0] == START


def test_years_are_told_by_month() -> None:
    assert Axis(float(START), float(START + 3 * 8766 * HOUR)).time_ticks()[0][1].endswith("2024")


def test_lines_break_where_nothing_is_known() -> None:
    drawn = line(np.array([0.0, 1, 2, 3]), np.array([5.0, np.nan, 6, 7]), "main")
    assert drawn == '<path class="main" d="M0.0,5.0M2.0,6.0L3.0,7.0"/>'
    assert dots(np.array([]), np.array([]), "here") == ""
    assert 'width="1.5"' in band(3.0, 3.0, "labelled")


def test_texts_are_escaped() -> None:
    axis = Axis(0.0, 1.0)
    drawn = frame("", name='"><script>', across=axis, up=axis, x_ticks=[(0.5, "<b>")])
    assert "<script>" not in drawn
    assert "<b>" not in drawn
