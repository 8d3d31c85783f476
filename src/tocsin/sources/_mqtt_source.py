"""What sources over MQTT share, encrypted or not: from messages on a line to readings that may be committed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from tocsin.core.addresses import Address
from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.errors import SettingError
from tocsin.core.live import Batch, Expected, Lanes, Position, Source
from tocsin.sources._mqtt_inbox import Inbox
from tocsin.sources._mqtt_link import Link
from tocsin.sources._mqtt_settings import MqttSettings
from tocsin.sources._stamps import Stamps
from tocsin.sources._topics import Topics
from tocsin.sources.payloads import Asking, open_payload, share_of

_COARSE_NS = 10 * 10**9


class MqttSource(Source):
    """Readings from an MQTT broker, as settings say.

    Parameters
    ----------
    address
        Broker, login, topic pattern and settings.
    expect
        What is known of the readings.
    """

    secure: ClassVar[bool]
    """Whether the connection is encrypted."""

    def __init__(self, address: Address, expect: Expected) -> None:
        self._settings = address.settings(MqttSettings)
        if not address.path:
            raise SettingError(
                "The topic is missing.", remedy="Write one behind the host: mqtt://localhost/plant/+/env"
            )
        topics = Topics(address.path, from_topic=self._settings.device == "topic")
        self._address, self._topics = address, topics
        self._payload = open_payload(self._settings.payload_text, expect, topics.names)
        self._share = self._settings.share
        self._shares_by = share_of(self._payload, topics) if self._share.workers > 1 else None
        self._lane = str(self._share)
        self._stamp, self._told_ns = 0, 0
        self._memory, self._remembered = b"", (0, b"")
        self._rows_each = 1.0
        self._committed = 0
        self._serial = 0
        self._inbox: Inbox | None = None
        self._link: Link | None = None

    @classmethod
    def parse(cls, text: str, expect: Expected) -> MqttSource:
        """Return the source written as ``text``: ``//host/topic?setting=…``; nothing is opened yet.

        Raises
        ------
        SettingError
            If it cannot work.
        """
        example = f"{'mqtts' if cls.secure else 'mqtt'}://localhost/plant/+/env?qos=1"
        return cls(Address.parse(text, port=8_883 if cls.secure else 1_883, example=example), expect)

    @property
    def promise(self) -> str:  # type: ignore[override]  # it depends on the settings
        """What it promises."""
        if self._settings.qos:
            return "Nothing is lost: the broker keeps each message until what it led to is stored."
        return "Best effort: at QoS 0 the broker sends each message once, and nobody notices one that is lost."

    def open(self, lanes: Lanes) -> None:
        """Connect, and begin to listen.

        Raises
        ------
        InputError
            If the broker turns us away, or cannot be reached.
        MissingExtraError
            If paho-mqtt is not installed.
        """
        lanes.assigned(self._lane)
        settings = self._settings
        wanted = settings.wanted(self._address, self._topics.filter, secure=self.secure)
        self._inbox = Inbox(self._heeds, self._ring, retained=settings.retained)
        self._link = Link(wanted, self._inbox, Stamps(last=self._stamp), returning=self._stamp > 0)
        self._link.open(wait_s=settings.wait_s)

    def poll(self, max_rows: int, timeout_s: float) -> Batch:
        """Return the next readings; a message is never cut, so there may be some more than ``max_rows``."""
        inbox, link = self._opened()
        if link.broken:
            raise RuntimeError("the thread that listens to the broker has died")
        taken = inbox.take(max(1, int(max_rows / self._rows_each)), timeout_s)
        arrivals, dead = self._read(taken.messages, taken.shift_ns)
        before, self._serial = self._serial, taken.serial
        if not (len(arrivals) or arrivals.gone or dead) and self._committed == before:
            self.commit(self._lane, Position(str(taken.serial)))
        size = sum(len(message.payload) for message in taken.messages)
        return Batch(arrivals, Position(str(taken.serial)), self._lane, dead, taken.waiting, size)

    def commit(self, lane: str, position: Position) -> None:
        """Acknowledge all messages up to ``position``."""
        if lane == self._lane:
            self._committed = max(self._committed, int(position.value))
            self._opened()[0].settle(self._committed)

    def connected(self) -> bool:
        """Tell whether the broker was heard within the last seconds."""
        return self._link is not None and self._link.connected()

    def memory(self) -> bytes:
        """Return what the payload remembers, and about when something last arrived."""
        now = (self._told_ns // _COARSE_NS * _COARSE_NS, self._payload.memory())
        if now != self._remembered:
            self._remembered = now
            self._memory = json.dumps({"stamp": now[0]}).encode() + b"\n" + now[1]
        return self._memory

    def recall(self, memory: bytes) -> None:
        """Go on with what an earlier process remembered."""
        head, _, rest = memory.partition(b"\n")
        if head:
            self._stamp = int(json.loads(head)["stamp"])
            self._payload.recall(rest)

    def close(self) -> None:
        """Leave; the broker keeps the session, and what comes meanwhile."""
        if self._link is not None:
            self._link.close()

    def _read(self, messages: Sequence[Message], shift_ns: int) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
        if not messages:
            return Arrivals.none(shift_ns=shift_ns), ()
        arrivals, dead = self._payload.read(messages)
        self._rows_each += 0.1 * (max(len(arrivals) / len(messages), 1.0) - self._rows_each)
        self._told_ns = messages[-1].arrived
        if isinstance(self._payload, Asking) and self._link is not None:
            for topic, request in self._payload.requests():
                self._link.post(topic, request)
        return self._ours(arrivals, shift_ns), dead

    def _ours(self, arrivals: Arrivals, shift_ns: int) -> Arrivals:
        """Return the readings that are this worker's, where only messages themselves say whose they are."""
        if self._shares_by is None and self._share.workers > 1:
            mine = np.array([self._share.holds(device) for device in arrivals.devices], np.bool_)
            arrivals = arrivals.take(mine[arrivals.device]) if len(arrivals) and not mine.all() else arrivals
        return replace(arrivals, shift_ns=shift_ns) if shift_ns else arrivals

    def _heeds(self, topic: str) -> bool:
        return self._shares_by is None or self._share.holds(self._shares_by(topic))

    def _ring(self) -> None:
        if self._link is not None:
            self._link.ring()

    def _opened(self) -> tuple[Inbox, Link]:
        if self._inbox is None or self._link is None:
            raise RuntimeError("the source is not open")
        return self._inbox, self._link
