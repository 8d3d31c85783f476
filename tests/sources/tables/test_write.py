from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from tocsin.core.errors import InputError
from tocsin.sources import open_table, to_frame, write_table

TEXT = 'time,temp,note\n2024-01-01 00:00,1.50,"a,b"\n2024-01-01 00:01,002,\n2024-01-01 00:02,NA,ü\n'


def test_input_columns_stay_letter_for_letter(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(TEXT, "utf-8")
    added = {
        "score": np.array([np.nan, 0.25, 1e-9]),
        "anomaly": np.array([False, False, True]),
        "status": np.array(["warming", "ok", "ok"]),
        "cause": np.array(["", "temp", None], dtype=object),
        "row": np.arange(3),
    }
    write_table(target, open_table(source).columns, added)
    assert target.read_text("utf-8") == (
        "time,temp,note,score,anomaly,status,cause,row\n"
        '2024-01-01 00:00,1.50,"a,b",,False,warming,,0\n'
        "2024-01-01 00:01,002,,0.25,False,ok,temp,1\n"
        "2024-01-01 00:02,NA,ü,1e-9,True,ok,,2\n"
    )


def test_the_separator_and_the_decimal_sign_of_the_input_are_kept(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("time;temp\n2024-01-01;1,5\n2024-01-02;2,5\n", "utf-8")
    table = open_table(source)
    added = {"score": np.array([1.5, 1e-9]), "limit": np.array([2.0, np.nan])}
    write_table(target, table.columns, added, separator=table.layout.separator, decimal=table.layout.decimal)
    assert target.read_text("utf-8") == "time;temp;score;limit\n2024-01-01;1,5;1,5;2,0\n2024-01-02;2,5;1e-9;\n"


def test_parquet_keeps_types(tmp_path: Path) -> None:
    target = tmp_path / "out.parquet"
    frame = pl.DataFrame({"temp": [1.5, None]})
    write_table(target, frame, {"anomaly": np.array([True, False]), "score": np.array([np.nan, 2])})
    assert pl.read_parquet(target).to_dict(as_series=False) == {
        "temp": [1.5, None],
        "anomaly": [True, False],
        "score": [None, 2.0],
    }
    assert open_table(target).layout.schema.names == ("temp", "score")


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="already has a column named score"):
        write_table(tmp_path / "out.csv", pl.DataFrame({"score": [1]}), {"score": np.array([1.0])})


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_table(tmp_path / "none" / "out.csv", pl.DataFrame({"a": [1]}), {})


@pytest.mark.parametrize("kind", ["polars", "pandas", "pyarrow"])
def test_a_frame_comes_back_in_its_kind(kind: str) -> None:
    frame = pl.DataFrame({"temp": [1.5, 2.5]})
    like = {"polars": frame, "pandas": frame.to_pandas(), "pyarrow": frame.to_arrow()}[kind]
    back = to_frame(open_table(like).columns, {"anomaly": np.array([True, False])}, like=like)
    assert type(back) is type(like)
    assert list(back["anomaly"].to_pylist() if kind == "pyarrow" else back["anomaly"]) == [True, False]


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(100, 103),
        pd.Index(["a", "b", "a"]),
        pd.Index([7, 3, 5], name="machine"),
        pd.date_range("2024-01-01", periods=3, freq="10min"),
        pd.date_range("2024-01-01", periods=3, freq="10min", tz="Europe/Berlin", name="when"),
        pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["pump", "run"]),
    ],
)
def test_a_pandas_index_comes_back(index: pd.Index) -> None:
    frame = pd.DataFrame({"temp": [1.5, 2.5, 3.5]}, index=index)
    back = to_frame(open_table(frame).columns, {"score": np.array([1.0, np.nan, 3.0])}, like=frame)
    pd.testing.assert_index_equal(back.index, index)
    assert list(back.columns) == ["temp", "score"]
    pd.testing.assert_series_equal(back["temp"], frame["temp"])
