"""A store for each test, copied from one that was made once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.store import Store
from tocsin.testing._store_toys import opened


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "tocsin.db"
    with opened(f"sqlite:///{path}"):
        pass
    return path


@pytest.fixture
def store_url(empty_store: Path, tmp_path: Path) -> str:
    shutil.copy(empty_store, tmp_path / "tocsin.db")
    return f"sqlite:///{tmp_path / 'tocsin.db'}"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with opened(store_url) as found:
        yield found
