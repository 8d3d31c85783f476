"""Whatever happens between batches, the store ends with what an uninterrupted run would have left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import event

from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.live import Position
from tocsin.core.notices import Notice
from tocsin.core.tidings import Kept, Tidings
from tocsin.store import Entry, State, Store, Superseded, open_store
from tocsin.testing._store_toys import Kind, notice

FEEDS = count()
KINDS: tuple[Kind, ...] = ("open", "update", "close")


class PowerCutError(Exception):
    """The power is gone."""


@contextmanager
def power_cut(store: Store, statements: int) -> Iterator[None]:
    """Stop a transaction before its n-th statement."""
    engine, seen = store._database._engine, count()

    def stop(*_: object) -> None:
        if next(seen) == statements:
            raise PowerCutError

    event.listen(engine, "before_cursor_execute", stop)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", stop)


class Life(RuleBasedStateMachine):
    """One lane, read in batches of any size, with crashes anywhere; batch k tells of incident k // 3."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.number = next(FEEDS)
        self.feed = f"feed-{self.number}"
        self.at = self.last = self.judged = self.saved = 0
        self.taken: list[tuple[str, int]] = []
        self.epoch = self.store.claim(self.feed, "", "life").epoch

    def notice(self, k: int) -> Notice:
        kind: Kind = KINDS[k % 3] if k % 4 else "held"
        own = notice(f"{self.feed}-{k // 3}", k % 3, kind, device=f"pump-{k % 2}", end=k)
        return replace(own, duty=self.feed, start=k)

    def entry(self, until: int, *, saves: bool) -> Entry:
        steps = np.arange(self.at, until)
        ones, ok = np.ones(len(steps)), np.zeros(len(steps), np.uint8)
        verdicts = Kept(
            self.feed, ("even", "odd"), steps % 2, self.times(steps), ones, ones, ok, np.full(len(steps), NEVER)
        )
        news = Tidings(tuple(self.notice(k) for k in steps.tolist()), (verdicts,))
        state = State(Position(str(until)), {"at": str(until).encode()}) if saves else None
        return Entry(self.feed, "", self.epoch, Position(str(until)), news, (self.feed,), state)

    @rule(size=st.integers(1, 5), saves=st.booleans())
    def goes_on(self, size: int, saves: bool) -> None:
        until = self.at + size
        self.store.write(self.entry(until, saves=saves))
        self.reached(until, saves=saves)

    @rule(size=st.integers(1, 5), statements=st.integers(0, 7))
    def is_cut_off(self, size: int, statements: int) -> None:
        entry = self.entry(self.at + size, saves=True)
        with power_cut(self.store, statements):
            try:
                self.store.write(entry)
            except PowerCutError:
                return
        self.reached(self.at + size, saves=True)

    @rule()
    def starts_anew(self) -> None:
        old = self.epoch
        claim = self.store.claim(self.feed, "", "life")
        self.epoch = claim.epoch
        assert (int(claim.snapshot.value) if claim.snapshot else 0) == self.saved
        assert (int(claim.judged.value) if claim.judged else 0) == self.last
        assert dict(claim.parts) == ({"at": str(self.saved).encode()} if self.saved else {})
        self.at = self.saved
        with pytest.raises(Superseded):
            self.store.write(Entry(self.feed, "", old, Position("1"), Tidings()))

    @rule(most=st.integers(1, 6))
    def delivers(self, most: int) -> None:
        letters = self.store.due(self.feed, now_ns=1, most=most)
        self.taken += [(letter.notice.id, letter.notice.revision) for letter in letters]
        self.store.delivered([letter.number for letter in letters])

    @precondition(lambda self: self.judged)
    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        expected = [self.notice(k) for k in range(self.judged)]
        found = self.store.incidents(duty=self.feed)
        history = [news for own in found for news in self.store.incident(own.notice.id)[1]]
        assert sorted(history, key=lambda own: own.start) == expected
        assert {own.notice for own in found} == {expected[min(3 * k + 2, self.judged - 1)] for k in range(len(found))}
        waiting = self.store.due(self.feed, now_ns=1, most=10**6)
        told = self.taken + [(own.notice.id, own.notice.revision) for own in waiting]
        assert told == [(own.id, own.revision) for own in expected if own.kind != "held"]
        assert self.store.verdicts(duty=self.feed).time.tolist() == self.times(np.arange(self.judged)).tolist()

    def times(self, steps: IntArray) -> IntArray:
        """Return times of verdicts, in minutes that no other life has."""
        return (self.number * 1_000 + steps) * 60 * 10**9

    def reached(self, until: int, *, saves: bool) -> None:
        self.at = self.last = until
        self.judged = max(self.judged, until)
        self.saved = until if saves else self.saved


def test_any_life_leaves_the_same(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/tocsin.db?synchronous=normal")
    Life.store = store
    run_state_machine_as_test(Life, settings=settings(max_examples=15, stateful_step_count=20, deadline=None))
    store.close()
