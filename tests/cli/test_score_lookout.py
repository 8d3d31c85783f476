"""``tocsin score --format lookout``: the verdicts of the scored file, as lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

Shell = Callable[..., tuple[int, str, str]]


def test_lines_tell_what_the_scored_file_tells(shell: Shell, artifact: Path, room: Path, tmp_path: Path) -> None:
    assert shell("score", artifact, room, "-o", "scored.csv", "--shares")[0] == 0
    code, out, err = shell("score", artifact, room, "-o", "lines.jsonl", "--format", "lookout")
    assert (code, err) == (0, "")
    assert "589 lines; what has no score has none.\n→ lines.jsonl\n" in out
    lines = [json.loads(line) for line in (tmp_path / "lines.jsonl").read_text("utf-8").splitlines()]
    scored = pl.read_csv(tmp_path / "scored.csv").filter(pl.col("status") == "ok")
    assert len(lines) == len(scored)
    for line, row in zip(lines, scored.iter_rows(named=True), strict=True):
        assert bool(line["prediction"]) == row["anomaly"] == (line["anomaly_score"] > 0.5)
        assert line["anomaly_score"] == pytest.approx(row["severity"] / (1 + row["severity"]), abs=1.1e-5)
        assert [part["name"] for part in line["diagnostics"]][:2] == ["room\\temperature", "room\\humidity"]
        assert sum(part["value"] for part in line["diagnostics"]) == pytest.approx(1)
        share = row["share_light"] / row["score"] if row["score"] else 0
        assert line["diagnostics"][2]["value"] == pytest.approx(share, abs=1.1e-5)
    assert any(line["prediction"] for line in lines)
