"""Incidents and the events that tell of them: what a policy has decided that people should know."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Incident:
    """A run of anomalous windows that the policy chose to tell.

    Parameters
    ----------
    device
        Index of the device, local to this process.
    start, peak, end
        Times in ns: the run's first anomalous window, its highest score / limit, its last window so far.
    peak_score, peak_limit
        The score and the limit at the peak.
    shares
        One share of the cause per channel, in the schema's order, summing to 1; empty where unattributed.
    open
        Is it still going on?
    held
        Was it held back, in quiet hours or during maintenance? Then it is counted, and nobody is told.
    regime
        "noticed": the scores have settled on a new level, which goes on being anomalous; "adopted": that level is
        taken as normal from its end on; "" where neither.
    """

    device: int
    start: int
    peak: int
    end: int
    peak_score: float
    peak_limit: float
    shares: tuple[float, ...]
    open: bool
    held: bool = False
    regime: Literal["", "noticed", "adopted"] = ""

    @property
    def severity(self) -> float:
        """Peak score / limit; above 1 is anomalous."""
        return self.peak_score / self.peak_limit if self.peak_limit else float("inf")


@dataclass(frozen=True)
class Event:
    """News of an incident: it opened, changed, closed, or was held back and is over.

    ``(incident, revision)`` makes re-sending harmless.
    """

    kind: Literal["open", "update", "close", "held"]
    incident: Incident
    revision: int = 0


@dataclass(frozen=True)
class Failure:
    """An event that a sink could not deliver, and why."""

    event: Event
    reason: str


def incident_id(device: str, start: int) -> str:
    """Return the name of the incident that began at ``start`` ns on ``device``: the same wherever it is computed.

    >>> incident_id("pump-1", 0) == incident_id("pump-1", 0) != incident_id("pump-2", 0)
    True
    """
    return hashlib.blake2b(f"{device}\x00{start}".encode(), digest_size=6).hexdigest()
