from __future__ import annotations

import polars as pl
import pytest

from tocsin.sources.tables._patterns import compact_of, pattern_of


@pytest.mark.parametrize(
    ("texts", "time_format", "holds"),
    [
        (["2024-01-01 10:00:00", "2024-01-01 10:00:00.5"], "iso", "both"),
        (["2024-01-01T10:00Z", "2024-01-01T10:00+02:00"], "iso", "both"),
        (["2024-01-01"], "iso", "date"),
        (["2004.02.12.10.32.39"], "%Y.%m.%d.%H.%M.%S", "both"),
        (["2024/01/31 10:00"], "%Y/%m/%d %H:%M", "both"),
        (["25-Apr-19"], "%d-%b-%y", "date"),
        (["25 Apr 2019 10:00:00.25"], "%d %b %Y %H:%M:%S%.f", "both"),
        (["31/01/2024 10:00"], "%d/%m/%Y %H:%M", "both"),
        (["1/31/2024 10:00:00 PM"], "%m/%d/%Y %I:%M:%S %p", "both"),
        (["31.01.24"], "%d.%m.%y", "date"),
        (["10/03/2004", "28/03/2004"], "%d/%m/%Y", "date"),
        (["18.00.00"], "%H.%M.%S", "clock"),
        (["8:59"], "%H:%M", "clock"),
    ],
)
def test_formats(texts: list[str], time_format: str, holds: str) -> None:
    pattern = pattern_of(pl.Series(texts))
    assert pattern is not None
    assert (pattern.time_format, pattern.holds, pattern.note) == (time_format, holds, "")


@pytest.mark.parametrize("texts", [["ann", "bob"], ["1.5", "2.5"], ["192.168.0.1"], [None], ["12-34"]])
def test_what_is_no_time(texts: list[str | None]) -> None:
    assert pattern_of(pl.Series(texts, dtype=pl.String)) is None


def test_a_date_that_reads_either_way_takes_the_shorter_span_and_says_so() -> None:
    by_day = pattern_of(pl.Series(["01/02/2024", "02/02/2024", "03/02/2024"]))
    by_month = pattern_of(pl.Series(["02/01/2024", "02/02/2024", "02/03/2024"]))
    assert by_day is not None
    assert by_month is not None
    assert (by_day.time_format, by_month.time_format) == ("%d/%m/%Y", "%m/%d/%Y")
    assert "could be read either way; read as day before month" in by_day.note
    assert "read as month before day" in by_month.note


def test_the_day_that_decides_may_come_late() -> None:
    texts = [f"0{month}/0{day}/2024" for month in range(1, 10) for day in range(1, 10)] * 30 + ["01/31/2024"]
    pattern = pattern_of(pl.Series(texts))
    assert pattern is not None
    assert (pattern.time_format, pattern.note) == ("%m/%d/%Y", "")


def test_a_few_rows_that_do_not_fit_change_nothing() -> None:
    pattern = pattern_of(pl.Series(["?"] + ["2024-01-01 10:00:00"] * 99))
    assert pattern is not None
    assert pattern.time_format == "iso"


def test_compact_dates() -> None:
    both, date = compact_of(pl.Series(["20240131235959"])), compact_of(pl.Series(["20240131"]))
    assert both is not None
    assert date is not None
    assert (both.time_format, date.time_format) == ("%Y%m%d%H%M%S", "%Y%m%d")
    assert compact_of(pl.Series(["1704067200"])) is None
