"""Artifacts over HTTP: what is sent comes back, one version is in force, and what is no artifact is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.service.conftest import Room

from tocsin.artifact import bundle
from tocsin.artifact.manifest import describe
from tocsin.service.app import make_app
from tocsin.service.settings import Limits, ServiceSettings
from tocsin.training.recalibrate import recalibrate


@pytest.fixture
def client(settings: ServiceSettings) -> Iterator[TestClient]:
    with TestClient(make_app(settings)) as found:
        yield found


@pytest.fixture(scope="session")
def others(room: Room, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """Two more versions of the room's artifact, with other limits."""
    folder = tmp_path_factory.mktemp("others")
    (folder / "room.tocsin").write_bytes(room.artifact)
    artifact, made = bundle.load(folder / "room.tocsin"), list[bytes]()
    for limit in (4, 5):
        recalibrate(artifact, threshold=f"fixed:{limit}").save(folder / f"{limit}.tocsin")
        made.append((folder / f"{limit}.tocsin").read_bytes())
    return made[0], made[1]


def test_what_is_sent_comes_back_byte_for_byte(client: TestClient, room: Room) -> None:
    sent = client.post("/v1/artifacts/room", content=room.artifact, params={"note": "as trained"})
    assert sent.status_code == 201
    told = sent.json()
    assert (told["version"], told["active"], told["by"], told["note"]) == (1, True, "local", "as trained")
    assert told["sha256"] == hashlib.sha256(room.artifact).hexdigest()
    assert (told["detector"], told["window"], told["limit"], told["readings"]) == ("rolling_zscore", 12, 3.5, 600)
    back = client.get("/v1/artifacts/room/active/file")
    assert back.content == room.artifact
    assert 'filename="room-1.tocsin"' in back.headers["content-disposition"]


def test_the_same_bytes_are_no_new_version(client: TestClient, room: Room) -> None:
    first = client.post("/v1/artifacts/room", content=room.artifact)
    again = client.post("/v1/artifacts/room", content=room.artifact, params={"note": "again"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()


def test_versions_are_put_in_force_rolled_back_and_removed(
    client: TestClient, room: Room, others: tuple[bytes, bytes]
) -> None:
    for body in (room.artifact, *others):
        client.post("/v1/artifacts/room", content=body).raise_for_status()
    assert client.post("/v1/artifacts/room/2/activate").json()["active"]
    assert client.post("/v1/artifacts/room/3/activate").json()["limit"] == 5.0
    shelf = client.get("/v1/artifacts/room").json()
    assert (shelf["active"], [own["version"] for own in shelf["versions"]]) == (3, [3, 2, 1])
    assert [one["version"] for one in shelf["activations"]] == [3, 2, 1]
    assert client.post("/v1/artifacts/room/roll-back").json()["active"] == 2
    assert client.delete("/v1/artifacts/room/2").status_code == 422
    assert client.delete("/v1/artifacts/room/3").status_code == 204
    assert client.get("/v1/artifacts/room/3").status_code == 404
    assert client.get("/v1/artifacts").json()["artifacts"] == [client.get("/v1/artifacts/room").json()]
    assert client.delete("/v1/artifacts/room").status_code == 204
    assert client.get("/v1/artifacts").json() == {"artifacts": []}


def test_inspecting_tells_what_the_command_tells(client: TestClient, room: Room, tmp_path: Path) -> None:
    client.post("/v1/artifacts/room", content=room.artifact).raise_for_status()
    (tmp_path / "room.tocsin").write_bytes(room.artifact)
    manifest = describe(bundle.load(tmp_path / "room.tocsin"), {})
    facts = client.get("/v1/artifacts/room/1").json()["facts"]
    assert facts == json.loads(manifest.model_dump_json(exclude={"members"}))


def test_what_is_no_artifact_is_refused_and_leaves_nothing_behind(
    client: TestClient, settings: ServiceSettings
) -> None:
    for body in (b"", b"time,temp\n1,2\n", bytes(5_000)):
        told = client.post("/v1/artifacts/room", content=body)
        assert told.status_code == 422
        assert told.json()["detail"] == "The file is no tocsin artifact, or is truncated."
        assert told.json()["remedy"]
        assert told.headers["content-type"] == "application/problem+json"
    assert [path for path in settings.folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("path", ["..%2Froom", "%2e%2e", ".hidden", "a%2Fb", "a%00b", "x" * 101, "%C3%A9"])
def test_names_that_lead_elsewhere(path: str, client: TestClient, room: Room, settings: ServiceSettings) -> None:
    for told in (
        client.post(f"/v1/artifacts/{path}", content=room.artifact),
        client.get(f"/v1/artifacts/{path}"),
        client.get(f"/v1/artifacts/{path}/1/file"),
        client.delete(f"/v1/artifacts/{path}/1"),
    ):
        assert told.status_code in (404, 405, 422)
    assert [file for file in settings.folder.rglob("*") if file.is_file()] == []


def test_versions_that_cannot_be(client: TestClient, room: Room) -> None:
    client.post("/v1/artifacts/room", content=room.artifact).raise_for_status()
    for version in ("0", "-1", "1.5", "latest", "9" * 30, "../1"):
        assert client.get(f"/v1/artifacts/room/{version}/file").status_code in (404, 422)


def test_an_upload_larger_than_allowed(room: Room, settings: ServiceSettings) -> None:
    limits = Limits(body_bytes=1000, json_bytes=1000)
    with TestClient(make_app(ServiceSettings(folder=settings.folder, limits=limits))) as client:
        told = client.post("/v1/artifacts/room", content=room.artifact)
    assert told.status_code == 413
    assert [file for file in settings.folder.rglob("*") if file.is_file()] == []
