"""A source that breaks a promise is caught by the check that holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tocsin.core.live import Batch, Lanes, Position, Source
from tocsin.sources.replay import Replay
from tocsin.sources.tail import Tail
from tocsin.testing.source_checks import EXPECTED, Book, SourceTrial, reading_list, source_checks

CHECKS = {check.name: check for check in source_checks()}


class Wrapped(Source):
    """A replay that does one thing wrong."""

    replayable = True
    promise = "Nothing is lost."

    def __init__(self, inner: Source) -> None:
        self._inner = inner

    @classmethod
    def parse(cls, text: str, expect: object) -> Source:
        del expect
        return Replay.parse(text, EXPECTED)

    def open(self, lanes: Lanes) -> None:
        self._inner.open(lanes)

    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        return self._inner.poll(max_rows, timeout_s)

    def commit(self, lane: str, position: Position) -> None:
        self._inner.commit(lane, position)


class Greedy(Wrapped):
    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        return self._inner.poll(10 * max_rows, timeout_s)


class Backwards(Wrapped):
    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        batch = self._inner.poll(max_rows, timeout_s)
        return batch and replace(batch, arrivals=batch.arrivals.take(slice(None, None, -1)))


class Unannounced(Wrapped):
    def open(self, lanes: Lanes) -> None:
        del lanes
        self._inner.open(Book())


class Forgetful(Wrapped):
    def open(self, lanes: Lanes) -> None:
        lanes.assigned("")
        self._inner.open(Book())


class Silent(Wrapped):
    promise = ""


class Lenient(Wrapped):
    @classmethod
    def parse(cls, text: str, expect: object) -> Source:
        del expect
        return Replay.parse(text.partition("?")[0], EXPECTED)


class Closed(Wrapped):
    def close(self) -> None:
        self._inner = None  # type: ignore[assignment]
        self.poll = self._inner.poll  # type: ignore[method-assign]


class Endless(Wrapped):
    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        return self._inner.poll(max_rows, timeout_s) or Batch(EMPTY.arrivals, Position("20"))


EMPTY = Batch(Replay.parse("none.csv", EXPECTED)._arrivals, Position(""))


def trial(path: Path, made: Callable[[], Source]) -> SourceTrial:
    def write(start: int, stop: int) -> None:
        with path.open("a") as file:
            file.writelines(
                f"{time // 10**9},{device},{value:g}\n" for device, time, value in reading_list(start, stop)
            )

    path.write_text("time,device,v\n")
    return SourceTrial(make=made, write=write, spoil=None, ends=True, wrong=f"{path}?nothing=3")


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (Greedy, "brings_each_reading_once_in_order"),
        (Backwards, "brings_each_reading_once_in_order"),
        (Unannounced, "brings_each_reading_once_in_order"),
        (Forgetful, "goes_on_from_any_position"),
        (Endless, "waits_no_longer_than_told"),
        (Silent, "says_what_it_promises"),
        (Lenient, "says_what_it_promises"),
        (Closed, "closes_twice"),
    ],
)
def test_a_broken_promise_is_noticed(kind: type[Wrapped], check: str, tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    CHECKS[check](trial(path, lambda: Replay.parse(str(path), EXPECTED)))
    with pytest.raises((AssertionError, AttributeError)):
        CHECKS[check](trial(path, lambda: kind(Replay.parse(str(path), EXPECTED))))


def test_nonsense_that_vanishes_is_noticed(tmp_path: Path) -> None:
    class Discreet(Wrapped):
        def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
            batch = self._inner.poll(max_rows, timeout_s)
            return batch and replace(batch, dead=())

    path = tmp_path / "readings.csv"

    def spoil() -> None:
        with path.open("a") as file:
            file.write("1,2,3,4,5\n")

    tail = Tail.parse(f"{path}?follow=no", EXPECTED)
    with pytest.raises(AssertionError, match="nobody was told"):
        CHECKS["puts_nonsense_aside"](replace(trial(path, lambda: Discreet(tail)), spoil=spoil))
    tail.close()


def test_every_check_says_what_it_holds() -> None:
    assert all(check.promise.endswith(".") for check in CHECKS.values())
