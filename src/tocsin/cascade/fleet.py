"""The fleet as the centre sees it: what the broker retains of every edge, and what they observed together."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tocsin.cascade import told
from tocsin.cascade.edge_seen import EdgeSeen
from tocsin.cascade.envelope import stated_version
from tocsin.cascade.health import Health
from tocsin.cascade.link import Link
from tocsin.cascade.observed import Observed
from tocsin.cascade.uplink_place import UplinkPlace
from tocsin.core.errors import InputError

QUIET_S = 0.5
"""What is retained has come when nothing came for so long."""


@dataclass
class Fleet:
    """Listens to what edges tell of themselves.

    Parameters
    ----------
    place
        Where they tell it.

    Examples
    --------
    ::

        with Fleet(UplinkPlace.parse("mqtt://centre/tocsin", where="--from")) as fleet:
            fleet.settle()
            for edge in fleet.edges():
                print(edge.edge, edge.state)
    """

    place: UplinkPlace
    _found: dict[str, dict[str, bytes]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: float = 0.0

    def __post_init__(self) -> None:
        topics = [self.place.topic("+", part) for part in ("health", "sketch", "artifact")]
        self._link = Link(self.place, topics=topics, heard=self._hear)

    def __enter__(self) -> Fleet:
        self._link.start()
        self._link.expect()
        return self

    def __exit__(self, *_: object) -> None:
        self._link.stop()

    def settle(self, *, patience_s: float = 10.0) -> None:
        """Wait until what the broker retains has come."""
        self._last, until = time.monotonic(), time.monotonic() + patience_s
        while time.monotonic() < min(until, self._last + QUIET_S):
            time.sleep(0.02)

    def edges(self) -> list[EdgeSeen]:
        """Return the edges, in order of name."""
        with self._lock:
            found = {edge: dict(parts) for edge, parts in self._found.items()}
        return [_seen(edge, found[edge]) for edge in sorted(found)]

    def _hear(self, topic: str, message: bytes) -> None:
        edge, _, part = topic.removeprefix(f"{self.place.base}/").partition("/")
        if part == "artifact":  # of megabytes only what matters is kept
            message = str(stated_version(message)).encode()
        with self._lock:
            self._last = time.monotonic()
            self._found.setdefault(edge, {})[part] = message


def fleet_sketch(edges: Sequence[EdgeSeen]) -> bytes:
    """Return what edges observed together, for each artifact, as bytes that :func:`told.decode` reads."""
    every = [one for edge in edges for one in edge.observed]
    return told.encode("", [together(every, artifact) for artifact in dict.fromkeys(one.artifact for one in every)])


def together(observed: Sequence[Observed], artifact: str) -> Observed:
    """Return what was observed of an artifact, put together.

    Parameters
    ----------
    observed
        What edges told.
    artifact
        What tells the artifact's versions apart.

    Raises
    ------
    InputError
        If none has told anything of it.
    """
    found = [one for one in observed if one.artifact == artifact]
    if not found:
        known = sorted({one.artifact for one in observed})
        raise InputError(
            f"No edge has told anything of the artifact {artifact}.",
            remedy=f"They told of: {', '.join(known) or 'none'}.",
        )
    return found[0].merged(found[1:])


def _seen(edge: str, parts: Mapping[str, bytes]) -> EdgeSeen:
    """Return an edge; what it told that cannot be read counts as not told."""
    health: Health | None = None
    observed: tuple[Observed, ...] = ()
    with suppress(InputError):
        health = Health.decode(parts["health"]) if "health" in parts else None
    with suppress(InputError):
        observed = told.decode(parts["sketch"])[1] if "sketch" in parts else ()
    return EdgeSeen(edge, health, observed, int(parts.get("artifact", b"0")))
