"""Each status that a reading can have, out of real input through the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.cli import main
from tocsin.core.verdicts import Status

LIVE = {"stale"}
"""What a file cannot show: it is not silent."""

MISSING = {
    "off": "needs a rule that says when a machine is off",
}
"""What is not built yet, each with what it waits for."""

HEAD = "time,temp,hum\n"
MINUTES = [
    f"2024-01-01T{k // 60:02}:{k % 60:02}:00,{20 + np.sin(k / 7):.3f},{50 - np.cos(k / 5):.3f}\n" for k in range(120)
]


def rows(*pieces: list[str]) -> str:
    return HEAD + "".join(line for piece in pieces for line in piece)


FILES: dict[str, tuple[str, list[str]]] = {
    "ok": (rows(MINUTES[:60]), ["warming"] * 4 + ["ok"] * 56),
    "warming": (
        rows(MINUTES[:20], MINUTES[60:80]),
        ["warming"] * 4 + ["ok"] * 16 + ["warming"] * 4 + ["ok"] * 16,
    ),
    "gap": (
        rows(MINUTES[:20], [f"{line.split(',')[0]},,{line.split(',')[2]}" for line in MINUTES[20:25]], MINUTES[25:40]),
        ["warming"] * 4 + ["ok"] * 19 + ["gap"] * 6 + ["ok"] * 11,
    ),
    "late": (
        rows(MINUTES[:20], [MINUTES[19], MINUTES[12]], MINUTES[20:30]),
        ["warming"] * 4 + ["ok"] * 16 + ["late"] * 2 + ["ok"] * 10,
    ),
    "invalid": (
        rows(MINUTES[:20], ["noon,20,50\n", ",20,50\n"], MINUTES[20:30]),
        ["warming"] * 4 + ["ok"] * 16 + ["invalid"] * 2 + ["ok"] * 10,
    ),
}


@pytest.fixture
def tocsin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Return a function that runs a command line in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(line: str) -> None:
        monkeypatch.setattr(sys, "argv", line.split())
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code

    return run


@pytest.mark.parametrize("status", FILES)
def test_status(status: str, tocsin: Callable[[str], None], tmp_path: Path) -> None:
    content, expected = FILES[status]
    (tmp_path / "calm.csv").write_text(rows(MINUTES))
    (tmp_path / "plant.csv").write_text(content)
    tocsin("tocsin fit calm.csv --detector rolling_zscore --window 5 -o plant.tocsin")
    tocsin("tocsin score plant.tocsin plant.csv -o scored.csv")
    scored = pl.read_csv(tmp_path / "scored.csv")
    assert scored["status"].to_list() == expected
    assert status in expected
    assert (scored["score"].is_not_null() == (scored["status"] == "ok")).all()
    assert not scored.filter(pl.col("status") != "ok")["anomaly"].any()


def test_every_status_is_produced_here_or_said_to_be_missing() -> None:
    assert {status.name for status in Status} == FILES.keys() | MISSING.keys() | LIVE
    assert not FILES.keys() & MISSING.keys()


def test_the_reference_lists_the_same_as_missing() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "statuses.md"
    table = [line.split("|")[1:-1] for line in page.read_text("utf-8").splitlines() if line.startswith("| `")]
    built = {name.strip(" `"): said.strip() for name, _, said in table}
    assert built == dict.fromkeys({*FILES, *LIVE}, "yes") | dict.fromkeys(MISSING, "not yet")
