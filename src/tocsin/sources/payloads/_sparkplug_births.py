"""What Sparkplug nodes announced at their birth: aliases for names, which every later message relies on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

PREFIX = "spBv1.0"


@dataclass(frozen=True)
class Address:
    """Whose a Sparkplug message is, and of which kind.

    Parameters
    ----------
    kind
        "BIRTH", "DATA" or "DEATH".
    node
        "group/node".
    device
        "group/node/device", or the node itself where it speaks of its own.
    """

    kind: str
    node: str
    device: str

    @property
    def of_node(self) -> bool:
        """Whether the node speaks of itself."""
        return self.node == self.device

    @staticmethod
    def of(topic: str) -> Address | None:
        """Return what a topic says; None where it is no Sparkplug topic of a birth, death or readings.

        >>> Address.of("spBv1.0/plant/DDATA/edge-1/pump-1")
        Address(kind='DATA', node='plant/edge-1', device='plant/edge-1/pump-1')
        """
        levels = topic.split("/")
        if not 4 <= len(levels) <= 5 or levels[0] != PREFIX or levels[2][1:] not in ("BIRTH", "DATA", "DEATH"):
            return None
        if levels[2][0] != ("N" if len(levels) == 4 else "D"):
            return None
        node = f"{levels[1]}/{levels[3]}"
        return Address(levels[2][1:], node, "/".join((node, *levels[4:])))


@dataclass
class Node:
    """A node as announced: by alias, whose metric it is, its name and data type; its session; its devices."""

    session: int = -1
    aliases: dict[int, tuple[str, str, int]] = field(default_factory=dict)
    types: dict[tuple[str, str], int] = field(default_factory=dict)
    devices: dict[str, None] = field(default_factory=dict)

    def announce(self, address: Address, metrics: Any) -> None:
        """Learn a birth's metrics; a node's birth begins a new session of it and of all its devices."""
        if address.of_node:
            self.aliases, self.types, self.devices = {}, {}, {}
            self.session = session_of(metrics)
        self.devices[address.device] = None
        for metric in metrics:
            name = _name(metric)
            if metric.HasField("alias"):
                self.aliases[metric.alias] = (address.device, name, metric.datatype)
            self.types[address.device, name] = metric.datatype

    def resolve(self, address: Address, metric: Any) -> tuple[str, int] | None:
        """Return a metric's name and data type; None where its alias was never announced."""
        if said := _name(metric):
            return said, metric.datatype or self.types.get((address.device, said), 0)
        device, name, datatype = self.aliases.get(metric.alias, ("", "", 0))
        return (name, metric.datatype or datatype) if device == address.device else None


def _name(metric: Any) -> str:
    """Return a metric's name; one that is no UTF-8 comes as bytes from the decoder."""
    if not isinstance(metric.name, str):
        raise ValueError("a metric's name is no UTF-8 text")
    return metric.name


def session_of(metrics: Any) -> int:
    """Return the number of the session that a birth or death of a node belongs to, -1 where it does not say."""
    return next((int(metric.long_value or metric.int_value) for metric in metrics if metric.name == "bdSeq"), -1)


def written(nodes: dict[str, Node]) -> bytes:
    """Return nodes as bytes.

    >>> node = Node(3, {7: ("g/n", "temp", 9)}, {("g/n", "temp"): 9}, {"g/n": None})
    >>> read(written({"g/n": node})) == {"g/n": node}
    True
    """
    plain = {
        name: [
            node.session,
            [[alias, *meant] for alias, meant in node.aliases.items()],
            [[*of, datatype] for of, datatype in node.types.items()],
            list(node.devices),
        ]
        for name, node in nodes.items()
    }
    return json.dumps(plain, separators=(",", ":")).encode()


def read(memory: bytes) -> dict[str, Node]:
    """Return what :func:`written` wrote."""
    return {
        name: Node(
            session,
            {alias: (device, metric, datatype) for alias, device, metric, datatype in aliases},
            {(device, metric): datatype for device, metric, datatype in types},
            dict.fromkeys(devices),
        )
        for name, (session, aliases, types, devices) in json.loads(memory).items()
    }
