"""Two artifacts, quickly trained, as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Three artifacts, with windows of 8, 9 and 10 readings."""
    folder = tmp_path_factory.mktemp("sealed")
    table = Environment(rows=300, seed=3).table()
    paths = tuple(folder / f"{window}.tocsin" for window in (8, 9, 10))
    for window, path in zip((8, 9, 10), paths, strict=True):
        fit(table, Recipe(detector="rolling_zscore", window=window)).save(path)
    return paths  # type: ignore[return-value]  # three of them
