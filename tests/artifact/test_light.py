"""Scoring hosts need not have what training needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tocsin.artifact.artifact import Artifact
from tocsin.engine.scorer import Scorer

HEAVY = ("torch", "sklearn", "pandas", "polars", "pyarrow", "narwhals", "onnx", "scipy", "matplotlib")

SCRIPT = """
import sys

for name in {heavy}:
    sys.modules[name] = None  # an import of it fails from here on

import numpy as np
import tocsin
from tocsin.cli import main

scorer = tocsin.load(sys.argv[1])
verdicts = scorer.score(np.load(sys.argv[2]))
np.save(sys.argv[3], verdicts.score)
sys.argv = ["tocsin", "inspect", sys.argv[1]]
main()
"""


@pytest.fixture
def alone(saved: bytes, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """An interpreter that has none of the heavy libraries, after it has scored an array and shown the artifact."""
    (tmp_path / "room.tocsin").write_bytes(saved)
    np.save(tmp_path / "readings.npy", np.random.default_rng(1).normal([20, 50], [2, 10], (200, 2)))
    paths = [str(tmp_path / name) for name in ("room.tocsin", "readings.npy", "scores.npy")]
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(heavy=HEAVY), *paths], capture_output=True, text=True, check=False
    )


def test_an_array_is_scored_and_the_artifact_shown_without_any_heavy_library(
    alone: subprocess.CompletedProcess[str], artifact: Artifact, tmp_path: Path
) -> None:
    assert (alone.returncode, alone.stderr) == (0, "")
    expected = Scorer(artifact).verdicts(np.load(tmp_path / "readings.npy")).score
    assert np.load(tmp_path / "scores.npy").tobytes() == expected.tobytes()
    assert "rolling_zscore" in alone.stdout


def test_files_name_the_extra_that_is_missing(saved: bytes, tmp_path: Path) -> None:
    (tmp_path / "room.tocsin").write_bytes(saved)
    (tmp_path / "room.csv").write_text("time,temperature,humidity\n1,2,3\n")
    script = "import sys; sys.modules['polars'] = None; from tocsin.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "score", "room.tocsin", "room.csv"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        'error: Reading tables needs polars, which is not installed. Install it with: pip install "tocsin[files]"'
    ]
