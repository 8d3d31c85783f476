"""The checks that every source must pass, own and third parties', as small named tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.errors import SettingError
from tocsin.core.live import Batch, Expected, Position, Source
from tocsin.testing.check import Check, checks_of

START_NS = 1_767_225_600 * 10**9
EXPECTED = Expected(channels=("v",), time=("time",), device=("device",))
DEVICES = 3
"""Reading k is of device ``d{k mod 3}``, k s after 2026 began, and its value is k."""

_PATIENCE_S = 60.0
_COUNT = 20


@dataclass(frozen=True, eq=False)
class SourceTrial:
    """A source and the place it reads from, fresh for each check.

    Parameters
    ----------
    make
        Makes a source that reads the place with :data:`EXPECTED`, as if in a process of its own.
    write
        Puts readings there, from one number up to another.
    spoil
        Puts something there that means nothing; None where nothing can be wrong there.
    ends
        Does the source end once all is read?
    wrong
        What stands behind the part's name, with a setting that does not exist.
    """

    make: Callable[[], Source]
    write: Callable[[int, int], object]
    spoil: Callable[[], object] | None
    ends: bool
    wrong: str


def source_checks() -> list[Check[SourceTrial]]:
    """Return the checks that a source must pass.

    Examples
    --------
    In a test file of a package with a source of its own::

        @pytest.mark.parametrize("check", source_checks(), ids=lambda check: check.name)
        def test_conforms(check, tmp_path):
            check(SourceTrial(…))
    """
    checks = (
        brings_each_reading_once_in_order,
        goes_on_from_any_position,
        waits_no_longer_than_told,
        puts_nonsense_aside,
        closes_twice,
        says_what_it_promises,
    )
    return checks_of(checks)


@dataclass(eq=False)
class Book:
    """Takes lanes and says where each was left, as the store does."""

    known: dict[str, Position] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)

    def assigned(self, lane: str) -> Position | None:
        """Take a lane."""
        self.held.add(lane)
        return self.known.get(lane)

    def revoked(self, lane: str) -> None:
        """Give a lane up."""
        self.held.discard(lane)

    def lost(self, lane: str) -> None:
        """Give a lane up."""
        self.held.discard(lane)


def brings_each_reading_once_in_order(trial: SourceTrial) -> None:
    """Each reading comes once, those of a device in order, in batches as large as wanted, of lanes that were told."""
    trial.write(0, _COUNT)
    book, found = Book(), list[Batch]()
    source = trial.make()
    for batch in _batches(source, book, _COUNT, most=7):
        assert batch.lane in book.held, f"lane {batch.lane!r} was never assigned"
        assert len(batch.arrivals) <= 7, "a batch is larger than wanted"
        source.commit(batch.lane, batch.position)
        found.append(batch)
    rows = [row[:3] for batch in found for row in told(batch.arrivals)]
    for k in range(DEVICES):
        mine = [row for row in rows if row[0] == f"d{k}"]
        assert mine == reading_list(0, _COUNT, device=k), f"the readings of d{k} are not as written"
    source.close()


def goes_on_from_any_position(trial: SourceTrial) -> None:
    """From any position that it gave, another process goes on to the same bits; a source that cannot says so."""
    trial.write(0, _COUNT)
    first = trial.make()
    if not first.replayable:
        assert first.promise
        return
    whole = list(_batches(first, Book(), _COUNT, most=5))
    first.close()
    for upto in (1, len(whole) - 1):
        left, rest = {batch.lane: batch.position for batch in whole[:upto]}, whole[upto:]
        second = trial.make()
        again = list(_batches(second, Book(left), sum(len(batch.arrivals) for batch in rest), most=4))
        second.close()
        for lane in {batch.lane for batch in rest}:
            assert _of(again, lane) == _of(rest, lane), f"lane {lane!r} does not go on behind batch {upto}"


def waits_no_longer_than_told(trial: SourceTrial) -> None:
    """A poll in vain is empty after the time that it was given; then more comes; a source that ends says None."""
    trial.write(0, _COUNT)
    source = trial.make()
    list(_batches(source, Book(), _COUNT, most=100))
    if trial.ends:
        assert source.poll(10, 0.2) is None
        assert source.poll(10, 0.2) is None
        source.close()
        return
    while (batch := source.poll(10, 0.0)) is not None and len(batch.arrivals):
        continue
    began = time.monotonic()
    batch = source.poll(10, 0.3)
    assert batch is not None, "it ended, though more may come"
    assert not len(batch.arrivals)
    assert 0.2 < time.monotonic() - began < _PATIENCE_S / 2
    trial.write(_COUNT, _COUNT + DEVICES)
    later = [row for one in _polled(source, DEVICES, most=10) for row in told(one.arrivals)]
    assert sorted(row[2] for row in later) == [_COUNT, _COUNT + 1, _COUNT + 2]
    source.close()


def puts_nonsense_aside(trial: SourceTrial) -> None:
    """What means nothing is a dead letter that says where it came from and why; what follows it comes all the same."""
    if trial.spoil is None:
        return
    trial.write(0, DEVICES)
    trial.spoil()
    trial.write(DEVICES, _COUNT)
    source, dead = trial.make(), list[DeadLetter]()
    rows = []
    for batch in _batches(source, Book(), _COUNT, most=100):
        dead += batch.dead
        rows += told(batch.arrivals)
    until = time.monotonic() + _PATIENCE_S
    while not dead and time.monotonic() < until and (more := source.poll(10, 0.1)) is not None:
        dead += more.dead
    assert len(rows) == _COUNT
    assert dead, "nobody was told of the nonsense"
    assert all(letter.reason and letter.origin for letter in dead)
    source.close()


def closes_twice(trial: SourceTrial) -> None:
    """It may be closed before it was opened, and more than once."""
    trial.write(0, DEVICES)
    trial.make().close()
    source = trial.make()
    source.open(Book())
    source.close()
    source.close()


def says_what_it_promises(trial: SourceTrial) -> None:
    """It says what it promises in a sentence, and what it makes of a setting that does not exist."""
    source = trial.make()
    assert source.promise.endswith("."), "it promises nothing"
    source.close()
    try:
        type(source).parse(trial.wrong, EXPECTED)
    except SettingError as error:
        remedy = error.remedy
    else:
        raise AssertionError(f"{trial.wrong!r} was taken")
    assert remedy, "it does not say what to do"


def told(arrivals: Arrivals) -> list[tuple[str, int, float, int]]:
    """Return readings as (device, time, value, arrived)."""
    names = [arrivals.devices[k] for k in arrivals.device]
    values = arrivals.values[:, arrivals.channels.index("v")] if len(arrivals) else np.zeros(0)
    return list(zip(names, arrivals.time.tolist(), values.tolist(), arrivals.arrived.tolist(), strict=True))


def reading_list(start: int, stop: int, *, device: int | None = None) -> list[tuple[str, int, float]]:
    """Return the readings that :attr:`SourceTrial.write` puts down, as (device, time, value).

    >>> reading_list(0, 2)
    [('d0', 1767225600000000000, 0.0), ('d1', 1767225601000000000, 1.0)]
    """
    wanted = (k for k in range(start, stop) if device is None or k % DEVICES == device)
    return [(f"d{k % DEVICES}", START_NS + k * 10**9, float(k)) for k in wanted]


def _of(batches: list[Batch], lane: str) -> list[tuple[str, int, float, int]]:
    return [row for batch in batches if batch.lane == lane for row in told(batch.arrivals)]


def _batches(source: Source, book: Book, count: int, *, most: int) -> Iterator[Batch]:
    """Open a source and yield its batches with readings until there were ``count``."""
    source.open(book)
    yield from _polled(source, count, most=most)


def _polled(source: Source, count: int, *, most: int) -> Iterator[Batch]:
    until = time.monotonic() + _PATIENCE_S
    while count > 0:
        assert time.monotonic() < until, f"{count} readings have not come within {_PATIENCE_S:g} s"
        batch = source.poll(most, 0.1)
        assert batch is not None, f"it ended {count} readings too early"
        if len(batch.arrivals) or batch.dead:
            count -= len(batch.arrivals)
            yield batch
