"""Files and artifacts that cannot be used: exit code 2, one sentence with a remedy, and nothing left behind."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from tests.cli.bad_inputs import CASES, FINE, FIT, PLAIN, SCORE, Case, spoiled

from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe

Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An artifact of the table that the cases spoil."""
    path = tmp_path_factory.mktemp("plant")
    (path / "plain.csv").write_text(PLAIN)
    scorer = fit(path / "plain.csv", Recipe(detector="rolling_zscore", window=5))
    scorer.save(path / "room.tocsin")
    return (path / "room.tocsin").read_bytes()


@pytest.fixture
def folder(plant: bytes, tmp_path: Path) -> Path:
    """A folder with a good artifact, and some that are not."""
    spoiled(plant, tmp_path)
    return tmp_path


def spoil(case: Case, folder: Path) -> set[str]:
    """Write the case's file; return the names of all files that are there."""
    if case.content is not None:
        body = case.content if isinstance(case.content, bytes) else case.content.encode()
        (folder / "bad.csv").write_bytes(body)
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("name", CASES)
def test_one_sentence_and_nothing_left_behind(name: str, shell: Shell, folder: Path) -> None:
    case = CASES[name]
    before = spoil(case, folder)
    content = (folder / "bad.csv").read_bytes() if case.content is not None else b""
    code, _, err = shell(*case.command.split())
    assert code == 2
    assert err.startswith("error: " + case.message) or case.message in err.splitlines()[0]
    assert err.count("\n") == 1, err
    assert re.search(r"[.?)] [A-Z].", err), "no remedy"
    assert {path.name for path in folder.iterdir()} == before
    assert case.content is None or (folder / "bad.csv").read_bytes() == content


@pytest.mark.parametrize("name", ["empty file", "binary junk", "truncated artifact"])
def test_the_shell_sees_the_same(name: str, folder: Path) -> None:
    case = CASES[name]
    before = spoil(case, folder)
    command = [sys.executable, "-m", "tocsin.cli", *case.command.split()]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: " + case.message)
    assert done.stderr.count("\n") == 1
    assert {path.name for path in folder.iterdir()} == before


@pytest.mark.parametrize("name", FINE)
def test_what_is_merely_odd_is_told_and_work_goes_on(name: str, shell: Shell, folder: Path) -> None:
    content, told = FINE[name]
    (folder / "bad.csv").write_text(content)
    code, out, err = shell(*FIT.split())
    assert (code, err) == (0, "")
    assert told in out
    assert shell(*SCORE.replace("room.", "out.").split())[0] == 0
    assert pl.read_csv(folder / "out.csv").filter(pl.col("status") == "ok")["score"].null_count() == 0
