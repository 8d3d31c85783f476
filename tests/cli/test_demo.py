"""``tocsin demo``: the whole way once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from tocsin.artifact import bundle

Shell = Callable[..., tuple[int, str, str]]

FILES = "env.csv eda_corr.png eda_preview.png env.tocsin incidents.csv quality.json quality.txt report.html scored.csv"


def test_leaves_real_files_and_commands_to_try(shell: Shell, tmp_path: Path) -> None:
    code, out, _ = shell("demo", "-o", "tour", "--rows", "300")
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "tour").iterdir()) == sorted(FILES.split())
    scored, found = pl.read_csv(tmp_path / "tour/scored.csv"), bundle.load(tmp_path / "tour/env.tocsin")
    assert scored["status"].to_list() == ["warming"] * (found.window - 1) + ["ok"] * (301 - found.window)
    assert found.provenance.detector == "auto"
    for choice in found.provenance.why:
        assert choice.split(":")[0] in out
    assert out.count("the same, bit for bit") == 5
    assert [line.split()[:2] for line in out.splitlines() if line.startswith("  tocsin ")] == [
        ["tocsin", "dashboard"], ["tocsin", "inspect"], ["tocsin", "fit"], ["tocsin", "score"],
    ]  # fmt: skip
