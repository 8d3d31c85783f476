"""What lies between the thread that listens to a broker and the one that reads: bounded, and sure of what is done."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tocsin.core.arrivals import Message

MOST = 16_384
"""Messages that may wait."""
MOST_BYTES = 32 << 20
"""Bytes of payload that may wait."""
_TAKEN_BYTES = 8 << 20


class Publish(NamedTuple):
    """A message as it came: topic, payload, packet number (0 at QoS 0), and whether it is sent again, or retained."""

    topic: str
    payload: bytes
    number: int
    again: bool
    retained: bool


@dataclass(frozen=True)
class Taken:
    """Messages to be read.

    Parameters
    ----------
    messages
        In order of arrival.
    serial
        Where they end; to be given to :meth:`Inbox.settle`.
    waiting
        How many wait behind them.
    shift_ns
        By how much the stamps moved before them.
    """

    messages: Sequence[Message]
    serial: int
    waiting: int
    shift_ns: int = 0


@dataclass
class _Pile:
    """What came in one go."""

    messages: deque[Message]
    shift_ns: int


class Inbox:
    """Keeps messages until they are read, and their numbers until they may be acknowledged.

    Acknowledgements leave in the order in which messages came, as MQTT wants it (MQTT 5, 4.6): also those of messages
    that are not ours.

    Parameters
    ----------
    heeds
        Tells by its topic whether a message is ours; others are acknowledged without being read.
    wake
        Called when there is something to be acknowledged, or room again, by whichever thread.
    retained
        Are messages wanted that the broker kept for newcomers?
    """

    def __init__(self, heeds: Callable[[str], bool], wake: Callable[[], None], *, retained: bool = False) -> None:
        self._heeds, self._wake, self._retained = heeds, wake, retained
        self._changed = threading.Condition()
        self._piles: deque[_Pile] = deque()
        self._count, self._bytes, self._shifts = 0, 0, 0
        self._serial, self._taken, self._settled = 0, 0, 0
        self._unsettled: deque[tuple[int, int, int]] = deque()
        self._released: list[tuple[int, int, int]] = []
        self._sent: deque[tuple[int, int, int]] = deque(maxlen=4_096)
        self._former: dict[tuple[int, int], int] = {}
        self._closed = False

    def put(self, found: Sequence[Publish], arrived: int, *, shift_ns: int = 0) -> None:
        """Take in what came in one go."""
        with self._changed:
            pile = _Pile(deque(), shift_ns)
            for message in found:
                if self._admit(message):
                    pile.messages.append(Message(message.topic, message.payload, arrived))
                    self._bytes += len(message.payload)
            self._count += len(pile.messages)
            if pile.messages or shift_ns:
                self._piles.append(pile)
                self._shifts += shift_ns != 0
                self._changed.notify_all()
            self._release()

    def take(self, most: int, timeout_s: float) -> Taken:
        """Return the next messages, at most ``most``; none where none come in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._piles or self._closed, timeout_s)
            was_full, taken, size = not self.has_room, list[Message](), 0
            shift_ns = self._unshift() if self._piles else 0
            while self._piles and len(taken) < most and size < _TAKEN_BYTES:
                pile = self._piles[0]
                if pile.shift_ns:
                    break
                while pile.messages and len(taken) < most and size < _TAKEN_BYTES:
                    taken.append(pile.messages.popleft())
                    size += len(taken[-1].payload)
                if not pile.messages:
                    self._piles.popleft()
            self._count -= len(taken)
            self._bytes -= size
            self._taken += len(taken)
            if was_full and self.has_room:
                self._wake()
            return Taken(taken, self._taken, self._count, shift_ns)

    def settle(self, serial: int) -> None:
        """Say that all messages up to ``serial`` are safe."""
        with self._changed:
            self._settled = max(self._settled, serial)
            self._release()

    def acknowledgements(self) -> list[int]:
        """Return the numbers of the messages that may be acknowledged now, in order, once."""
        with self._changed:
            released, self._released = self._released, []
            self._sent.extend(released)
            return [number for _, number, _ in released]

    def reconnected(self, *, session: bool) -> None:
        """Forget the numbers of the former connection; with a session, know again what comes once more."""
        with self._changed:
            known = (*self._sent, *self._released, *self._unsettled) if session else ()
            self._former = {(number, mark): serial for serial, number, mark in known if serial}
            self._unsettled.clear()
            self._released.clear()
            self._sent.clear()

    @property
    def has_room(self) -> bool:
        """Whether more may come in."""
        return self._count < MOST and self._bytes < MOST_BYTES

    @property
    def is_shifted(self) -> bool:
        """Whether there is a shift that nobody has read yet."""
        return self._shifts > 0

    def close(self) -> None:
        """Wake whoever waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _admit(self, message: Publish) -> bool:
        """Note a message's number; tell whether it is to be read."""
        ours = self._heeds(message.topic) and (self._retained or not message.retained)
        if not message.number:
            self._serial += ours
            return ours
        mark = hash((message.topic, message.payload))
        known = self._former.pop((message.number, mark), 0) if message.again and self._former else 0
        if known:
            self._unsettled.append((known, message.number, mark))
            return False
        self._serial += ours
        self._unsettled.append((self._serial if ours else 0, message.number, mark))
        return ours

    def _unshift(self) -> int:
        """Take the shift off the first pile."""
        shift_ns, self._piles[0].shift_ns = self._piles[0].shift_ns, 0
        self._shifts -= shift_ns != 0
        return shift_ns

    def _release(self) -> None:
        before = len(self._released)
        while self._unsettled and self._unsettled[0][0] <= self._settled:
            self._released.append(self._unsettled.popleft())
        if len(self._released) > before:
            self._wake()
