"""Whatever dies, and wherever: what is told and what is kept is what an uninterrupted run tells and keeps."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.engine.live.recovering import (
    DEVICES,
    SELDOM,
    FusedMailbox,
    FusedShelf,
    duty,
    fresh_store,
    lives,
    outcome,
    stream,
)

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrivals import Arrivals
from tocsin.engine.live.pace import Pace
from tocsin.store import open_store
from tocsin.testing.servers import Postgres
from tocsin.testing.toy_sources import Mailbox, Shelf

WHOLE = stream()
EAGER = Pace(snapshot_s=0.0, snapshot_cost=0.0)
CUTS = st.lists(st.integers(1, len(WHOLE) - 1), max_size=12, unique=True).map(sorted)
FUSES = st.lists(st.integers(1, 60), max_size=8)
PACES = st.sampled_from([SELDOM, EAGER, Pace(snapshot_s=0.004, snapshot_cost=0.0)])


def parts(cuts: Sequence[int]) -> list[Arrivals]:
    return [WHOLE.take(slice(a, b)) for a, b in zip([0, *cuts], [*cuts, len(WHOLE)], strict=True)]


def mailbox_of(messages: Sequence[Arrivals]) -> Mailbox:
    mailbox = Mailbox(ends=True)
    for message in messages:
        mailbox.put(message)
    return mailbox


def of_mailbox(
    artifact: Artifact, messages: Sequence[Arrivals], fuses: Sequence[int] = (), pace: Pace = SELDOM
) -> object:
    mailbox = mailbox_of(messages)
    with tempfile.TemporaryDirectory() as folder:
        store = fresh_store(Path(folder))
        lives(store, partial(FusedMailbox, mailbox), [duty(artifact)], fuses=fuses, pace=pace)
        assert (mailbox.unacknowledged, mailbox.acknowledged) == ({}, len(messages))
        found = outcome(store)
        store.close()
        return found


def of_shelf(artifact: Artifact, fuses: Sequence[int] = (), pace: Pace = SELDOM) -> object:
    two = WHOLE.device == 1
    shelf = Shelf({"readings/0": WHOLE.take(~two), "readings/1": WHOLE.take(two)})
    with tempfile.TemporaryDirectory() as folder:
        store = fresh_store(Path(folder))
        lives(store, partial(FusedShelf, shelf), [duty(artifact)], fuses=fuses, pace=pace)
        assert shelf.committed == {lane: shelf.length(lane) for lane in shelf.lanes}
        found = outcome(store)
        store.close()
        return found


@pytest.fixture(scope="module")
def undisturbed(zscore: Artifact) -> object:
    return of_mailbox(zscore, parts([]))


@pytest.fixture(scope="module")
def undisturbed_shelf(zscore: Artifact) -> object:
    return of_shelf(zscore)


def test_the_stream_shows_something(undisturbed: tuple[set[str], dict[str, list[tuple[str, ...]]]]) -> None:
    notices, kept = undisturbed
    assert any("what='stale'" in notice for notice in notices)
    assert any("what='anomaly'" in notice for notice in notices)
    assert {row[0] for row in kept[""]} == set(DEVICES)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(CUTS, FUSES, PACES)
@example([40, 80], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], SELDOM)
def test_a_journal_loses_nothing_and_tells_nothing_twice(
    undisturbed: object, zscore: Artifact, cuts: list[int], fuses: list[int], pace: Pace
) -> None:
    assert of_mailbox(zscore, parts(cuts), fuses, pace) == undisturbed


@settings(max_examples=10, deadline=None)
@given(FUSES, PACES)
def test_a_source_that_can_be_read_again_is_the_same(
    undisturbed_shelf: object, zscore: Artifact, fuses: list[int], pace: Pace
) -> None:
    assert of_shelf(zscore, fuses, pace) == undisturbed_shelf


def test_postgresql_is_the_same(postgres: Postgres, undisturbed: object, zscore: Artifact) -> None:
    store = open_store(postgres.fresh())
    mailbox = mailbox_of(parts([30, 90, 91, 200]))
    lives(store, partial(FusedMailbox, mailbox), [duty(zscore)], fuses=[5, 9, 14, 20], pace=SELDOM)
    assert outcome(store) == undisturbed
    store.close()
