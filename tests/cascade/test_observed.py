"""What an edge observes: counts by hand, the same however frames are cut, and back from bytes."""

from __future__ import annotations

import json
import zlib
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cascade.conftest import Plant

from tocsin.artifact import bundle
from tocsin.cascade import told
from tocsin.cascade.edge_seen import EdgeSeen
from tocsin.cascade.fleet import fleet_sketch, together
from tocsin.cascade.gauge import Gauge
from tocsin.cascade.health import AtWork, Health
from tocsin.cascade.observed import Observed
from tocsin.core.errors import InputError
from tocsin.core.frames import Frame
from tocsin.core.reference import Reference
from tocsin.core.sketch import Sketch
from tocsin.core.verdicts import Status
from tocsin.lifecycle.drift import drift
from tocsin.lifecycle.recent import Recent


def frame(score: np.ndarray, *, version: str = "v1", status: Status = Status.ok) -> Frame:
    """Return verdicts of one device with two channels."""
    n = len(score)
    values = np.stack([score, -score], axis=1).astype(np.float32)
    rows = np.arange(n)
    return Frame(
        "rooms",
        version,
        False,
        ("c0", "c1"),
        ("room-1",),
        np.zeros(n, np.int64),
        rows,
        values,
        score=np.asarray(score, np.float64),
        limit=np.full(n, 2.0),
        status=np.full(n, status, np.uint8),
        cause=np.full(n, -1),
    )


def test_counts_by_hand() -> None:
    gauge = Gauge()
    gauge.show([frame(np.array([1.0, 3.0, 2.0]))], ())
    gauge.show([frame(np.array([np.nan]), status=Status.warming), frame(np.array([9.0]), version="v2")], ())
    found = gauge.observed()
    one = found[("rooms", "v1")]
    assert (one.readings, one.judged, one.anomalous) == (4, 3, 1)
    assert one.statuses == {"ok": 3, "warming": 1}
    assert one.flagged == pytest.approx(1 / 3)
    assert one.scores.total == 3
    assert one.channels["c1"].quantile(0.0) == pytest.approx(-3, rel=0.01)
    assert found[("rooms", "v2")].anomalous == 1


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 60), max_size=4))
def test_cuts_change_nothing(cuts: list[int]) -> None:
    score = np.linspace(0.1, 4, 60)
    whole, parts = Gauge(), Gauge()
    whole.show([frame(score)], ())
    for part in np.split(score, sorted(cuts)):
        parts.show([frame(part)], ())
        parts.observed()
    one, other = whole.observed()[("rooms", "v1")], parts.observed()[("rooms", "v1")]
    assert {**one.document(), "since": 0, "until": 0} == {**other.document(), "since": 0, "until": 0}


def test_bytes_bring_it_back_and_other_bytes_are_refused() -> None:
    gauge = Gauge()
    gauge.show([frame(np.linspace(0.1, 4, 60))], ())
    own = gauge.observed()[("rooms", "v1")]
    edge, found = told.decode(told.encode("hall-3", [own]))
    assert (edge, found[0].document()) == ("hall-3", own.document())
    for other in (b"", b"nonsense", told.encode("x", [])[:-4]):
        with pytest.raises(InputError):
            told.decode(other)


def test_no_reading_leaves_the_edge() -> None:
    """A value that occurs once cannot be found in what is told, to more than a per cent."""
    gauge = Gauge()
    gauge.show([frame(np.array([12.3456789]))], ())
    found = told.decode(told.encode("hall-3", [gauge.observed()[("rooms", "v1")]]))[1][0]
    assert found.channels["c0"].quantile(0.5) != pytest.approx(12.3456789, rel=1e-5)
    assert "room-1" not in str(found.document())


def test_drift_from_sketches_is_drift_from_scores(plant: Plant) -> None:
    then = np.random.default_rng(0).lognormal(size=1_000)
    artifact = replace(bundle.load(plant.folder / "better.tocsin"), evidence=Reference.of(then))
    limit = float(getattr(artifact.calibration.limits, "limit", np.nan))
    gauge = Gauge()
    gauge.expect("rooms", "v1", artifact)
    late = np.tile(then, 5) * 1.3
    gauge.show([frame(late)], ())
    observed = gauge.observed()[("rooms", "v1")]
    n = len(late)
    recent = Recent(late, np.full(n, limit), np.arange(n), np.ones(n))
    true = drift(artifact, recent).psi
    assert true is not None
    assert observed.psi() == pytest.approx(true, rel=0.25)
    assert observed.promised == pytest.approx(float((then > limit).mean()))
    calm = Gauge()
    calm.expect("rooms", "v1", artifact)
    calm.show([frame(np.tile(then, 5))], ())
    assert (calm.observed()[("rooms", "v1")].psi() or 0) < 0.02


def test_edges_together_observe_what_each_did() -> None:
    parts = []
    for seed in range(3):
        gauge = Gauge()
        gauge.show([frame(np.random.default_rng(seed).lognormal(size=500))], ())
        parts.append(gauge.observed()[("rooms", "v1")])
    seen = [EdgeSeen(f"hall-{k}", None, (own,)) for k, own in enumerate(parts)]
    whole = told.decode(fleet_sketch(seen))[1][0]
    assert whole.readings == 1_500
    assert whole.scores.total == 1_500
    every = np.concatenate([np.random.default_rng(seed).lognormal(size=500) for seed in range(3)])
    assert whole.scores.quantile(0.99) == pytest.approx(np.quantile(every, 0.99, method="lower"), rel=0.01)
    with pytest.raises(InputError, match="No edge has told"):
        together(parts, "v9")


def test_an_edge_in_words() -> None:
    health = Health(
        "hall-3", "probation", 5, 1, (AtWork("rooms", "v1", "pca", "probation", 7),), seen=7, raw_bytes=1000
    )
    own = Observed("rooms", "v1", statuses={"ok": 200}, anomalous=2, scores=Sketch(), promised=0.005)
    document = EdgeSeen("hall-3", health, (own,), ordered=7).document()
    assert (document["state"], document["saved"], document["artifacts"][0]["flagged"]) == ("probation", 1.0, 0.01)
    assert EdgeSeen("hall-3", health, (own,), ordered=8).state == "push waits"
    assert EdgeSeen("hall-3").state == "silent"


HOSTILE: list[Any] = [None, True, -1, 1e400, 10**400, float("nan"), "", "x", [], {}, {"a": 1}]
"""What JSON may hold in the place of anything."""


@pytest.mark.parametrize("message", [b"", b"{}", b"[]", b'{"edge": 1}', b"\xff", b"[" * 100_000])
def test_other_health_is_refused(message: bytes) -> None:
    with pytest.raises(InputError):
        Health.decode(message)
    with pytest.raises(InputError):
        told.decode(zlib.compress(message))


def test_whatever_stands_in_a_message_it_is_read_or_refused() -> None:
    health = json.loads(Health("hall-3", "steady", 5, 1, (AtWork("", "0a", "pca"),)).encode())
    observed = Observed("", "0a", statuses={"ok": 1}, promised=0.5).document()
    for strange in HOSTILE:
        works = [{**health["artifacts"][0], name: strange} for name in health["artifacts"][0]]
        for changed in [{**health, name: strange} for name in health] + [
            {**health, "artifacts": [own]} for own in works
        ]:
            with suppress(InputError):
                json.dumps(EdgeSeen("hall-3", Health.decode(json.dumps(changed).encode())).document())
        for changed in [{**observed, name: strange} for name in observed]:
            with suppress(InputError):
                Observed.of(json.loads(json.dumps(changed))).document()
