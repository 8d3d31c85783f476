"""Tables that are small as files and huge as tables are refused in a sentence, and cost little."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import psutil
import pytest

from tocsin.core.errors import InputError
from tocsin.service.bounded import COLUMNS, load_bounded
from tocsin.service.settings import Limits

SMALL = Limits(body_bytes=8 << 20, rows=100_000)
"""A table may take 32 MiB."""


def refused(path: Path, *, limits: Limits = SMALL) -> str:
    held = psutil.Process().memory_info().rss
    with pytest.raises(InputError) as error:
        load_bounded(path, limits=limits)
    assert psutil.Process().memory_info().rss - held < 64 << 20
    return error.value.message.replace(str(path), "It")


def test_a_table_within_bounds_is_read_as_it_is(tmp_path: Path) -> None:
    table = pl.DataFrame({"time": ["2024-01-01", "2024-01-02"], "a": ["1", "2"]})
    table.write_csv(tmp_path / "a.csv")
    table.write_parquet(tmp_path / "a.parquet")
    for name in ("a.csv", "a.parquet"):
        assert load_bounded(tmp_path / name, limits=SMALL).columns.equals(table)


def test_one_long_text_that_is_repeated_in_each_row_is_refused(tmp_path: Path) -> None:
    column = pl.Series("a", [b"x" * 10_000], dtype=pl.Binary).cast(pl.String)
    pl.DataFrame([column]).select(pl.col("a").repeat_by(5_000).explode()).write_parquet(tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 100_000, "it would unpack to 50 MB"
    assert refused(tmp_path / "a.parquet") == "It takes more than 32 MiB of memory once it is read."


def test_a_column_of_zeros_is_refused_though_it_packs_to_nothing(tmp_path: Path) -> None:
    pl.DataFrame({"a": np.zeros(5_000_000)}).write_parquet(tmp_path / "a.parquet")
    assert refused(tmp_path / "a.parquet") == "It has 5,000,000 rows; 100,000 are taken on."


def test_what_needs_more_memory_than_there_is_ends_the_trial_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.service.bounded._PROGRAM", 300 << 20)
    pl.DataFrame({"a": np.zeros(60_000_000)}).write_parquet(tmp_path / "a.parquet")
    assert refused(tmp_path / "a.parquet") == "It takes more than 32 MiB of memory once it is read."


def test_what_is_no_parquet_after_all_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1" + bytes(100))
    assert refused(tmp_path / "a.parquet").startswith("It is not a readable Parquet file")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_text_of_very_many_cells_is_refused_before_it_is_read(tmp_path: Path, separator: str) -> None:
    row = separator.join("1" * 50)
    (tmp_path / "a.csv").write_text("\n".join([separator.join(f"c{k}" for k in range(50)), *[row] * 50_000]))
    assert refused(tmp_path / "a.csv") == "It takes more than 32 MiB of memory once it is read."


def test_a_text_of_many_columns_is_refused(tmp_path: Path) -> None:
    names = ",".join(f"c{k}" for k in range(COLUMNS + 1))
    (tmp_path / "a.csv").write_text("\n".join([names, *[",".join("1" * (COLUMNS + 1))] * 2]))
    assert refused(tmp_path / "a.csv") == "It has 10,001 columns; 10,000 are taken on."
