"""``tocsin push``, ``tocsin edges`` and ``tocsin cascade`` as the shell calls them, over a real broker."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from tocsin.artifact import bundle
from tocsin.artifact.trust import Trust
from tocsin.cascade import told
from tocsin.cascade.envelope import Envelope
from tocsin.cascade.health import AtWork, Health
from tocsin.cascade.link import Link
from tocsin.cascade.observed import Observed
from tocsin.cascade.uplink_place import UplinkPlace
from tocsin.core.sketch import Sketch
from tocsin.engine.live.duty import Duty
from tocsin.testing.servers import HOST, Mosquitto

Shell = Callable[..., Any]


@pytest.fixture
def centre(mosquitto: Mosquitto) -> UplinkPlace:
    """A place of our own at the broker."""
    return UplinkPlace.parse(f"mqtt://{HOST}:{mosquitto.port}/t{uuid4().hex[:8]}", where="here")


@pytest.fixture
def url(centre: UplinkPlace) -> str:
    return f"mqtt://{HOST}:{centre.address.port}/{centre.base}"


def said(centre: UplinkPlace, *messages: tuple[str, bytes]) -> None:
    link = Link(centre)
    link.start()
    link.expect()
    assert not any(link.deliver(messages))
    link.stop()


def retained(centre: UplinkPlace, edge: str) -> bytes:
    came = threading.Event()
    found: list[bytes] = []

    def heard(_: str, message: bytes) -> None:
        found.append(message)
        came.set()

    link = Link(centre, topics=[centre.topic(edge, "artifact")], heard=heard)
    link.start()
    assert came.wait(10)
    link.stop()
    return found[0]


def test_a_push_waits_for_each_edge_signed_for_it_alone(
    shell: Shell, artifact: Path, centre: UplinkPlace, url: str
) -> None:
    shell("sign", "--new-key", "plant.key")
    shell("sign", artifact, "--key", "plant.key", "-o", "signed.tocsin")
    edges = ("--edge", "hall-1", "--edge", "hall-2")
    done = shell("push", "signed.tocsin", "--to", url, *edges, "--key", "plant.key", "--version", "5", "--json")
    assert json.loads(done.out) == {"version": 5, "edges": {"hall-1": "delivered", "hall-2": "delivered"}}
    for edge in ("hall-1", "hall-2"):
        found = Envelope.decode(retained(centre, edge), Trust.read([Path("plant.pub")]))
        assert (found.edge, found.version, found.name) == (edge, 5, "signed.tocsin")
        assert found.artifact == Path("signed.tocsin").read_bytes()
    assert [own["state"] for own in json.loads(shell("edges", url, "--json").out)] == ["silent", "silent"]


def test_what_no_edge_would_take_is_not_sent(shell: Shell, artifact: Path, url: str) -> None:
    shell("sign", "--new-key", "plant.key")
    done = shell("push", artifact, "--to", url, "--edge", "hall-1", "--key", "plant.key")
    assert (done.code, "is not signed" in done.err) == (2, True)


@pytest.mark.parametrize(
    "wrong",
    [("--edge", "a"), ("--to", "mqtt://localhost/t"), ("--to", "http://x/t", "--edge", "a"), ("--edge", "a/b")],
)
def test_a_push_without_what_it_needs_is_refused(shell: Shell, artifact: Path, wrong: tuple[str, ...]) -> None:
    assert shell("push", artifact, "--key", "plant.key", *wrong).code == 2


def test_no_broker_is_said(shell: Shell) -> None:
    done = shell("edges", "mqtt://127.0.0.1:1/tocsin")
    assert done.code == 2
    assert "The broker at 127.0.0.1:1" in done.err


def test_edges_are_told_and_their_sketches_find_a_limit(
    shell: Shell, artifact: Path, centre: UplinkPlace, url: str
) -> None:
    assert "No edge has told anything" in shell("edges", url).out
    version = Duty(bundle.load(artifact)).version
    scores = Sketch().plus(np.random.default_rng(0).lognormal(size=2_000))
    own = Observed("", version, statuses={"ok": 2_000}, anomalous=20, scores=scores, calm=scores, promised=0.005)
    work = AtWork("", version, "rolling_zscore", "rolled back", 7, "All of it rings: [/x] ['a'] \x1b[2J.")
    health = Health("hall-1", "rolled back", 10**18, 1, (work,), seen=7, devices=3, raw_bytes=1_000, sent_bytes=50)
    said(
        centre,
        (centre.topic("hall-1", "health"), health.encode()),
        (centre.topic("hall-1", "sketch"), told.encode("hall-1", [own])),
        (centre.topic("hall-2", "health"), b"nonsense"),
    )
    shown = shell("edges", url, "--sketch", "fleet.sketch").out
    assert "rolled back: All of it rings: [/x] ['a'] ." in shown
    assert "1 / 0.5 %" in shown
    assert shown.splitlines()[1].rstrip().endswith(" 5 %")
    first, second = json.loads(shell("edges", url, "--json").out)
    assert (first["artifacts"][0]["psi"], first["saved"]) == (pytest.approx(0, abs=1e-6), 0.95)
    assert second["state"] == "silent"
    asked = ("--threshold", "percentile:99", "--sketch", "fleet.sketch", "-o", "anew.tocsin")
    assert shell("recalibrate", artifact, *asked).code == 0
    assert getattr(bundle.load("anew.tocsin").calibration.limits, "limit", 0) == scores.quantile(0.99)
    assert shell("recalibrate", artifact, "normal.csv", *asked).code == 2


def test_a_cascade_is_rehearsed(shell: Shell, artifact: Path, room: Path) -> None:
    done = shell("cascade", artifact, artifact, room, "--forward", "0.7", "--report", "cascade.html", "--json")
    found = json.loads(done.out)
    assert found["asked"] == 0.7
    assert 0.7 in [step["level"] for step in found["levels"]]
    assert Path("cascade.html").read_text("utf-8").startswith("<!doctype html>")
    assert shell("cascade", artifact, artifact, room, "--before", "2").code == 2
