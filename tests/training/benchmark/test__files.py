"""Files that are not what they should be are told, not stumbled over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tocsin.core.errors import InputError
from tocsin.training.benchmark._files import array_of, columns_of, table_of_array
from tocsin.training.benchmark.ai4i2020 import Ai4i2020
from tocsin.training.benchmark.nab import Nab
from tocsin.training.benchmark.skab import Skab
from tocsin.training.benchmark.smap_msl import SmapMsl
from tocsin.training.benchmark.wsn import Wsn


def test_a_file_that_lacks_a_column_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "data.csv").write_text("reading,mote_id\n1,1\n", "utf-8")
    with pytest.raises(InputError, match=r"data\.csv is not the file that was expected"):
        list(Wsn().cases(tmp_path))
    (tmp_path / "ai4i2020.csv").write_text("a,b\n1,1\n", "utf-8")
    with pytest.raises(InputError, match="Fetch it anew"):
        list(Ai4i2020().cases(tmp_path))
    with pytest.raises(InputError, match="Fetch it anew"):
        columns_of(tmp_path / "none.csv", ["a"])


def test_an_array_that_is_cut_short_is_told(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((100, 3)))
    (tmp_path / "a.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:500])
    with pytest.raises(InputError, match=r"a\.npy is not the file that was expected"):
        array_of(tmp_path / "a.npy")


def test_arrays_without_their_labels_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file .*labeled_anomalies\.csv"):
        list(SmapMsl().cases(tmp_path))


def test_a_file_with_nothing_left_to_judge_is_told(tmp_path: Path) -> None:
    (tmp_path / "data" / "valve1").mkdir(parents=True)
    rows = "".join(f"2020-03-09 10:14:{second:02};{second % 7};{second % 2};0\n" for second in range(60))
    (tmp_path / "data" / "valve1" / "0.csv").write_text("datetime;Current;anomaly;changepoint\n" + rows, "utf-8")
    with pytest.raises(InputError, match="has 60 rows, more than 400 were expected"):
        list(Skab().cases(tmp_path))


def test_a_header_that_is_short_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,y\n1,2,3\n4,5,6\n", "utf-8")
    assert columns_of(path, ["y"], header=["no", "x", "y"])["y"].to_list() == [3, 6]


def test_a_window_that_is_no_row_is_told(nab_folder: Path) -> None:
    labels = nab_folder / "labels" / "combined_windows.json"
    labels.write_text(labels.read_text("utf-8").replace("2014-01-03", "2019-01-03"), "utf-8")
    with pytest.raises(InputError, match="has no row at the border of the window"):
        list(Nab().cases(nab_folder))


def test_arrays_keep_their_values() -> None:
    values = np.array([[0.0, -200.0], [0.0, -1.0], [0.0, 1.0]])
    table = table_of_array(values, np.array([False, True, False]))
    np.testing.assert_array_equal(table.readings.values, values)
    assert table.cadence.row_clock
    assert table.labels is not None
    assert table.labels.tolist() == [False, True, False]
