"""The command line as the shell calls it, and a room whose artifact is quickly trained."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tocsin.cli import main
from tocsin.engine.scorer import Scorer
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Shell = Callable[..., Done]


@pytest.fixture
def shell(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    """Return a function that runs ``tocsin`` with some arguments in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "tocsin.cli._shell._PATIENCE_S", 3600.0
    )  # a busy machine shows progress that a test cannot know

    def run(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["tocsin", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfd.readouterr()
        return Done(int(end.value.code or 0), out, err)

    return run


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated room of 600 readings with labelled events."""
    path = tmp_path_factory.mktemp("room") / "room.csv"
    Environment(rows=600, seed=3).table().write_csv(path)
    return path


@pytest.fixture(scope="session")
def scorer(room: Path) -> Scorer:
    return fit(room, Recipe(detector="rolling_zscore", window=12))


@pytest.fixture(scope="session")
def artifact(scorer: Scorer, room: Path) -> Path:
    """An artifact of the room."""
    scorer.save(room.with_suffix(".tocsin"))
    return room.with_suffix(".tocsin")
