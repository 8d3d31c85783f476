"""Scoring over HTTP: the same verdicts as the command's, bit for bit, however many ask at once."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import polars as pl
import pytest
from fastapi.testclient import TestClient
from tests.service.conftest import Room

from tocsin.cli import main
from tocsin.engine.scorer import load
from tocsin.service.app import make_app
from tocsin.service.serving import Running, running
from tocsin.service.settings import Limits, ServiceSettings
from tocsin.sources import Overrides
from tocsin.training.fit import fit
from tocsin.training.recalibrate import recalibrate
from tocsin.training.recipe import Recipe

SCORE = "/v1/artifacts/room/active/score"
KINDS = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
NAMES = ("temperature", "humidity", "light", "loudness", "air_quality")


@pytest.fixture(scope="module")
def service(room: Room, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service on a real socket that has the room's artifact."""
    folder = tmp_path_factory.mktemp("service")
    limits = Limits(requests_per_s=1e6, rows=20_000)
    with running(ServiceSettings(folder=folder, store=f"sqlite:///{folder / 't.db'}", port=0, limits=limits)) as found:
        httpx2.post(f"{found.url}/v1/artifacts/room", content=room.artifact).raise_for_status()
        yield found


@pytest.fixture
def client(service: Running) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=service.url, timeout=60) as found:
        yield found


@pytest.fixture
def files(tmp_path: Path, room: Room) -> Path:
    """A folder with the room's readings, in both kinds of files, and its artifact."""
    (tmp_path / "room.csv").write_bytes(room.csv)
    (tmp_path / "room.tocsin").write_bytes(room.artifact)
    pl.read_csv(room.csv, try_parse_dates=True).write_parquet(tmp_path / "room.parquet")
    return tmp_path


def incoming(service: Running) -> list[Path]:
    return [path for path in (service.desk.settings.folder / "incoming").rglob("*") if path.is_file()]


