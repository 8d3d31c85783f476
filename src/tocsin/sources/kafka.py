"""Readings from Kafka: a lane for each partition, positions that are offsets, and gaps that are told."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.addresses import Address
from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.errors import MissingExtraError, SettingError
from tocsin.core.live import Batch, Expected, Lanes, Payload, Position, Source
from tocsin.sources._kafka_group import Group
from tocsin.sources._kafka_hand import Hand
from tocsin.sources._kafka_homes import Homes
from tocsin.sources._kafka_settings import KafkaSettings, client_settings
from tocsin.sources._topics import Naming, whole
from tocsin.sources.payloads import open_payload
from tocsin.sources.tables._require import require_polars

if TYPE_CHECKING:
    from confluent_kafka import Message as Received

_LOG = logging.getLogger("tocsin.sources.kafka")
_EXAMPLE = "kafka://localhost:9092/readings?group=plant"
_MOST_KEYS = 1 << 18
_AHEAD_NS = 3_600 * 10**9


class Kafka(Source):
    """Topics of a Kafka cluster, shared among the watches of one group.

    A partition is a lane; the message's key names the device, so that all of a device is in one partition. A reading
    has arrived when the broker's stamp says, which is the same whenever it is read again. Where to go on reading is
    what the store says; offsets are committed to the broker as advice, for people who look at its lag.

    Parameters
    ----------
    address
        Brokers, and behind the slash the topic, or several with commas.
    settings
        How to read it.
    payload
        How messages are written.

    Examples
    --------
    >>> print(Kafka.parse("//localhost/readings?group=plant", Expected()).address)
    //localhost:9092/readings?group=plant
    """

    replayable = True
    shared = True
    promise: ClassVar[str] = (
        "Nothing is lost: what was not judged when we stopped is read again, as long as the topic keeps it; what it no "
        "longer keeps is told as a gap."
    )

    def __init__(self, address: Address, *, settings: KafkaSettings, payload: Payload) -> None:
        self.address, self.settings, self._payload = address, settings, payload
        topics = tuple(name.strip() for name in address.path.split(",") if name.strip())
        if not topics:
            raise SettingError("The topic is missing.", remedy=f"Write an address such as {_EXAMPLE}")
        self._group = Group(client_settings(address, settings), topics, latest=settings.start == "latest")
        self._homes = Homes()
        self._names: dict[bytes | None, str] = {}
        self._told_odd = False

    @classmethod
    def parse(cls, text: str, expect: Expected) -> Kafka:
        """Return the source written as ``//host:port,host:port/topic?group=plant&payload=json``.

        Raises
        ------
        SettingError
            If it cannot work.
        """
        address = Address.parse(text, port=9092, example=_EXAMPLE)
        settings = address.settings(KafkaSettings)
        naming: Naming = whole
        if settings.device != "key":
            naming, expect = _nobody, replace(expect, device=(settings.device, *expect.device))
        return cls(address, settings=settings, payload=open_payload(settings.payload, expect, naming))

    def open(self, lanes: Lanes) -> None:
        """Connect, and ask for a share of the topic; partitions come with later polls.

        Raises
        ------
        InputError
            If no broker answers in time, it refuses us, or the topic is not there.
        MissingExtraError
            If confluent-kafka is not installed.
        """
        require_polars("Reading messages")
        try:
            import confluent_kafka as _  # noqa: F401
        except ImportError:
            raise MissingExtraError("Reading Kafka", extra="stream", library="confluent-kafka") from None
        self._group.join(lanes, patience_s=self.settings.patience_s)

    def poll(self, max_rows: int, timeout_s: float) -> Batch:
        """Return what one partition brought, in the order of offsets.

        ``max_rows`` bounds the messages; one that holds several readings brings them all. After the broker was away
        each partition has a batch of its own that says for how long.
        """
        group = self._group
        if group.held < max_rows:
            group.receive(max_rows - group.held, 0 if group.held else timeout_s)
        moved = next((hand for hand in group.hands.values() if hand.shifts), None)
        if moved is not None:
            arrivals, moved.shift_ns = Arrivals.none(shift_ns=moved.shift_ns), 0
            return Batch(arrivals, Position(str(moved.position)), moved.lane)
        if (hand := group.next_hand()) is None:
            return Batch(Arrivals.none(), Position(""), waiting=group.waiting())
        return self._batch(hand, max_rows)

    def commit(self, lane: str, position: Position) -> None:
        """Advise the broker of an offset, about once a second."""
        topic, _, partition = lane.rpartition("/")
        hand = self._group.hands.get((topic, int(partition)))
        if hand is not None:
            self._group.commit(hand, int(position.value))

    def connected(self) -> bool:
        """Tell whether the leaders of all our partitions answer."""
        return self._group.contact.connected

    def close(self) -> None:
        """Leave the group."""
        self._group.close()

    def _batch(self, hand: Hand, most: int) -> Batch:
        group, received = self._group, self._group.hand_out(hand, most)
        names, stamps = self._names, self._stamps([message.timestamp() for message in received])
        messages = [
            Message(names.get(key := message.key()) or self._name(key), message.value() or b"", stamp)
            for message, stamp in zip(received, stamps, strict=True)
        ]
        arrivals, dead = self._payload.read(messages)
        gap = gap_before(hand, received[0])
        hand.position = int(received[-1].offset() or 0) + 1
        told = (*gap, *self._homes.strangers(arrivals, hand.lane, ours=group.lanes()), *dead)
        return Batch(arrivals, Position(str(hand.position)), hand.lane, told, group.waiting())

    def _name(self, key: bytes | None) -> str:
        if len(self._names) >= _MOST_KEYS:
            self._names.clear()
        name = self._names[key] = (key or b"").decode("utf-8", "replace")
        return name

    def _stamps(self, said: list[tuple[int, int]]) -> list[int]:
        """Return messages' stamps in ns; our own clock's for those that have none, or one that cannot be."""
        now = time.time_ns()
        stamps = [ms * 1_000_000 for _, ms in said]
        if min(said)[0] and max(stamps) < now + _AHEAD_NS:
            return stamps
        if not self._told_odd:
            self._told_odd = True
            _LOG.error("Kafka: messages without a stamp, or with one of the future: set message.timestamp.type")
        return [
            stamp if kind and stamp < now + _AHEAD_NS else now for (kind, _), stamp in zip(said, stamps, strict=True)
        ]


def _nobody(_key: str) -> tuple[str, str]:
    return "", ""


def gap_before(hand: Hand, first: Received) -> tuple[DeadLetter, ...]:
    """Return what to tell where the offset that was asked for is no longer there, once the next one is known."""
    if not hand.gap or hand.position is None:
        return ()
    hand.gap, offset = False, int(first.offset() or 0)
    lost = offset - hand.position
    what = f"{lost:,} messages are lost" if lost > 0 else "the topic was made anew, or cut off"
    reason = (
        f"Gap in {hand.lane}: asked for offset {hand.position:,}, the next there is {offset:,}; {what}. "
        "Let the topic keep messages for longer than we may be away (retention.ms)."
    )
    return (DeadLetter(hand.lane, b"", reason, time.time_ns()),)
