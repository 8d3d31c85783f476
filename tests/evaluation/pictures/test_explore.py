from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.core.errors import MissingExtraError
from tocsin.evaluation.pictures._explore_corr import correlation
from tocsin.evaluation.pictures.explore import explore
from tocsin.sources import Table, open_table

FILES = ("eda_preview.png", "eda_corr.png", "quality.json", "quality.txt")


def some_table(rows: int = 300, *, channels: int = 4, clock: bool = True) -> Table:
    random = np.random.default_rng(3)
    stamps = np.datetime64("2024-01-01", "us") + np.arange(rows) * np.timedelta64(10, "m")
    stamps[rows // 2 :] += np.timedelta64(1, "D")
    columns: dict[str, object] = {"time": stamps} if clock else {}
    columns |= {f"cost $ {k} (°C)": random.normal(20 + k, 2, rows) for k in range(channels)}
    columns["label"] = (np.arange(rows) % 100 < 5).astype(int)
    return open_table(pl.DataFrame(columns))


def size_of(picture: Path) -> tuple[int, int]:
    head = picture.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


@pytest.mark.parametrize("clock", [True, False])
def test_pictures_and_the_quality_report_are_written(tmp_path: Path, clock: bool) -> None:
    table = some_table(clock=clock)
    written = explore(table, tmp_path / "new" / "folder")
    assert [path.name for path in written] == list(FILES)
    assert all(min(size_of(path)) > 300 for path in written[:2])
    assert json.loads(written[2].read_text("utf-8"))["rows"] == 300
    assert written[3].read_text("utf-8").splitlines() == list(table.quality.lines())


def test_no_state_is_left_behind(tmp_path: Path) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    explore(some_table(60, channels=1), tmp_path)
    assert dict(mpl.rcParams) == before
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


def test_a_missing_library_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.evaluation.pictures.explore.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r'pip install "tocsin\[train\]"'):
        explore(some_table(60), tmp_path)


def test_correlation_agrees_with_pandas_where_values_are_missing() -> None:
    pandas = pytest.importorskip("pandas")
    random = np.random.default_rng(0)
    values = random.normal(size=(400, 5)) @ random.normal(size=(5, 5)) + 1e6
    values[random.random(values.shape) < 0.2] = np.nan
    np.testing.assert_allclose(correlation(values), pandas.DataFrame(values).corr().to_numpy(), atol=1e-9)


def test_constant_empty_and_infinite_channels_have_no_correlation() -> None:
    values = np.random.default_rng(0).normal(size=(50, 5))
    values[:, 1], values[:, 2], values[3, 3], values[:48, 4] = 7.1, np.nan, np.inf, np.nan
    found = correlation(values)
    assert np.isnan(found[[1, 2, 4]]).all()
    assert np.isnan(found[:, [1, 2, 4]]).all()
    assert found[0, 0] == pytest.approx(1.0)
    assert np.isfinite(found[0, 3])


def test_real_tables_are_drawn(shared_data: Path, tmp_path: Path) -> None:
    table = open_table(next(iter(sorted(shared_data.glob("airquality_uci/**/*.csv")))))
    assert all(path.exists() for path in explore(table, tmp_path))
