"""The service under load: one window scored, beside a bare echo of the same framework; viewers; uploads."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from speed.children import HERE, Variant, interleaved, median, run, say
from speed.line import Line
from speed.material import CHANNELS, WINDOW, fleet_artifact, machine_csv
from tocsin.testing.servers import HOST, Service, free_port

CLIENTS = (1, 8, 64)
VIEWERS, RATE = 50, 1_000
UPLOAD_ROWS = 500_000
UNLIMITED = ("--limit-rate", "1000000")


def service(folder: Path, *, repeats: int, share: float) -> tuple[list[Line], dict[str, Any]]:
    """Measure everything; ``share`` of the seconds and rows of a whole run."""
    say("service: an artifact with the reference network")
    fleet_artifact(folder / "fleet.tocsin")
    with Service(arguments=UNLIMITED) as server, _echo() as echo:
        _post(f"{server.url}/v1/artifacts/fleet", (folder / "fleet.tocsin").read_bytes())
        sides = {"score": f"{server.url}/v1/artifacts/fleet/active/score", "echo": f"{echo}/echo"}
        variants = [_asking(name, url, clients, 4 * share) for clients in CLIENTS for name, url in sides.items()]
        raw: dict[str, Any] = interleaved(variants, repeats)
        raw["live"] = [_live(server, seconds=120 * share)]
        raw["upload"] = [_upload(server, folder / "machine.csv", rows=int(UPLOAD_ROWS * share))]
    lines = [line for clients in CLIENTS for line in _score_lines(clients, raw)]
    return [*lines, *_live_lines(raw["live"][0]), *_upload_lines(raw["upload"][0])], raw


def _asking(name: str, url: str, clients: int, seconds: float) -> Variant:
    rows = np.random.default_rng(0).normal(20.0, 1.0, (WINDOW, len(CHANNELS)))
    values = {f"c{k}": rows[:, k].tolist() for k in range(len(CHANNELS))}
    body = json.dumps({"device": "room-1", "time": _times(), "values": values})
    settings = {"url": url, "body": body, "clients": clients, "seconds": seconds}
    return Variant(f"{name}, {clients}", sys.executable, "service_side.py", "ask", settings)


def _times() -> list[str]:
    return [f"2026-03-01T08:00:{second:02}Z" for second in range(WINDOW)]


def _score_lines(clients: int, raw: dict[str, Any]) -> Iterator[Line]:
    ours, theirs = raw[f"score, {clients}"], raw[f"echo, {clients}"]
    beside = {key: (median(ours, key), median(theirs, key)) for key in ("p50_ms", "p99_ms", "requests_s")}
    what = f"one window scored, {clients} client{'s' * (clients > 1)}"
    for key, unit, label in (
        ("p50_ms", "ms", f"{what}, p50"),
        ("p99_ms", "ms", "  p99"),
        ("requests_s", "/s", "  rate"),
    ):
        own, other = beside[key]
        yield Line("service", label, own, unit, "echo", other, own / other)


def _live(server: Service, *, seconds: float) -> dict[str, Any]:
    import psutil

    say(f"service: {VIEWERS} viewers at {RATE:,} readings/s for {seconds:.0f} s")
    process = psutil.Process(server.pid)
    settings = {"url": server.url, "viewers": VIEWERS, "rate": RATE, "seconds": seconds}
    before, began = process.cpu_times(), time.monotonic()
    found = run(Variant("live", sys.executable, "service_side.py", "watch", settings))
    after = process.cpu_times()
    used = after.user + after.system - before.user - before.system
    return {**found, "cpu_share": used / (time.monotonic() - began), "memory_mb": process.memory_info().rss / 2**20}


def _live_lines(found: dict[str, Any]) -> Iterator[Line]:
    what = f"{VIEWERS} viewers at {RATE:,} readings/s, lag at the start, p50"
    first, last, late = found["first_p50_ms"], found["last_p50_ms"], found["last_p95_ms"]
    yield Line("service", what, first, "ms")
    yield Line("service", "  at the end", last, "ms", "the start", first, last / first, 2.0, lower_is_better=True)
    yield Line("service", "  at the end, p95", late, "ms", aim=1000, judged="value", lower_is_better=True)
    yield Line("service", "  of a core", 100 * found["cpu_share"], "%")


def _upload(server: Service, path: Path, *, rows: int) -> dict[str, Any]:
    machine_csv(path, rows=rows)
    body, found = path.read_bytes(), {}
    say(f"service: {len(body) / 2**20:.0f} MiB sent")
    for what, url, media in (
        ("kept", "/v1/artifacts/machine", "application/octet-stream"),
        ("read", "/v1/analyses?name=machine.csv", "text/csv"),
    ):
        began = time.perf_counter()
        _post(f"{server.url}{url}", body, media=media, may_refuse=what == "kept")
        found[f"{what}_mb_s"] = len(body) / 2**20 / (time.perf_counter() - began)
    return found


def _upload_lines(found: dict[str, Any]) -> Iterator[Line]:
    yield Line("service", "upload taken to the disk and refused as no artifact", found["kept_mb_s"], "MiB/s")
    yield Line("service", "upload of a table, read and judged for its quality", found["read_mb_s"], "MiB/s")


def _post(url: str, body: bytes, *, media: str = "application/octet-stream", may_refuse: bool = False) -> None:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": media})
    try:
        urllib.request.urlopen(request, timeout=300).close()
    except urllib.error.HTTPError as refused:
        if not may_refuse or refused.code >= 500:
            raise SystemExit(f"{url}: {refused.read().decode()}") from None


@contextmanager
def _echo() -> Iterator[str]:
    port = free_port()
    command: Sequence[str] = [sys.executable, str(HERE / "service_side.py"), "echo", json.dumps({"port": port})]
    with subprocess.Popen(command) as child:
        try:
            _await(f"http://{HOST}:{port}/healthz")
            yield f"http://{HOST}:{port}"
        finally:
            child.terminate()


def _await(url: str) -> None:
    for _ in range(1000):
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"nothing answers at {url}")
