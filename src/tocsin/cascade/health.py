"""What an edge tells of itself: which artifact it judges with, how that goes, and what it has sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from tocsin.core.errors import InputError

Standing = Literal["configured", "probation", "steady", "rolled back", "refused", "away", "ended"]

_RANK: tuple[Standing, ...] = ("configured", "steady", "probation", "refused", "rolled back")


@dataclass(frozen=True)
class AtWork:
    """An artifact at work.

    Parameters
    ----------
    duty
        Name of the duty.
    artifact
        What tells the artifact's versions apart: twelve digits.
    detector
        Its detector.
    state
        "configured", "probation", "steady" or "rolled back".
    pushed
        Version of the push that brought it; 0 where the settings name it.
    why
        Why one was rolled back.
    """

    duty: str
    artifact: str
    detector: str
    state: Standing = "configured"
    pushed: int = 0
    why: str = ""


@dataclass(frozen=True)
class Health:
    """What an edge tells of itself, retained under ``<edge>/health``.

    Parameters
    ----------
    edge
        Its name.
    state
        How things stand: "away" where the connection broke, "ended" where the watch did, else the least good state of
        an artifact, or "refused" where the last push was.
    at
        When it was told, in ns since the epoch.
    started
        When the watch began, in ns since the epoch.
    artifacts
        Those at work.
    seen
        The greatest version of a push that was dealt with.
    refused
        Why the last push was refused; "" where it was not.
    devices, readings, incidents
        Devices known, readings judged and incidents opened since the start.
    raw_bytes, sent_bytes
        What came in, and what was sent to the centre instead, since the start.
    waiting
        Readings that wait for the uplink.
    """

    edge: str
    state: Standing
    at: int
    started: int
    artifacts: tuple[AtWork, ...] = ()
    seen: int = 0
    refused: str = ""
    devices: int = 0
    readings: int = 0
    incidents: int = 0
    raw_bytes: int = 0
    sent_bytes: int = 0
    waiting: int = 0

    def encode(self) -> bytes:
        """Return it as a message."""
        return json.dumps(asdict(self)).encode()

    @property
    def heart(self) -> tuple[object, ...]:
        """What is worth telling at once when it changes."""
        return (self.state, self.artifacts, self.seen, self.refused)

    @classmethod
    def decode(cls, message: bytes) -> Self:
        """Return what :meth:`encode` wrote.

        Raises
        ------
        InputError
            If it did not write this.

        Examples
        --------
        >>> own = Health("hall-3", "steady", 5, 1, (AtWork("", "0a1b", "pca"),))
        >>> Health.decode(own.encode()) == own
        True
        """
        try:
            found: dict[str, Any] = json.loads(message)
            artifacts = tuple(_at_work(own) for own in found.pop("artifacts"))
            made = cls(**{name: _as(kind, found[name]) for name, kind in _KINDS.items()}, artifacts=artifacts)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise InputError(f"It tells nothing of an edge ({error!r}).", remedy="Look at who publishes it.") from None
        return made


_KINDS: Mapping[str, Any] = {
    **dict.fromkeys(("edge", "state", "refused"), str),
    **dict.fromkeys(("at", "started", "seen", "devices", "readings", "incidents"), int),
    **dict.fromkeys(("raw_bytes", "sent_bytes", "waiting"), int),
}

_MOST = 1 << 62
"""What no count and no time reaches."""


def _at_work(told: Mapping[str, Any]) -> AtWork:
    return AtWork(**{name: _as(int if name == "pushed" else str, value) for name, value in told.items()})


def _as(kind: Any, value: Any) -> Any:
    """Return what somebody wrote as a text, or as a number that a count or a time may be."""
    made = kind(value)
    if kind is int and not 0 <= made < _MOST:
        raise ValueError(f"{made:.0e} counts nothing")
    return made


def standing(artifacts: Sequence[AtWork], *, refused: str) -> Standing:
    """Return how things stand: the least good of all.

    >>> standing([AtWork("", "0a", "pca", "steady"), AtWork("b", "0b", "pca", "probation")], refused="")
    'probation'
    """
    every: list[Standing] = [own.state for own in artifacts]
    if refused:
        every.append("refused")
    return max(every, key=_RANK.index, default="configured")
