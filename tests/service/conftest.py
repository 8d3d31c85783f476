"""A service with something of everything in it: an artifact, a file that was scored, incidents, tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tocsin.service.app import make_app
from tocsin.service.desk import Desk
from tocsin.service.settings import Limits, ServiceSettings
from tocsin.service.tokens import Scope, Tokens
from tocsin.testing._store_toys import notice, opened, told
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment


@dataclass(frozen=True)
class Room:
    """A simulated room: its readings as a file, and an artifact that was trained on them."""

    csv: bytes
    artifact: bytes


@dataclass(frozen=True)
class Stocked:
    """A service that has something of everything.

    Parameters
    ----------
    tokens
        Secrets by scope.
    analysis
        Id of a file that was scored.
    """

    app: FastAPI
    settings: ServiceSettings
    tokens: dict[str, str]
    analysis: str

    @property
    def desk(self) -> Desk:
        found: Desk = self.app.state.desk
        return found

    def bearer(self, scope: str) -> dict[str, str]:
        """Return the headers of somebody with a token of this scope; none for ""."""
        return {"Authorization": f"Bearer {self.tokens.get(scope, scope)}"} if scope else {}

    def values(self) -> dict[str, str]:
        """Return what stands for the names in paths, so that it is there."""
        return {"name": "room", "version": "1", "id": self.analysis, "device": "pump-1"}


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """A room of 600 readings, and what learned from it within a moment."""
    folder = tmp_path_factory.mktemp("room")
    Environment(rows=600, seed=3).table().write_csv(folder / "room.csv")
    fit(folder / "room.csv", Recipe(detector="rolling_zscore", window=12)).save(folder / "room.tocsin")
    return Room((folder / "room.csv").read_bytes(), (folder / "room.tocsin").read_bytes())


@pytest.fixture
def settings(tmp_path: Path) -> ServiceSettings:
    """A service of its own, with nothing in it."""
    return ServiceSettings(folder=tmp_path / "service", store=f"sqlite:///{tmp_path / 'tocsin.db'}", port=0)


@pytest.fixture(scope="module")
def stocked(room: Room, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stocked]:
    """A service with something of everything, the same for all tests of a file."""
    folder = tmp_path_factory.mktemp("stocked")
    settings = ServiceSettings(
        folder=folder / "service",
        store=f"sqlite:///{folder / 'tocsin.db'}",
        port=0,
        limits=Limits(requests_per_s=100_000.0, json_bytes=1 << 20, body_bytes=4 << 20, analyses=2_000),
    )
    tokens = Tokens(settings.folder / "tokens.json")
    secrets = {scope.name: tokens.create(scope.name, scope) for scope in Scope}
    with opened(settings.store) as store:
        told(store, notice("1f"), notice("2f", device="pump-2"))
        told(store, notice("2f", 1, "close", device="pump-2", end=40))
    app = make_app(settings)
    admin = {"Authorization": f"Bearer {secrets['admin']}"}
    with TestClient(app, headers=admin) as client:
        client.post("/v1/artifacts/room", content=room.artifact).raise_for_status()
        analysis = client.post("/v1/analyses?name=room.csv", content=room.csv).raise_for_status().json()["id"]
        client.post(f"/v1/analyses/{analysis}/score", json={"artifact": "room"}).raise_for_status()
        yield Stocked(app, settings, secrets, analysis)
