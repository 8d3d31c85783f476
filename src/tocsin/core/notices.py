"""The notice: what leaves tocsin when an incident opens, changes or closes, in one schema for store and sinks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

VERSION = 1
"""Of the document's schema; raised when a field changes its meaning or goes. New fields may come without."""


@dataclass(frozen=True)
class Notice:
    """News of an incident, complete in itself: with names instead of numbers, to be read anywhere.

    ``(id, revision)`` is the same whenever and wherever the same readings are judged, so re-sending is harmless.

    Parameters
    ----------
    id
        The incident; see :func:`incident_key`.
    revision
        Counts the news of an incident from 0.
    kind
        "open", "update", "close", or "held": held back in quiet hours or maintenance, counted and told to nobody.
    what
        "anomaly": the readings are strange. "stale": there are none, the device is silent.
    duty
        Name of the duty (an artifact and the devices it is for), "" where there is one without a name.
    device
        Name of the device.
    start, opened, peak, end
        ns since the epoch, UTC: first anomalous window (of a silence, the last reading), when it was told, highest
        score / limit, last window so far.
    open
        Is it still going on?
    score, limit
        At the peak; of a silence, how long it has lasted and how long is normal, in s.
    grade
        "minor", "major" or "critical".
    causes
        Channels with their shares of the cause, greatest first, summing to 1; empty where unattributed.
    regime
        "noticed", "adopted" or "".
    outside
        Did a value leave its expected range?
    group
        Id of the first incident of its group, its own where it is alone.
    artifact
        What tells the artifact's versions apart.
    """

    id: str
    revision: int
    kind: Literal["open", "update", "close", "held"]
    what: Literal["anomaly", "stale"]
    duty: str
    device: str
    start: int
    opened: int
    peak: int
    end: int
    open: bool
    score: float
    limit: float
    grade: str
    causes: tuple[tuple[str, float], ...] = ()
    regime: Literal["", "noticed", "adopted"] = ""
    outside: bool = False
    group: str = ""
    artifact: str = ""

    @property
    def severity(self) -> float:
        """Score / limit at the peak; above 1 is anomalous."""
        return self.score / self.limit if self.limit else float("inf")

    def document(self) -> dict[str, Any]:
        """Return the notice as plain values for JSON, with times as RFC 3339 in UTC."""
        times = {name: rfc3339(getattr(self, name)) for name in ("start", "opened", "peak", "end")}
        severity = self.severity if np.isfinite(self.severity) else None
        causes = [{"channel": channel, "share": share} for channel, share in self.causes]
        return {"version": VERSION, **vars(self), **times, "severity": severity, "causes": causes, "text": self.text()}

    def text(self) -> str:
        """Return the notice as a sentence for people.

        >>> cause = (("temp", 1.0),)
        >>> Notice("1f", 0, "open", "anomaly", "", "pump-1", 0, 0, 0, 0, True, 3.0, 2.0, "major", cause).text()
        'pump-1: major anomaly opened, 1.5 times the limit, mainly temp (100 %)'
        """
        done = {"open": "opened", "update": "goes on", "close": "is over", "held": "was held back"}[self.kind]
        if self.what == "stale":
            heard = "silent" if self.open else "was silent"
            return f"{self.device}: {heard} since {rfc3339(self.start)}" + ("" if self.open else ", heard again")
        cause = f", mainly {self.causes[0][0]} ({self.causes[0][1]:.0%})".replace("%", " %") if self.causes else ""
        return f"{self.device}: {self.grade} anomaly {done}, {self.severity:.3g} times the limit{cause}"


@dataclass(frozen=True)
class Failure:
    """A notice that a sink could not deliver.

    Parameters
    ----------
    notice
        Which.
    reason
        Why, in a sentence.
    final
        Would it fail for ever? Then it is put aside as a dead letter instead of being tried again.
    """

    notice: Notice
    reason: str
    final: bool = False


def incident_key(device: str, start: int, *, duty: str = "", what: str = "anomaly") -> str:
    """Return the id of an incident; of an anomaly under a duty without a name it is what ``tocsin score`` writes.

    >>> from tocsin.core.alerts import incident_id
    >>> incident_key("pump-1", 0) == incident_id("pump-1", 0) != incident_key("pump-1", 0, what="stale")
    True
    """
    more = "" if (duty, what) == ("", "anomaly") else f"\x00{duty}\x00{what}"
    return hashlib.blake2b(f"{device}\x00{start}{more}".encode(), digest_size=6).hexdigest()


def rfc3339(time_ns: int) -> str:
    """Return a time as people and machines read it, in UTC.

    >>> rfc3339(1_700_000_000_500_000_000)
    '2023-11-14T22:13:20.500Z'
    """
    text = str(np.datetime64(time_ns, "ns"))
    seconds, _, rest = text.partition(".")
    rest = rest.rstrip("0")
    rest = rest if len(rest) > 3 or not rest else rest.ljust(3, "0")
    return f"{seconds}.{rest}Z" if rest else f"{seconds}Z"
