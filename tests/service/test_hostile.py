"""Hostile clients over a real socket: too much, too slow, nonsense, and names that try to reach outside."""

from __future__ import annotations

import io
import json
import logging
import os
import pickle
import re
import select
import socket
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import psutil
import pytest
from tests.service.conftest import Room
from tests.service.wire import QUICK, connected, head, rest, until_answers

import tocsin.service.patience as patience
from tocsin.service.serving import Running, running
from tocsin.service.settings import ServiceSettings


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("service")
    store = f"sqlite:///{folder / 'tocsin.db'}"
    with running(ServiceSettings(folder=folder / "service", store=store, port=0, limits=QUICK)) as found:
        yield found


@pytest.fixture
def client(service: Running) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=service.url, timeout=20) as found:
        yield found


@pytest.mark.parametrize("size", [(1 << 20) + 1, 8 << 20])
def test_a_file_that_is_too_large_is_refused_before_it_is_kept(
    client: httpx2.Client, service: Running, size: int
) -> None:
    kept = sum(1 for _ in service.desk.settings.folder.rglob("*"))
    for body in (b"x" * size, pieces(size)):
        answer = client.post("/v1/analyses", content=body)
        assert answer.status_code == 413
        assert "1,048,576 bytes" in answer.json()["detail"]
    assert sum(1 for _ in service.desk.settings.folder.rglob("*")) - kept <= 2, "folders alone"
    assert client.get("/healthz").status_code == 200


