"""Wherever an edge dies: what waits for the centre is what would wait if it had lived, each device's in order."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.conftest import make_artifact
from tests.engine.live.recovering import SELDOM, FusedMailbox, duty, fresh_store, lives, stream

from tocsin.core.forwards import decode, raw_bytes
from tocsin.engine.forward import Forward
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.feed import Feed
from tocsin.engine.live.pace import Pace
from tocsin.store import Store
from tocsin.testing.toy_sources import Mailbox, Shelf, ShelfSource

WHOLE = stream()
LAW = Forward(level=0.9, before=14, after=5)
PACES = st.sampled_from([SELDOM, Pace(snapshot_s=0.0, snapshot_cost=0.0), Pace(snapshot_s=0.004, snapshot_cost=0.0)])


@cache
def edge() -> Duty:
    return replace(duty(make_artifact("rolling_zscore")), forward=LAW)


def waiting(store: Store) -> dict[str, list[tuple[int, bytes]]]:
    """Return what waits of each device, in order, what waits twice once."""
    found: dict[str, dict[tuple[int, bytes], None]] = {}
    for parcel in store.parcels(most=10**6):
        some = decode(parcel.block)
        for k, device in enumerate(some.device.tolist()):
            row = int(some.time[k]), some.values[k].tobytes()
            found.setdefault(some.devices[device], {}).setdefault(row)
    return {device: list(rows) for device, rows in sorted(found.items())}


def lived(cuts: Sequence[int], fuses: Sequence[int] = (), pace: Pace = SELDOM) -> dict[str, list[tuple[int, bytes]]]:
    mailbox = Mailbox(ends=True)
    for start, stop in zip([0, *cuts], [*cuts, len(WHOLE)], strict=True):
        mailbox.put(WHOLE.take(slice(start, stop)))
    with tempfile.TemporaryDirectory() as folder:
        store = fresh_store(Path(folder))
        lives(store, partial(FusedMailbox, mailbox), [edge()], fuses=fuses, pace=pace)
        found = waiting(store)
        store.close()
    return found


@cache
def undisturbed() -> dict[str, list[tuple[int, bytes]]]:
    return lived([])


@settings(max_examples=8, deadline=None)
@given(
    cuts=st.lists(st.integers(1, len(WHOLE) - 1), max_size=12, unique=True).map(sorted),
    fuses=st.lists(st.integers(1, 60), max_size=8),
    pace=PACES,
)
def test_deaths_lose_nothing_and_change_no_order(cuts: list[int], fuses: list[int], pace: Pace) -> None:
    assert 0 < sum(map(len, undisturbed().values())) < len(WHOLE)
    assert lived(cuts, fuses, pace) == undisturbed()


@pytest.fixture
def counted(tmp_path: Path) -> Feed:
    """A feed that has read to the end from a source that does not count the bytes of its messages."""
    store = fresh_store(tmp_path)
    feed = Feed("plant", ShelfSource(Shelf({"readings/0": WHOLE})), [edge()], store)
    feed.run(threading.Event())
    store.close()
    return feed


def test_what_is_saved_is_counted(counted: Feed) -> None:
    of = partial(counted.meters.value, labels=("plant",))
    forwarded = sum(map(len, undisturbed().values()))
    assert of("tocsin_cascade_raw_bytes_total") == raw_bytes(WHOLE)
    assert of("tocsin_cascade_readings_total") == forwarded
    assert 0 < of("tocsin_cascade_stretches_total") < forwarded / LAW.before
