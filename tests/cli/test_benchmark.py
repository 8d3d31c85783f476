"""``tocsin benchmark``: results for people and for machines, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

Shell = Callable[..., tuple[int, str, str]]
QUICK = ("--detectors", "rolling_zscore", "--set", "rolling_zscore.window=12", "--jobs", "1", "-o", "out")
CHANNELS = (
    "Air temperature [K]",
    "Process temperature [K]",
    "Rotational speed [rpm]",
    "Torque [Nm]",
    "Tool wear [min]",
)


@pytest.fixture
def milling(tmp_path: Path) -> Path:
    """A file like AI4I's: 500 records, the torque far off in ten of the last 200."""
    values = np.random.default_rng(5).normal(size=(500, 5))
    failed = np.arange(500) % 20 == 19
    values[failed, 3] += 8
    columns = {name: values[:, k] for k, name in enumerate(CHANNELS)}
    pl.DataFrame({"UDI": np.arange(500), **columns, "Machine failure": failed.astype(int)}).write_csv(
        tmp_path / "ai4i2020.csv"
    )
    return tmp_path


def test_rows_stand_beside_the_baselines(shell: Shell, milling: Path) -> None:
    code, out, err = shell("benchmark", "ai4i2020", "--data", milling, *QUICK)
    assert (code, err) == (0, "")
    for text in (
        "rolling_zscore",
        "all-ones",
        "max |z|",
        "PCA error",
        "random",
        "scores F1 = 0.095",
        "out/ai4i2020.md",
    ):
        assert text in out
    told = json.loads((milling / "out/ai4i2020.json").read_text("utf-8"))
    assert told["command"] == (
        "tocsin benchmark ai4i2020 --data DATA --detectors rolling_zscore --seeds 1 --set rolling_zscore.window=12 "
        "-o ai4i2020"
    )
    rows = {row["method"]: row["values"] for row in told["tables"][0]["rows"]}
    assert rows["rolling_zscore"]["recall"] == 1
    assert (milling / "out/ai4i2020_rolling_zscore_scores.png").exists()


def test_json_is_what_is_in_the_file(shell: Shell, milling: Path) -> None:
    code, out, _ = shell("benchmark", "ai4i2020", "--data", milling, *QUICK, "--seeds", "2", "--json")
    assert code == 0
    assert json.loads(out) == json.loads((milling / "out/ai4i2020.json").read_text("utf-8"))
    assert json.loads(out)["seeds"] == 2


def test_what_it_refuses(shell: Shell, milling: Path) -> None:
    for arguments, text in (
        (("skab", "--data", milling), "Fetch them first: https://github.com/waico/SKAB"),
        (("nap", "--data", milling), "Choose one of: ai4i2020"),
        (("ai4i2020", "--data", milling, "--seeds", "0"), "Give --seeds 1 or more"),
        (("ai4i2020", "--data", milling, "--only", "x"), "No case matches 'x'"),
        (("ai4i2020", "--data", milling, "--set", "svm.window=3"), "names none of the detectors"),
    ):
        code, _, err = shell("benchmark", *arguments, *([] if "--set" in arguments else QUICK))
        assert code == 2
        assert text in " ".join(err.split())
        assert "Traceback" not in err
