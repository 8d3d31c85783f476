"""``tocsin simulate``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

Shell = Callable[..., tuple[int, str, str]]


def test_rows_and_share_are_as_asked_and_told(shell: Shell, tmp_path: Path) -> None:
    code, out, err = shell("simulate", "environment", "--rows", "500", "--anomalies", "0.1", "-o", "room.csv")
    assert (code, err) == (0, "")
    assert out == "500 rows, 50 of them (10.0%) in labelled events → room.csv\n"
    table = pl.read_csv(tmp_path / "room.csv")
    assert (table.height, table["label"].sum()) == (500, 50)
    assert table.columns[:6] == ["time", "temperature", "humidity", "light", "loudness", "air_quality"]


def test_the_seed_decides(shell: Shell, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        shell("simulate", "--rows", "200", "--seed", str(seed), "-o", name)
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b != c


def test_several_devices(shell: Shell, tmp_path: Path) -> None:
    shell("simulate", "--rows", "200", "--devices", "3", "-o", "rooms.csv")
    assert pl.read_csv(tmp_path / "rooms.csv")["device"].value_counts().sort("device").rows() == [
        ("room-1", 200), ("room-2", 200), ("room-3", 200),
    ]  # fmt: skip
