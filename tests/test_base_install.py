"""The base install: small, and enough to score; whatever else it is asked for, it says what is missing."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from pathlib import Path

import numpy as np
import pytest

import tocsin
from tocsin.training.simulate.environment import Environment

ROOT = Path(__file__).resolve().parents[1]
LARGEST_MB = 200
NOT_TOCSINS = ("pip", "setuptools", "_distutils_hack", "pkg_resources", "distutils-precedence")
pytestmark = pytest.mark.slow


class Base:
    """An environment with tocsin and no extras, and a folder with readings and an artifact."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.scripts = home / "venv" / ("Scripts" if os.name == "nt" else "bin")
        venv.create(home / "venv", with_pip=True)
        self.python("-m", "pip", "install", "--quiet", "-c", str(ROOT / "constraints.txt"), str(ROOT))

    def python(self, *arguments: str) -> str:
        return self._run(self.scripts / "python", *arguments, expected=0).stdout

    def tocsin(self, *arguments: str, expected: int) -> subprocess.CompletedProcess[str]:
        return self._run(self.scripts / "tocsin", *arguments, expected=expected)

    def megabytes(self) -> float:
        place = Path(self.python("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        files = (path for path in place.rglob("*") if path.is_file() and not path.is_symlink())
        mine = (path for path in files if not path.relative_to(place).parts[0].startswith(NOT_TOCSINS))
        return sum(path.stat().st_size for path in mine) / 1e6

    def _run(self, program: Path, *arguments: str, expected: int) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([program, *arguments], cwd=self.home, capture_output=True, text=True)
        assert done.returncode == expected, done.stdout + done.stderr
        return done


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    made = Base(tmp_path_factory.mktemp("base"))
    room = Environment(rows=600, seed=7).table()
    room.write_csv(made.home / "env.csv")
    scorer = tocsin.fit(room, tocsin.Recipe(detector="lstm_autoencoder", settings={"epochs": 1}))
    scorer.save(made.home / "env.tocsin")
    values = np.random.default_rng(0).normal(size=(40, 5)) + scorer.artifact.reference
    np.savez(made.home / "known.npz", values=values, score=scorer.score(values).score)
    return made


def test_it_is_small(base: Base) -> None:
    assert base.megabytes() < LARGEST_MB


def test_it_scores_arrays_with_the_same_bits(base: Base) -> None:
    base.python(
        "-c",
        "import numpy as np, tocsin; known = np.load('known.npz'); "
        "score = tocsin.load('env.tocsin').score(known['values']).score; "
        "assert np.array_equal(score, known['score'], equal_nan=True) and np.isfinite(score).sum() == 31",
    )


def test_it_inspects(base: Base) -> None:
    told = json.loads(base.tocsin("inspect", "env.tocsin", "--json", expected=0).stdout)
    assert told["provenance"]["detector"] == "lstm_autoencoder"
    assert "lstm_autoencoder" in base.tocsin("inspect", "env.tocsin", expected=0).stdout


def test_it_lists_detectors(base: Base) -> None:
    assert "isolation_forest" in base.tocsin("detectors", expected=0).stdout


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ("score env.tocsin env.csv -o scored.csv", "files"),
        ("verify env.tocsin env.csv", "files"),
        ("explore env.csv", "files"),
        ("simulate", "files"),
        ("fit env.csv", "train"),
        ("demo", "train"),
    ],
)
def test_it_names_the_missing_extra(base: Base, command: str, extra: str) -> None:
    told = base.tocsin(*command.split(), expected=2).stderr
    assert f'pip install "tocsin[{extra}]"' in " ".join(told.split())
    assert "Traceback" not in told


def test_the_python_calls_name_it_too(base: Base) -> None:
    code = (
        "import tocsin\ntry:\n    tocsin.fit('env.csv')\nexcept tocsin.TocsinError as error:\n    print(error.remedy)\n"
    )
    assert base.python("-c", code).strip() == 'Install it with: pip install "tocsin[train]"'
