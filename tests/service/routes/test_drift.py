from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.tidings import Tidings
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.feed import Feed
from tocsin.service.app import make_app
from tocsin.service.settings import ServiceSettings
from tocsin.testing._store_toys import FEED, LANE, entry, kept, notice, opened
from tocsin.testing.live_fleet import BEGIN, LiveFleet
from tocsin.testing.toy_sources import Shelf, ShelfSource
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe

FLEET = LiveFleet(devices=3, readings=400)


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    return fit(FLEET.calm(readings=1_500).table(), Recipe(detector="pca", window=5)).artifact


@pytest.fixture(scope="module")
def client(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("drift")
    store = f"sqlite:///{folder / 'tocsin.db'}"
    with opened(store) as own:
        duty = Duty(artifact, name="plant", keep_every_ns=10 * 10**9)
        Feed("plant", ShelfSource(Shelf({"": FLEET.arrivals()})), [duty], own).run(threading.Event())
    settings = ServiceSettings(folder=folder / "service", store=store)
    with TestClient(make_app(settings), base_url="http://127.0.0.1:8420") as found:
        _add(found, artifact, folder)
        yield found


def _add(client: TestClient, artifact: Artifact, folder: Path) -> None:
    bundle.save(artifact, folder / "pump.tocsin")
    content = (folder / "pump.tocsin").read_bytes()
    client.post("/v1/artifacts/pump", content=content).raise_for_status()


def test_the_duty_that_has_the_artifact_is_found_by_its_incidents(client: TestClient) -> None:
    told = client.get("/v1/artifacts/pump/active/drift").json()
    assert told["duty"] == "plant"
    assert told["judged"] > 100
    assert told["since"].startswith("2024-01-01T00:0")
    assert 0 < told["flagged"] < 0.5
    assert told["promised"] is not None
    assert told["text"]


def test_a_duty_may_be_named(client: TestClient) -> None:
    assert client.get("/v1/artifacts/pump/1/drift?duty=plant").json()["judged"] > 100
    none = client.get("/v1/artifacts/pump/1/drift?duty=other").json()
    assert (none["judged"], none["level"], none["duty"], none["since"]) == (0, "unknown", "other", None)


def test_only_the_last_days_are_looked_at(client: TestClient) -> None:
    whole = client.get("/v1/artifacts/pump/1/drift").json()["judged"]
    some = client.get("/v1/artifacts/pump/1/drift?days=0.001").json()["judged"]
    assert 0 < some < whole


def test_an_artifact_that_is_not_there_is_said_so(client: TestClient) -> None:
    assert client.get("/v1/artifacts/none/active/drift").status_code == 404
    assert client.get("/v1/artifacts/pump/7/drift").status_code == 404
    assert client.get("/v1/artifacts/pump/1/drift?days=-1").status_code == 422


def test_what_another_artifact_judged_before_is_left_out(client: TestClient) -> None:
    minute = 60 * 10**9
    verdicts = replace(kept([BEGIN + k * minute for k in range(60)]), duty="swapped")
    before = replace(notice("swap", kind="close"), duty="swapped", artifact="another", end=BEGIN + 40 * minute)
    with opened(client.app.state.desk.settings.store) as own:  # type: ignore[attr-defined]  # Starlette's has it
        own.write(entry(own.claim(FEED, LANE, "test").epoch, Tidings((before,), (verdicts,))))
    assert client.get("/v1/artifacts/pump/1/drift?duty=swapped").json()["judged"] == 19
