"""Training over HTTP: taken on at once, done elsewhere, ended when nobody wants it; scoring goes on beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import polars as pl
import pytest
from tests.service.conftest import Room

from tocsin.artifact import bundle
from tocsin.service.serving import Running, running
from tocsin.service.settings import Limits, ServiceSettings
from tocsin.service.tokens import Scope, Tokens
from tocsin.sources import open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe

CSV = {"Content-Type": "text/csv"}
NAMES = ("temperature", "humidity", "light", "loudness", "air_quality")


@pytest.fixture(scope="module")
def service(room: Room, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service on a real socket that has the room's artifact."""
    folder = tmp_path_factory.mktemp("service")
    limits = Limits(requests_per_s=1e6, jobs=1)
    with running(ServiceSettings(folder=folder, store=f"sqlite:///{folder / 't.db'}", port=0, limits=limits)) as found:
        httpx2.post(f"{found.url}/v1/artifacts/room", content=room.artifact).raise_for_status()
        yield found


@pytest.fixture
def client(service: Running) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=service.url, timeout=60) as found:
        yield found


def asked(client: httpx2.Client, name: str, body: bytes, **said: Any) -> dict[str, Any]:
    told = client.post(f"/v1/artifacts/{name}/train", content=body, headers=CSV, params=said)
    assert told.status_code == 202, told.text
    found: dict[str, Any] = told.json()
    assert told.headers["location"] == f"/v1/jobs/{found['id']}"
    return found


def ended(client: httpx2.Client, job: dict[str, Any]) -> dict[str, Any]:
    end = time.monotonic() + 60
    while (found := client.get(f"/v1/jobs/{job['id']}").json())["state"] in ("queued", "running"):
        assert time.monotonic() < end
        time.sleep(0.02)
    return dict(found)


def uploads(service: Running) -> list[Path]:
    jobs, incoming = (service.desk.settings.folder / name for name in ("jobs", "incoming"))
    return [*(path for path in jobs.iterdir() if path.is_dir()), *incoming.iterdir()]


def test_training_gives_what_it_gives_here(client: httpx2.Client, service: Running, room: Room, tmp_path: Path) -> None:
    config = '{"detector": {"epochs": 9}, "alarm": {"raise_after": 2}, "input": {"label": "label"}}'
    refused = client.post("/v1/artifacts/hall/train", content=room.csv, headers=CSV, params={"config": config})
    assert refused.status_code == 422
    config = config.replace('"epochs": 9', "")
    job = asked(client, "hall", room.csv, detector="rolling_zscore", window=9, config=config, note="by night")
    done = ended(client, job)
    assert done["state"] == "done", done["problem"]
    assert (done["what"], done["about"], done["by"]) == ("train", "hall", "local")
    assert done["result"] == {"artifact": "hall", "version": 1, "active": True, "new": True}
    (tmp_path / "room.csv").write_bytes(room.csv)
    own = train(open_table(tmp_path / "room.csv"), Recipe(detector="rolling_zscore", window=9, raise_after=2))
    bundle.save(own, tmp_path / "own.tocsin")
    assert client.get("/v1/artifacts/hall/1/file").content == (tmp_path / "own.tocsin").read_bytes()
    assert client.get("/v1/artifacts/hall/1").json()["note"] == "by night"
    again = ended(client, asked(client, "hall", room.csv, detector="ewma"))
    assert again["result"] == {"artifact": "hall", "version": 2, "active": False, "new": True}
    assert client.get("/v1/artifacts/hall").json()["active"] == 1
    assert uploads(service) == []