def pieces(size: int) -> Iterator[bytes]:
    """Yield a body of this size whose length nobody is told ahead."""
    for _ in range(-(-size // (1 << 16))):
        yield b"x" * (1 << 16)


def test_a_file_of_just_the_size_is_taken(client: httpx2.Client) -> None:
    for body in (b"x" * (1 << 20), pieces(1 << 20)):
        assert client.post("/v1/analyses", content=body).status_code == 201


@pytest.mark.parametrize("path", ["/v1/frames", "/v1/jobs", "/v1/nothing", "/v1/artifacts/room/1/score"])
def test_json_is_held_to_less(client: httpx2.Client, path: str) -> None:
    for body in (b"[" * ((1 << 16) + 1), pieces(1 << 17)):
        answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (413, 404, 405), answer.text
        if path != "/v1/nothing" and path != "/v1/jobs":
            assert answer.status_code == 413


def test_json_does_not_pass_for_a_file(client: httpx2.Client) -> None:
    answer = client.post("/v1/frames", content=b"[" * (1 << 17), headers={"Content-Type": "text/csv"})
    assert answer.status_code == 413


def test_an_order_is_held_to_less_than_readings(settings: ServiceSettings) -> None:
    """Words that no route knows are each said to be wrong, while all others wait."""
    unknown = json.dumps(dict.fromkeys(map(str, range(100_000)), 1))
    readings = {"/v1/frames", "/v1/artifacts/room/1/score", "/anomalydetector/v1.1/multivariate/models/a:detect-last"}
    orders = {"/v1/incidents/1/label", "/v1/analyses/x/train", "/anomalydetector/v1.1/multivariate/models"}
    with running(settings) as found, httpx2.Client(base_url=found.url, timeout=20) as client:
        for path in (*readings, *orders):
            answer = client.post(path, content=unknown, headers={"Content-Type": "application/json"})
            assert (answer.status_code == 413) == (path in orders), (path, answer.text[:200])


def test_readings_that_do_not_say_what_they_are_do_not_pass_for_a_file(client: httpx2.Client) -> None:
    for headers in ({}, {"Content-Type": "application/x-thing"}):
        answer = client.post("/v1/artifacts/room/1/score", content=b"[" * ((1 << 16) + 1), headers=headers)
        assert answer.status_code == 413


def test_who_waits_to_be_asked_for_a_large_body_is_not_asked(service: Running) -> None:
    with closing(connected(service)) as wire:
        wire.sendall(head("POST", "/v1/analyses", f"Content-Length: {1 << 30}", "Expect: 100-continue"))
        told = rest(wire)
    assert told.startswith("HTTP/1.1 413")
    assert "100 Continue" not in told


def test_a_body_that_stops_coming_is_given_up(service: Running) -> None:
    with closing(connected(service)) as wire:
        wire.sendall(head("POST", "/v1/analyses", "Content-Length: 100") + b"time,a\n")
        began = time.monotonic()
        assert rest(wire).startswith("HTTP/1.1 408")
    assert 0.3 < time.monotonic() - began < 5


def test_a_body_that_drips_is_given_up(service: Running) -> None:
    with closing(connected(service)) as wire:
        wire.sendall(head("POST", "/v1/analyses", "Content-Length: 1000"))
        began = time.monotonic()
        while time.monotonic() - began < 10 and not select.select([wire], [], [], 0.05)[0]:
            wire.sendall(b"x")
        assert rest(wire).startswith("HTTP/1.1 408")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTT", head("GET", "/healthz")[:-2] + b"X: "])
def test_a_head_that_never_ends_is_given_up(service: Running, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(patience, "LOOK_S", 0.3)
    with closing(connected(service)) as wire:
        wire.sendall(sent)
        began = time.monotonic()
        assert rest(wire) == ""
    assert time.monotonic() - began < 3


def test_a_head_that_is_too_long_is_refused(service: Running) -> None:
    with closing(connected(service)) as wire:
        wire.sendall(head("GET", "/healthz", "X-Long: " + "x" * 1_000_000)[:-4])
        assert rest(wire)[:12] in ("HTTP/1.1 400", "")


NONSENSE = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST /v1/analyses HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/analyses HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"POST /v1/analyses HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"\r\n" * 10 + b"\x00" * 100,
]


@pytest.mark.parametrize("sent", NONSENSE)
def test_nonsense_harms_nobody(service: Running, client: httpx2.Client, sent: bytes) -> None:
    with closing(connected(service)) as wire:
        wire.sendall(sent)
        wire.shutdown(socket.SHUT_WR)
        told = rest(wire)
    assert not told.startswith("HTTP/1.1 5"), told
    assert not told.startswith("HTTP/1.1 2"), told
    assert client.get("/healthz").status_code == 200


def test_a_request_that_tells_two_lengths_hides_no_other(service: Running) -> None:
    two = head("POST", "/v1/analyses", "Content-Length: 5", "Transfer-Encoding: chunked")
    with closing(connected(service)) as wire:
        wire.sendall(two + b"0\r\n\r\n" + head("GET", "/healthz"))
        told = rest(wire)
    assert told.startswith("HTTP/1.1 400")
    assert told.count("HTTP/1.1") == 1


def test_a_file_that_would_fill_the_memory_is_no_artifact(client: httpx2.Client, service: Running) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("manifest.json", "w") as member:
        for _ in range(128):
            member.write(bytes(1 << 20))
    assert len(bomb.getvalue()) < QUICK.body_bytes
    held = psutil.Process().memory_info().rss
    answer = client.post("/v1/artifacts/bomb", content=bomb.getvalue())
    assert answer.status_code == 422, answer.text
    assert psutil.Process().memory_info().rss - held < 64 << 20
    assert client.get("/v1/artifacts/bomb").status_code == 404
    assert not list(service.desk.settings.folder.rglob("incoming/*"))


def test_what_runs_when_it_is_unpacked_is_not_run(client: httpx2.Client, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, (f"touch {tmp_path}/ran",)

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("manifest.json", pickle.dumps(Evil()))
        made.writestr("../../escaped", "x")
    for body in (pickle.dumps(Evil()), archive.getvalue()):
        assert client.post("/v1/artifacts/evil", content=body).status_code == 422
        made_id = client.post("/v1/analyses?name=a.parquet", content=body).json()["id"]
        client.delete(f"/v1/analyses/{made_id}").raise_for_status()
    assert not (tmp_path / "ran").exists()


def left(folder: Path) -> list[str]:
    """Return what lies in the folders of what is coming in; os.walk bears that something goes while it looks."""
    return [
        own for place, folders, files in os.walk(folder) if Path(place).name == "incoming" for own in folders + files
    ]


def test_who_leaves_in_the_middle_leaves_nothing(service: Running, client: httpx2.Client) -> None:
    for _ in range(20):
        with closing(connected(service)) as wire:
            wire.sendall(head("POST", "/v1/analyses", "Content-Length: 1000") + b"time,a\n")
    until = time.monotonic() + 10
    while left(service.desk.settings.folder) and time.monotonic() < until:
        time.sleep(0.05)
    assert left(service.desk.settings.folder) == []
    until_answers(client, 200)


def test_more_at_a_time_than_it_takes_are_sent_away(service: Running, client: httpx2.Client) -> None:
    waiting = [connected(service) for _ in range(QUICK.requests)]
    for wire in waiting:
        wire.sendall(head("POST", "/v1/analyses", "Content-Length: 100"))
    answer = until_answers(client, 503)
    assert answer.headers["Retry-After"] == "1"
    assert client.get("/healthz").status_code == 200, "it is busy, not dead"
    for wire in waiting:
        wire.close()


PATHS = ["..%2f..%2fetc%2fpasswd", "a%00b", "x" * 3_000, "a%0d%0aX-Evil:1"]
MORE_PATHS = ["..", "%2e%2e", ".", "%00", "%2fetc%2fpasswd", "..%5c..", "%ff%fe", "~root", "%F0%9F%94%94", "con", "-rf"]
MORE_PATHS += ["%2e%2e%2f%2e%2e%2ftokens.json", "tokens.json"]


@pytest.mark.parametrize("name", [*PATHS, *(pytest.param(name, marks=pytest.mark.slow) for name in MORE_PATHS)])
def test_no_name_reaches_outside(client: httpx2.Client, service: Running, name: str, room: Room) -> None:
    folder = service.desk.settings.folder
    outside = {path: path.stat().st_mtime_ns for path in folder.parent.rglob("*") if folder not in path.parents}
    names = [template for template in service.app.openapi()["paths"] if "{" in template]
    for template in names:
        path = filled(template, name)
        for method in service.app.openapi()["paths"][template]:
            if path.endswith("/train"):
                continue
            content = room.artifact if method == "post" else b""
            answer = client.request(method.upper(), path, content=content)
            assert answer.status_code < 500 or answer.status_code == 501, (method, path, answer.text)
            assert "root:" not in answer.text
            assert "sha256" not in answer.text or "tokens" not in answer.text
            assert "x-evil" not in answer.headers
    after = {path: path.stat().st_mtime_ns for path in folder.parent.rglob("*") if folder not in path.parents}
    assert {path.name for path in after} - {path.name for path in outside} <= {
        f"tocsin.db{end}" for end in ("", "-wal", "-shm")
    }
    strays = [path for path in folder.rglob("*") if path.is_symlink()]
    assert strays == []


def filled(template: str, name: str) -> str:
    return re.sub(r"\{.*?\}", lambda _: name, template)


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/etc/cron.d/evil", "a\x00b.csv", "x" * 250, "🔔.csv", "..", "", "~"]
)
def test_no_name_of_a_file_reaches_outside(client: httpx2.Client, service: Running, name: str) -> None:
    folder = service.desk.settings.folder
    before = set(folder.parent.glob("*"))
    answer = client.post("/v1/analyses", params={"name": name}, content=b"time,a\n2026-01-01,1\n")
    assert answer.status_code in (201, 422)
    assert set(folder.parent.glob("*")) == before
    assert not Path("/etc/cron.d/evil").exists()
    if answer.status_code == 201:
        client.delete(f"/v1/analyses/{answer.json()['id']}").raise_for_status()


def logged(caplog: pytest.LogCaptureFixture, word: str) -> logging.LogRecord:
    """Return the line with a word in it; it is written after the answer is sent."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        for record in caplog.records:
            if word in record.getMessage():
                return record
        time.sleep(0.01)
    raise AssertionError(caplog.text)


def test_a_log_line_cannot_be_forged(client: httpx2.Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="tocsin.service.requests"):
        client.get("/v1/a%0a00:00:00%20Started", params={"token": "tocsin_secret"}, headers={"X-Request-ID": "a\tb"})
        line = logged(caplog, "Started")
    assert line.getMessage() == "GET /v1/a%0a00:00:00%20Started 404"
    assert "secret" not in json.dumps(vars(line), default=str)
    assert "\t" not in vars(line)["request"]
