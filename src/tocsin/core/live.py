"""What live parts promise: sources, the payloads that they carry, and sinks; checked by :mod:`tocsin.testing`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.errors import SettingError
from tocsin.core.notices import Failure, Notice


@dataclass(frozen=True)
class Position:
    """How far a source has been read, in the source's own terms: enough to go on from there."""

    value: str


@dataclass(frozen=True, eq=False)
class Batch:
    """What one poll brought.

    Parameters
    ----------
    arrivals
        Readings, possibly none: a tick.
    position
        Where the lane stands behind them.
    lane
        Which lane they are of.
    dead
        Messages among them that mean nothing.
    waiting
        How many readings are known to wait behind them; None where nobody knows.
    size
        Bytes of the messages that brought them; None where nobody counts.
    """

    arrivals: Arrivals
    position: Position
    lane: str = ""
    dead: tuple[DeadLetter, ...] = ()
    waiting: int | None = None
    size: int | None = None


class Lanes(Protocol):
    """Whom a source tells which lanes it reads.

    A lane is what is read in order and moves as one: a Kafka partition, a worker's share of an MQTT fleet, a file. All
    that is remembered of a device belongs to its lane.
    """

    def assigned(self, lane: str) -> Position | None:
        """Take a lane over; return where to go on reading, None where nobody has read it."""

    def revoked(self, lane: str) -> None:
        """Finish, write and release a lane that somebody else will take over."""

    def lost(self, lane: str) -> None:
        """Drop a lane that somebody else has already taken over, without writing."""


class Source(ABC):
    """Where readings come from. A frozen dataclass of settings cannot be one: a source holds a connection.

    One thread calls it. A source that can be read again from a position is ``replayable``; what others bring is
    written to a journal before it is committed, so that nobody above can tell the two apart.
    """

    replayable: ClassVar[bool] = False
    """Can it go on from any position that it gave and that was not yet committed, also in another process?"""
    live: ClassVar[bool] = True
    """Does time pass while nothing comes? Of a file that is replayed it does not."""
    shared: ClassVar[bool] = False
    """May several processes share its lanes, so that one can lose a lane to another while it runs?"""
    promise: ClassVar[str] = ""
    """What it promises, in a sentence: that nothing is lost, or why it cannot."""

    @classmethod
    def parse(cls, text: str, expect: Expected) -> Source:
        """Return the source written as ``text``, all that stands behind the part's name: ``//host/topic?setting=…``.

        Nothing is opened yet.

        Raises
        ------
        SettingError
            If it cannot work, with an example that can; or if it is not meant to be written as text.
        """
        del text, expect
        raise SettingError(f"A {cls.__name__} is made by a program, not written.", remedy="Name another source.")

    @abstractmethod
    def open(self, lanes: Lanes) -> None:
        """Begin; tell ``lanes`` of every lane, now or in a later poll."""

    @abstractmethod
    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        """Return the next readings of one lane, an empty batch where none came in time, or None at the end.

        A connection that is gone comes back by itself; while it is gone, batches are empty.
        """

    @abstractmethod
    def commit(self, lane: str, position: Position) -> None:
        """Promise that whatever led up to ``position`` is safe; the source may forget it."""

    def connected(self) -> bool:
        """Tell whether there is a connection, as far as one can know."""
        return True

    def memory(self) -> bytes:
        """Return what the source must remember beside the position to understand what comes next."""
        return b""

    def recall(self, memory: bytes) -> None:  # noqa: B027  # most sources remember nothing
        """Go on with what :meth:`memory` returned in an earlier process; called before :meth:`open`."""

    def close(self) -> None:  # noqa: B027  # a source without resources need not override it
        """Release what the source holds. May be called more than once."""


@dataclass(frozen=True)
class Expected:
    """What a source may know of the readings that it will bring.

    Parameters
    ----------
    channels
        Names of the channels that some artifact wants.
    time, device
        Names under which time and device may be found, the likeliest first.
    time_format, timezone
        As in :class:`tocsin.sources.Layout`; "" for a guess.
    missing
        Texts that mean "missing".
    context
        How many readings an edge must forward in front of a strange one so that windows here are full when it comes,
        and behind it so that incidents end here; 0 for any number.
    """

    channels: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    device: tuple[str, ...] = ()
    time_format: str = ""
    timezone: str = "UTC"
    missing: tuple[str, ...] = ()
    context: tuple[int, int] = (0, 0)


class Payload(ABC):
    """How messages are read. Remembers at most what :meth:`memory` returns."""

    @abstractmethod
    def read(self, messages: Sequence[Message]) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
        """Return the readings in messages, in order, and the messages that mean nothing; never raises for a message."""

    def memory(self) -> bytes:
        """Return what is remembered, such as the aliases that a device announced at its birth."""
        return b""

    def recall(self, memory: bytes) -> None:  # noqa: B027  # most payloads remember nothing
        """Go on with what :meth:`memory` returned in an earlier process."""


class Sink(ABC):
    """Where notices go. One thread calls it."""

    kinds: ClassVar[tuple[str, ...]] = ("open", "update", "close")
    """Which kinds of news it is sent where its settings say nothing of it."""
    repeat_s: float = 0.0
    """A receiver that forgets is sent the incidents that are open again after so many s; 0 for never."""

    @classmethod
    def parse(cls, text: str) -> Sink:
        """Return the sink written as ``text``, all that stands behind the part's name; nothing is opened yet.

        Raises
        ------
        SettingError
            If it cannot work, with an example that can; or if it is not meant to be written as text.
        """
        del text
        raise SettingError(f"A {cls.__name__} is made by a program, not written.", remedy="Name another sink.")

    @abstractmethod
    def send(self, notices: Sequence[Notice]) -> Sequence[Failure]:
        """Deliver notices, in order; return those that failed. Sending one twice must be harmless.

        Bounded in time: a receiver that does not answer is a failure, not a wait.
        """

    def close(self) -> None:  # noqa: B027  # a sink without resources need not override it
        """Release what the sink holds. May be called more than once."""
