"""Sparkplug B: what industrial gateways speak (Ignition, Tahu, Node-RED): births, readings by alias, and deaths."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.errors import SettingError
from tocsin.core.live import Expected, Payload
from tocsin.sources._topics import Naming
from tocsin.sources.payloads._gather import dead
from tocsin.sources.payloads._sparkplug_births import PREFIX, Address, Node, read, session_of, written
from tocsin.sources.payloads._sparkplug_proto import decode, payload_class
from tocsin.sources.payloads._sparkplug_values import is_bad, number_of

log = logging.getLogger(__name__)

LONGEST = 1 << 20
"""Bytes of a message from which on it is not even read."""
PATIENCE_NS = 60 * 10**9
"""A node is asked for a new birth at most this often."""
_MS = 10**6
_LAST_MS = (2**63 - 1) // _MS


@dataclass
class _Row:
    """One reading: metrics of a device with one timestamp."""

    device: str
    time: int
    arrived: int
    history: bool
    values: dict[str, float]
    bad: set[str]


class Sparkplug(Payload):
    """Sparkplug B: metrics of nodes and devices, by name or by the alias announced at birth.

    A device is called group/node/device, a node that measures itself group/node; of the topic pattern only what is
    subscribed to matters, such as ``spBv1.0/plant/#``. Metrics of one message with the same timestamp are one reading,
    and those it does not mention have no news. What a device says at its birth is a reading, too. Null is missing,
    "historical" is passed on, and so is a quality that is not good. A death is a goodbye: the device is away, not
    strange.

    A node whose aliases are unknown is asked for a new birth, at most once a minute; until then its messages are dead
    letters.

    Parameters
    ----------
    expect
        What is known of the readings; without channels, every number is one.
    naming
        Not heeded: Sparkplug's topics name devices in a way of their own.
    settings
        "listen", to ask for nothing.
    """

    def __init__(self, expect: Expected, naming: Naming, settings: str = "") -> None:  # noqa: ARG002  # as all payloads
        if settings not in ("", "listen"):
            raise SettingError(f"The payload sparkplug has no setting {settings!r}.", remedy="It has: listen.")
        self._channels, self._asks = expect.channels, not settings
        self._nodes: dict[str, Node] = {}
        self._memory: bytes | None = b""
        self._asked: dict[str, int] = {}
        self._requests: list[tuple[str, bytes]] = []

    def read(self, messages: Sequence[Message]) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
        """Return the readings in messages, in order, and the messages that mean nothing."""
        rows: list[_Row] = []
        gone: list[tuple[str, int]] = []
        letters: list[DeadLetter] = []
        for message in messages:
            found = self._read(message)
            if isinstance(found, str):
                letters.append(dead(message, found))
            elif isinstance(found, tuple):
                gone += [(device, message.arrived) for device in found]
            else:
                rows += found
        return self._packed(rows, tuple(gone)), tuple(letters)

    def requests(self) -> tuple[tuple[str, bytes], ...]:
        """Return the requests for a new birth that should be published, and forget them."""
        asked, self._requests = tuple(self._requests), []
        return asked

    @staticmethod
    def share_of(topic: str) -> str:
        """Return the node that a topic is of: who reads its births must read whatever relies on them."""
        address = Address.of(topic)
        return topic if address is None else address.node

    def memory(self) -> bytes:
        """Return the aliases that nodes announced."""
        if self._memory is None:
            self._memory = written(self._nodes)
        return self._memory

    def recall(self, memory: bytes) -> None:
        """Go on with the aliases that nodes announced to an earlier process."""
        if memory:
            self._nodes, self._memory = read(memory), memory

    def _read(self, message: Message) -> list[_Row] | tuple[str, ...] | str:
        """Return a message's readings, or the devices that it buries, or what is wrong with it."""
        address = Address.of(message.topic)
        if address is None:
            return [] if message.topic.startswith(PREFIX + "/") else "Its topic is none of Sparkplug B (spBv1.0/…)."
        if len(message.payload) > LONGEST:
            return f"It has {len(message.payload):,} bytes. Send at most {LONGEST:,}, in several messages."
        try:
            return self._decoded(address, decode(message.payload), message)
        except ValueError as error:  # a name that is no UTF-8 is found when it is read
            return f"It is no Sparkplug B payload: {error}."

    def _decoded(self, address: Address, payload: Any, message: Message) -> list[_Row] | tuple[str, ...] | str:
        if address.kind == "DEATH":
            return self._buried(address, payload)
        if address.kind == "BIRTH":
            self._nodes.setdefault(address.node, Node()).announce(address, payload.metrics)
            self._memory = None
        return self._rows(address, payload, message)

    def _buried(self, address: Address, payload: Any) -> tuple[str, ...]:
        """Return the devices that a death is of; a node's takes its devices along, unless of an earlier session."""
        node = self._nodes.get(address.node)
        if not address.of_node or node is None:
            return (address.device,)
        session = session_of(payload.metrics)
        return () if session not in (-1, node.session) else tuple(node.devices)

    def _rows(self, address: Address, payload: Any, message: Message) -> list[_Row] | str:
        node = self._nodes.get(address.node) or Node()
        rows: dict[tuple[int, bool], _Row] = {}
        for metric in payload.metrics:
            known = node.resolve(address, metric)
            if known is None:
                self._ask(address.node, message.arrived)
                return f"Its alias {metric.alias} was never announced. {address.node} must send its birth again."
            value = number_of(metric, known[1])
            if value is None or not self._wants(known[0]):
                continue
            when = (metric.timestamp or payload.timestamp, metric.is_historical)
            row = rows.get(when)
            if row is None:
                time = _ns(when[0]) if when[0] else message.arrived
                row = rows[when] = _Row(address.device, time, message.arrived, when[1], {}, set())
            row.values[known[0]] = value
            if is_bad(metric):
                row.bad.add(known[0])
        return list(rows.values())

    def _wants(self, name: str) -> bool:
        return name in self._channels if self._channels else name != "bdSeq" and not name.startswith("Node Control/")

    def _ask(self, node: str, now: int) -> None:
        if not self._asks or now - self._asked.get(node, -PATIENCE_NS) < PATIENCE_NS:
            return
        self._asked[node] = now
        log.warning("%s uses an alias that was never announced; asking it for a new birth", node)
        request = payload_class()(timestamp=now // _MS)
        request.metrics.add(name="Node Control/Rebirth", datatype=11, boolean_value=True)
        group, _, name = node.partition("/")
        self._requests.append((f"{PREFIX}/{group}/NCMD/{name}", request.SerializeToString()))

    def _packed(self, rows: Sequence[_Row], gone: tuple[tuple[str, int], ...]) -> Arrivals:
        channels = self._channels or tuple(dict.fromkeys(name for row in rows for name in row.values))
        place = {name: column for column, name in enumerate(channels)}
        values = np.full((len(rows), len(channels)), np.nan)
        bad = np.zeros(values.shape, np.bool_)
        devices: dict[str, int] = {}
        for number, row in enumerate(rows):
            for name, value in row.values.items():
                values[number, place[name]] = value
            bad[number, [place[name] for name in row.bad]] = True
        device = [devices.setdefault(row.device, len(devices)) for row in rows]
        return Arrivals(
            tuple(devices),
            channels,
            np.array(device, np.int64),
            np.array([row.time for row in rows], np.int64),
            values,
            np.array([row.arrived for row in rows], np.int64),
            bad=bad if bad.any() else None,
            history=np.array([row.history for row in rows], np.bool_) if any(row.history for row in rows) else None,
            gone=gone,
        )


def _ns(milliseconds: int) -> int:
    return milliseconds * _MS if milliseconds <= _LAST_MS else np.iinfo(np.int64).min