@pytest.mark.parametrize(
    "said",
    [
        {"detector": "nobody"},
        {"threshold": "percentile:200"},
        {"threshold": "fixed:3", "budget": "1 per week"},
        {"budget": " "},
        {"config": "{"},
        {"config": "[]"},
        {"config": '{"fit": 3}'},
        {"config": '{"colour": {}}'},
        {"config": '{"fit": {"settings": 1}}'},
        {"config": '{"input": {"colour": 1}}'},
        {"config": '{"detector": {"epochs": 5}}', "detector": "rolling_zscore"},
        {"window": 0},
    ],
    ids=str,
)
def test_what_cannot_work_is_refused_before_anything_is_kept(
    said: dict[str, Any], client: httpx2.Client, service: Running
) -> None:
    jobs = client.get("/v1/jobs").json()
    told = client.post("/v1/artifacts/hall/train", content=b"a,b\n1,2\n", headers=CSV, params=said)
    assert told.status_code == 422
    assert told.json()["remedy"]
    assert client.get("/v1/jobs").json() == jobs
    assert uploads(service) == []


def test_a_file_that_cannot_be_learned_from_is_a_job_that_failed(client: httpx2.Client, service: Running) -> None:
    done = ended(client, asked(client, "never", b"a,b\n1,2\n"))
    assert done["state"] == "failed"
    assert done["problem"]["status"] == 422
    assert done["problem"]["detail"] == "The file has too few rows (1)."
    assert done["problem"]["remedy"]
    assert client.get("/v1/artifacts/never").status_code == 404
    assert uploads(service) == []
    assert client.post("/v1/artifacts/x/train", content=b"{}").status_code == 415


@pytest.mark.slow
def test_scoring_goes_on_beside_a_training_and_what_is_cancelled_leaves_no_artifact(
    client: httpx2.Client, service: Running, room: Room
) -> None:
    rows = pl.read_csv(room.csv)[:12].select(NAMES).to_dicts()
    before = client.post("/v1/artifacts/room/active/score", json={"readings": rows}).content
    config = '{"detector": {"epochs": 2000, "patience": 2000}}'
    job = asked(client, "never", room.csv, detector="lstm_autoencoder", config=config)
    end = time.monotonic() + 60
    while not client.get(f"/v1/jobs/{job['id']}").json()["progress"]:
        assert time.monotonic() < end
        time.sleep(0.02)
    took, told = [], set()
    for _ in range(100):
        began = time.perf_counter()
        told.add(client.post("/v1/artifacts/room/active/score", json={"readings": rows}).raise_for_status().content)
        took.append(time.perf_counter() - began)
    assert client.get(f"/v1/jobs/{job['id']}").json()["state"] == "running"
    assert told == {before}
    assert sorted(took)[98] < 1.0
    began = time.monotonic()
    ending = client.delete(f"/v1/jobs/{job['id']}").json()
    assert time.monotonic() - began < 2.0
    assert (ending["state"], ending["result"]) == ("cancelled", None)
    assert client.get("/v1/artifacts/never").status_code == 404
    assert uploads(service) == []


def test_only_admin_ends_what_others_asked_for(room: Room, settings: ServiceSettings) -> None:
    tokens = Tokens(settings.folder / "tokens.json")
    ada, bob, eve, admin = (
        {"Authorization": f"Bearer {tokens.create(name, scope)}"}
        for name, scope in (
            ("ada", Scope.operate),
            ("bob", Scope.operate),
            ("eve", Scope.read),
            ("root", Scope.admin),
        )
    )
    with running(settings) as service, httpx2.Client(base_url=service.url, timeout=60) as client:
        first, second = (
            client.post("/v1/artifacts/hall/train", content=room.csv, headers={**CSV, **ada}).json() for _ in range(2)
        )
        assert first["by"] == "ada"
        assert client.get(f"/v1/jobs/{first['id']}", headers=eve).status_code == 200
        for other in (bob, eve):
            assert client.delete(f"/v1/jobs/{first['id']}", headers=other).status_code == 403
        assert client.delete(f"/v1/jobs/{first['id']}", headers=ada).json()["state"] == "cancelled"
        assert client.delete(f"/v1/jobs/{second['id']}", headers=admin).json()["state"] == "cancelled"
        assert client.delete("/v1/jobs/nothing", headers=admin).status_code == 422
        assert client.delete(f"/v1/jobs/{'0' * 24}", headers=admin).status_code == 404