def rows_of(room: Room, start: int, count: int) -> list[dict[str, Any]]:
    return pl.read_csv(room.csv)[start : start + count].select(NAMES).to_dicts()


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> None:
    """Run ``tocsin`` with some arguments."""
    monkeypatch.setattr(sys, "argv", ["tocsin", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("asked", "flags"), [("", []), ("?shares=true", ["--shares"]), ("?sort=true&shares=true", ["--sort", "--shares"])]
)
def test_a_file_comes_back_as_the_command_writes_it(
    kind: str, asked: str, flags: list[str], files: Path, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, output = files / f"room.{kind}", files / f"scored.{kind}"
    command(monkeypatch, "score", files / "room.tocsin", path, "-o", output, *flags)
    told = client.post(SCORE + asked, content=path.read_bytes(), headers={"Content-Type": KINDS[kind]})
    assert told.status_code == 200
    assert told.headers["content-type"].partition(";")[0] == KINDS[kind]
    assert told.content == output.read_bytes()


REAL = {
    "airquality_uci/AirQuality.csv": Overrides(),
    "skab/data/other/13.csv": Overrides(),
    "occupancy/datatest.txt": Overrides(),
    "ims_bearing/merged_dataset_BearingTest_2.csv": Overrides(),
    "wsn_singlehop/data/singlehop_indoor_moteid2_data.txt": Overrides(),
}


@pytest.mark.parametrize("name", [next(iter(REAL)), *(pytest.param(n, marks=pytest.mark.slow) for n in [*REAL][1:])])
def test_real_files_come_back_as_the_command_writes_them(
    name: str, shared_data: Path, client: httpx2.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, slug = shared_data / name, Path(name).stem
    fit(path, Recipe(detector="rolling_zscore", window=10), overrides=REAL[name]).save(tmp_path / "a.tocsin")
    command(monkeypatch, "score", tmp_path / "a.tocsin", path, "-o", tmp_path / "scored.csv")
    body = (tmp_path / "a.tocsin").read_bytes()
    client.post(f"/v1/artifacts/{slug}", content=body).raise_for_status()
    told = client.post(f"/v1/artifacts/{slug}/1/score", content=path.read_bytes(), headers={"Content-Type": "text/csv"})
    assert told.content == (tmp_path / "scored.csv").read_bytes()
    client.delete(f"/v1/artifacts/{slug}").raise_for_status()


def test_sixty_four_at_once_get_what_one_alone_gets(client: httpx2.Client, service: Running, room: Room) -> None:
    bodies = [json.dumps({"device": f"d{k}", "readings": rows_of(room, 5 * k, 12 + k % 3)}) for k in range(64)]
    alone = [client.post(SCORE, content=body).raise_for_status().content for body in bodies]
    gate = threading.Barrier(64)

    def ask(body: str) -> bytes:
        gate.wait()
        return httpx2.post(service.url + SCORE, content=body, timeout=60).raise_for_status().content

    with ThreadPoolExecutor(64) as crowd:
        assert list(crowd.map(ask, bodies)) == alone


def test_verdicts_as_json_are_those_of_the_scorer(client: httpx2.Client, room: Room, files: Path) -> None:
    rows = rows_of(room, 100, 40)
    told = client.post(SCORE, json={"device": "r", "readings": rows}).raise_for_status().json()
    own = load(files / "room.tocsin").verdicts(np.array([[row[name] for name in NAMES] for row in rows], np.float64))
    assert [verdict["score"] for verdict in told["verdicts"]] == [s if s == s else None for s in own.score.tolist()]
    assert [verdict["limit"] for verdict in told["verdicts"]] == [s if s == s else None for s in own.limit.tolist()]
    assert {verdict["device"] for verdict in told["verdicts"]} == {"r"}


def test_the_version_in_force_scores_unless_one_is_named(room: Room, settings: ServiceSettings, files: Path) -> None:
    recalibrate(load(files / "room.tocsin").artifact, threshold="fixed:4").save(files / "other.tocsin")
    asked = {"readings": rows_of(room, 0, 12)}
    with TestClient(make_app(settings)) as client:
        for name in ("room.tocsin", "other.tocsin"):
            client.post("/v1/artifacts/room", content=(files / name).read_bytes()).raise_for_status()
        limits = {
            which: client.post(f"/v1/artifacts/room/{which}/score", json=asked).json() for which in (1, 2, "active")
        }
        assert {which: (told["version"], told["verdicts"][-1]["limit"]) for which, told in limits.items()} == {
            1: (1, 3.5),
            2: (2, 4.0),
            "active": (1, 3.5),
        }
        client.post("/v1/artifacts/room/2/activate").raise_for_status()
        assert client.post(SCORE, json=asked).json()["version"] == 2


WRONG = {
    "no table": (b"\x00\x01\x02", "csv"),
    "empty": (b"", "csv"),
    "other channels": (b"time,pressure\n2026-01-01,1\n2026-01-02,2\n", "csv"),
    "a torn parquet": (b"PAR1" + bytes(100), "parquet"),
    "text": (b"hello\n", "csv"),
    "too many rows": (b"temperature,humidity,light,loudness,air_quality\n" + b"1,2,3,4,5\n" * 20_001, "csv"),
}


@pytest.mark.parametrize("case", WRONG)
def test_files_that_cannot_be_scored(case: str, client: httpx2.Client, service: Running) -> None:
    body, kind = WRONG[case]
    told = client.post(SCORE, content=body, headers={"Content-Type": KINDS[kind]})
    assert told.status_code == 422
    assert told.json()["remedy"]
    assert str(service.desk.settings.folder) not in told.text
    assert "incoming" not in told.text
    assert incoming(service) == []


def test_what_cannot_be_asked(client: httpx2.Client) -> None:
    assert client.post(SCORE, content=b"<a/>", headers={"Content-Type": "text/xml"}).status_code == 415
    assert client.post(SCORE, json={"readings": [{"temperature": "warm"}]}).status_code == 422
    assert client.post(SCORE, content=b"{").json()["title"] == "Unprocessable Entity"
    assert client.post("/v1/artifacts/nobody/active/score", json={"readings": [{}]}).status_code == 404
    assert (
        client.post("/v1/artifacts/room/9/score", content=b"a\n1\n", headers={"Content-Type": "text/csv"}).status_code
        == 404
    )


def test_a_client_that_goes_away_leaves_nothing_behind(service: Running, client: httpx2.Client) -> None:
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as wire:
        head = (
            f"POST {SCORE} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: text/csv\r\nContent-Length: 900000\r\n\r\n"
        )
        wire.sendall(head.encode() + b"temperature,humidity\n" * 20_000)
        until(lambda: incoming(service))
    until(lambda: not incoming(service))
    assert client.get("/healthz").status_code == 200


def test_a_client_that_does_not_wait_for_its_answer_leaves_nothing_behind(service: Running, room: Room) -> None:
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as wire:
        length = f"Content-Length: {len(room.csv)}"
        head = f"POST {SCORE} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: text/csv\r\n{length}\r\n\r\n"
        wire.sendall(head.encode() + room.csv)
        until(lambda: incoming(service))
    until(lambda: not incoming(service))


def test_more_files_than_may_wait_are_refused(room: Room, settings: ServiceSettings) -> None:
    limits = Limits(requests_per_s=1e6, jobs=1, waiting_jobs=0)
    with TestClient(make_app(replace(settings, limits=limits))) as client:
        client.post("/v1/artifacts/room", content=room.artifact).raise_for_status()
        told = client.post(SCORE, content=room.csv, headers={"Content-Type": "text/csv"})
    assert told.status_code == 429


def until(true: Any) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.005)
