"""Real sources for tests, in memory: one that can be read again, one that delivers until it is acknowledged."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.live import Batch, Lanes, Position, Source


class Shelf:
    """Readings that lie in lanes for good, as in a topic or in files; outlives the sources that read it.

    Parameters
    ----------
    lanes
        What lies there, by lane.
    ends
        Is there an end? Else more may come.

    Examples
    --------
    >>> Shelf({"": Arrivals.none()}).length("")
    0
    """

    def __init__(self, lanes: Mapping[str, Arrivals], *, ends: bool = True) -> None:
        self.lanes = {lane: [arrivals] for lane, arrivals in lanes.items()}
        self.ends = ends
        self.committed: dict[str, int] = {}

    def put(self, lane: str, arrivals: Arrivals) -> None:
        """Add readings behind those that are there."""
        self.lanes.setdefault(lane, []).append(arrivals)

    def length(self, lane: str) -> int:
        """Return how many readings a lane holds."""
        return sum(map(len, self.lanes[lane]))

    def rows(self, lane: str, start: int, most: int) -> Arrivals:
        """Return at most ``most`` readings of one block of a lane, from ``start`` on."""
        for block in self.lanes[lane]:
            if start < len(block):
                return block.take(slice(start, start + most))
            start -= len(block)
        return Arrivals.none()


class ShelfSource(Source):
    """Reads a shelf. Tests may have it hand lanes over, lose them, be away, or fail.

    Parameters
    ----------
    shelf
        What it reads.
    lanes
        The lanes it is given at the start; None for all.
    """

    replayable: ClassVar[bool] = True
    shared: ClassVar[bool] = True
    promise: ClassVar[str] = "Nothing is lost."

    def __init__(self, shelf: Shelf, *, lanes: tuple[str, ...] | None = None) -> None:
        self.shelf, self.here = shelf, True
        self.error: Exception | None = None
        """Raised by the next poll."""
        self._first = tuple(shelf.lanes) if lanes is None else lanes
        self._at: dict[str, int] = {}
        self._turns = deque[str]()
        self._soon = deque[Callable[[], None]]()

    def open(self, lanes: Lanes) -> None:
        """Begin."""
        self._told = lanes
        for lane in self._first:
            self._give(lane)

    def give(self, lane: str) -> None:
        """Have a lane assigned in the next poll."""
        self._soon.append(partial(self._give, lane))

    def revoke(self, lane: str) -> None:
        """Have a lane revoked in the next poll."""
        self._soon.append(partial(self._leave, lane, told=self._told.revoked))

    def lose(self, lane: str) -> None:
        """Have a lane lost in the next poll."""
        self._soon.append(partial(self._leave, lane, told=self._told.lost))

    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        """Return the next readings of the lane whose turn it is."""
        while self._soon:
            self._soon.popleft()()
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        if self.here:
            for _ in range(len(self._turns)):
                self._turns.rotate(-1)
                if (batch := self._batch(self._turns[-1], max_rows)) is not None:
                    return batch
            if self.shelf.ends:
                return None
        time.sleep(min(timeout_s, 0.001))
        return Batch(Arrivals.none(), Position(""))

    def commit(self, lane: str, position: Position) -> None:
        """Note how far everything is safe."""
        self.shelf.committed[lane] = int(position.value)

    def connected(self) -> bool:
        """Tell what the test has set."""
        return self.here

    def _batch(self, lane: str, most: int) -> Batch | None:
        rows = self.shelf.rows(lane, self._at[lane], most)
        if not len(rows):
            return None
        self._at[lane] += len(rows)
        waiting = sum(self.shelf.length(own) - at for own, at in self._at.items())
        return Batch(rows, Position(str(self._at[lane])), lane, waiting=waiting)

    def _give(self, lane: str) -> None:
        position = self._told.assigned(lane)
        self._at[lane] = 0 if position is None else int(position.value)
        self._turns.append(lane)

    def _leave(self, lane: str, *, told: Callable[[str], None]) -> None:
        del self._at[lane]
        self._turns.remove(lane)
        told(lane)


@dataclass(eq=False)
class Mailbox:
    """What a broker holds for one session: messages that it delivers again until they are acknowledged.

    Parameters
    ----------
    lane
        The only lane.
    waiting
        What was not delivered yet, or must be again.
    unacknowledged
        What was delivered, by its number.
    acknowledged
        How many were.
    """

    lane: str = "0/1"
    waiting: deque[tuple[int, Arrivals, tuple[DeadLetter, ...]]] = field(default_factory=deque)
    unacknowledged: dict[int, tuple[Arrivals, tuple[DeadLetter, ...]]] = field(default_factory=dict)
    acknowledged: int = 0
    ends: bool = False
    _sent: int = 0

    def put(self, arrivals: Arrivals, *, dead: tuple[DeadLetter, ...] = ()) -> None:
        """Publish a message."""
        self._sent += 1
        self.waiting.append((self._sent, arrivals, dead))

    def resume(self) -> None:
        """Deliver again what was not acknowledged, as after a new connection, before what is new."""
        again = sorted(self.unacknowledged.items(), reverse=True)
        self.waiting.extendleft((number, *message) for number, message in again)
        self.unacknowledged.clear()


class MailboxSource(Source):
    """Reads a mailbox, a message at a poll; one that was acknowledged can never be read again.

    Parameters
    ----------
    mailbox
        What it reads; a new source of it is a new connection.
    """

    promise: ClassVar[str] = "Nothing is lost that was acknowledged late enough."

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox, self.here, self.recalled = mailbox, True, b""
        self._read = 0

    def open(self, lanes: Lanes) -> None:
        """Connect."""
        lanes.assigned(self.mailbox.lane)
        self.mailbox.resume()

    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:  # noqa: ARG002  # no message is cut
        """Return the next message."""
        if not (self.here and self.mailbox.waiting):
            if self.mailbox.ends:
                return None
            time.sleep(min(timeout_s, 0.001))
            return Batch(Arrivals.none(), Position(""), self.mailbox.lane)
        number, arrivals, dead = self.mailbox.waiting.popleft()
        self.mailbox.unacknowledged[number] = arrivals, dead
        self._read += len(arrivals)
        return Batch(arrivals, Position(str(number)), self.mailbox.lane, dead)

    def commit(self, lane: str, position: Position) -> None:  # noqa: ARG002  # there is one lane
        """Acknowledge everything up to a message."""
        for number in [number for number in self.mailbox.unacknowledged if number <= int(position.value)]:
            del self.mailbox.unacknowledged[number]
            self.mailbox.acknowledged += 1

    def connected(self) -> bool:
        """Tell what the test has set."""
        return self.here

    def memory(self) -> bytes:
        """Return how many readings were ever read, as a source would that must remember something."""
        return str(self._read).encode()

    def recall(self, memory: bytes) -> None:
        """Go on counting."""
        self.recalled = memory
        self._read = int(memory)
