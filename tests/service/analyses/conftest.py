"""A service whose callers send files, and what they send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.cli.bad_inputs import PLAIN

from tocsin.service.app import make_app
from tocsin.service.desk import Desk
from tocsin.service.settings import Limits, ServiceSettings
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe

Send = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact of the table that the bad inputs spoil."""
    path = tmp_path_factory.mktemp("plant")
    (path / "plain.csv").write_text(PLAIN)
    fit(path / "plain.csv", Recipe(detector="rolling_zscore", window=5)).save(path / "room.tocsin")
    return path / "room.tocsin"


@pytest.fixture(scope="session")
def keen(plant: Path) -> Path:
    """An artifact of the same table that says what it expected, and rings when a channel leaps."""
    path = plant.with_name("keen.tocsin")
    fit(plant.with_name("plain.csv"), Recipe(detector="ridge", window=5)).save(path)
    return path


@pytest.fixture(scope="module")
def client(plant: Path, keen: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service with the artifacts "room" and "keen" in it, the same for all tests of a file."""
    folder = tmp_path_factory.mktemp("service")
    limits = Limits(requests_per_s=100_000.0, analyses=60, rows=200_000)
    app = make_app(ServiceSettings(folder=folder, store=f"sqlite:///{folder / 'tocsin.db'}", port=0, limits=limits))
    with TestClient(app) as found:
        for path in (plant, keen):
            found.post(f"/v1/artifacts/{path.stem}", content=path.read_bytes()).raise_for_status()
        yield found


@pytest.fixture
def send(client: TestClient) -> Iterator[Send]:
    """Return a function that sends a file, returns how it is read, and removes it in the end."""
    sent: list[str] = []

    def one(content: str | bytes, name: str = "room.csv") -> dict[str, Any]:
        answer = client.post("/v1/analyses", params={"name": name}, content=content)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        sent.append(found["id"])
        return found

    yield one
    for identity in sent:
        client.delete(f"/v1/analyses/{identity}")


def desk_of(client: TestClient) -> Desk:
    """Return the desk of a service."""
    found: Desk = client.app.state.desk  # type: ignore[attr-defined]  # a FastAPI
    return found
