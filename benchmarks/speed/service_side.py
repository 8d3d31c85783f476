"""The other end of the service: a bare echo to hold it against, clients that keep asking, and viewers that listen.

Called as ``python service_side.py TASK SETTINGS``, with settings in JSON; the last line printed is the answer in JSON.
Requests are written by hand over raw sockets: a client library would cost more than the service.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import numpy as np

WARM_S = 0.5
"""So long clients ask before anything counts."""

CHANNELS = 5
FRAME_S = 0.25
"""So often a watch tells what it judged."""


def echo(settings: dict[str, Any]) -> dict[str, Any]:
    """Serve what FastAPI alone costs: a JSON body in, the same out; until it is ended."""
    import uvicorn
    from fastapi import FastAPI

    app = FastAPI()

    @app.post("/echo")
    def _echo(body: dict[str, Any]) -> dict[str, Any]:
        return body

    @app.get("/healthz")
    def _healthz() -> dict[str, str]:
        return {"status": "ok"}

    uvicorn.run(app, host="127.0.0.1", port=settings["port"], http="h11", log_level="error", access_log=False)
    return {}


def ask(settings: dict[str, Any]) -> dict[str, Any]:
    """Keep ``clients`` connections asking the same for some seconds; each asks anew once it is answered."""
    return asyncio.run(_ask(settings))


async def _ask(settings: dict[str, Any]) -> dict[str, Any]:
    parts = urlsplit(settings["url"])
    request = post(settings["url"], settings["body"].encode())
    begins = time.perf_counter() + WARM_S
    ends = begins + settings["seconds"]
    found = await asyncio.gather(
        *(_client(str(parts.hostname), int(parts.port or 80), request, ends) for _ in range(settings["clients"]))
    )
    took = np.array([took for own in found for at, took in own if at >= begins]) * 1e3
    p50, p99 = np.percentile(took, [50, 99])
    return {"p50_ms": float(p50), "p99_ms": float(p99), "requests_s": len(took) / settings["seconds"]}


async def _client(host: str, port: int, request: bytes, ends: float) -> list[tuple[float, float]]:
    reader, writer = await asyncio.open_connection(host, port)
    found = []
    while (began := time.perf_counter()) < ends:
        writer.write(request)
        await answer(reader)
        found.append((began, time.perf_counter() - began))
    writer.close()
    return found


def post(url: str, body: bytes) -> bytes:
    """Return a request that posts JSON."""
    parts = urlsplit(url)
    head = f"POST {parts.path}{'?' + parts.query if parts.query else ''} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
    return (head + f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


async def answer(reader: asyncio.StreamReader) -> bytes:
    """Return the body of an answer; anything but success ends the benchmark."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
    body = await reader.readexactly(length)
    if not head.split(b" ", 2)[1].startswith(b"2"):
        raise SystemExit(f"{head.decode()}{body.decode()}")
    return body


def watch(settings: dict[str, Any]) -> dict[str, Any]:
    """Tell verdicts as a watch does, four times a second, to viewers who all look on; how late do they come?

    The time of a frame's readings is the moment when it is sent: a viewer's lag is how long ago that was.
    """
    return asyncio.run(_watch(settings))


async def _watch(settings: dict[str, Any]) -> dict[str, Any]:
    ends = time.perf_counter() + settings["seconds"]
    viewers = [asyncio.create_task(_viewer(settings["url"])) for _ in range(settings["viewers"])]
    sent = await _push(settings, ends)
    await asyncio.sleep(1.0)
    for viewer in viewers:
        viewer.cancel()
    came = [viewer for viewer in await asyncio.gather(*viewers, return_exceptions=True) if isinstance(viewer, list)]
    lags = np.array([pair for own in came for pair in own])
    edge = min(10.0, settings["seconds"] / 3)
    since = lags[:, 0] - lags[:, 0].min()
    first, last = lags[since < edge, 1] * 1e3, lags[since > since.max() - edge, 1] * 1e3
    return {
        "viewers": len(came),
        "sent": sent,
        "came": len(lags) / len(came),
        "first_p50_ms": float(np.median(first)),
        "first_p95_ms": float(np.percentile(first, 95)),
        "last_p50_ms": float(np.median(last)),
        "last_p95_ms": float(np.percentile(last, 95)),
    }


async def _push(settings: dict[str, Any], ends: float) -> int:
    """Send frames until the end; return how many."""
    parts = urlsplit(settings["url"])
    reader, writer = await asyncio.open_connection(str(parts.hostname), int(parts.port or 80))
    rows, sent, due = int(settings["rate"] * FRAME_S), 0, time.perf_counter()
    while time.perf_counter() < ends:
        writer.write(post(f"{settings['url']}/v1/frames", json.dumps(frame(rows, seed=sent)).encode()))
        await answer(reader)
        sent, due = sent + 1, due + FRAME_S
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
    writer.close()
    return sent


def frame(rows: int, *, seed: int) -> dict[str, Any]:
    """Return verdicts of so many devices, taken just now."""
    rng, now = np.random.default_rng(seed), time.time_ns()
    return {
        "watch": "bench",
        "duty": "bench",
        "artifact": "v1",
        "row_clock": False,
        "channels": [f"c{k}" for k in range(CHANNELS)],
        "devices": [f"room-{k}" for k in range(rows)],
        "device": list(range(rows)),
        "time": [now] * rows,
        "values": rng.normal(20, 1, (rows, CHANNELS)).round(3).tolist(),
        "score": rng.exponential(1.0, rows).round(6).tolist(),
        "limit": [6.0] * rows,
        "status": [0] * rows,
        "cause": [-1] * rows,
        "skipped": 0,
        "incidents": [],
    }


async def _viewer(url: str) -> list[tuple[float, float]]:
    """Look on until cancelled; return when each frame came, and how late."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(str(parts.hostname), int(parts.port or 80), limit=1 << 24)
    writer.write(f"GET /v1/live?most=250 HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
    found: list[tuple[float, float]] = []
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head, head
        while size := int(await reader.readline(), 16):
            chunk = await reader.readexactly(size + 2)
            if b"event: verdicts" in chunk and b'"snapshot":true' not in chunk:
                text = chunk.partition(b'"time":["')[2].partition(b'"')[0].decode()
                now = datetime.now(UTC)
                found.append((time.perf_counter(), (now - datetime.fromisoformat(text)).total_seconds()))
    except asyncio.CancelledError:
        writer.close()
    return found


TASKS = {"echo": echo, "ask": ask, "watch": watch}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](json.loads(sys.argv[2]))))
