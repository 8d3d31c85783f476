"""Incidents and the events that tell of them: what a policy has decided that people should know."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from tocsin.core.arrays import NEVER

GRADES = ("minor", "major", "critical")
"""What a severity is called; from where on is the policy's to say."""


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
    opened
        When it was told, in ns: the window that was one too many, or, of an incident that was held back, the first
        reading after the quiet hours. NEVER where nobody says.
    outside
        Did a value leave its expected range? Then the cause is what left it.
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
    opened: int = NEVER
    outside: bool = False

    @property
    def severity(self) -> float:
        """Peak score / limit; above 1 is anomalous."""
        return self.peak_score / self.peak_limit if self.peak_limit else float("inf")


def grade(severity: float, bounds: tuple[float, float]) -> str:
    """Return what a severity is called, given from where on it is major, and critical.

    >>> [grade(severity, (1.5, 3.0)) for severity in (1.2, 1.5, 4.0)]
    ['minor', 'major', 'critical']
    """
    return GRADES[sum(severity >= bound for bound in bounds)]


@dataclass(frozen=True)
class Event:
    """News of an incident: it opened, changed, closed, or was held back and is over.

    It changes when it comes into a worse grade, when its level is found to last, and when it is gone on with.
    At the end of a file an incident that is still open is told of once more, as it stands: as an ``update``, or as
    ``held`` if it is held back.

    ``(incident, revision)`` makes re-sending harmless.
    """

    kind: Literal["open", "update", "close", "held"]
    incident: Incident
    revision: int = 0


def incident_id(device: str, start: int) -> str:
    """Return the name of the incident that began at ``start`` ns on ``device``: the same wherever it is computed.

    >>> incident_id("pump-1", 0) == incident_id("pump-1", 0) != incident_id("pump-2", 0)
    True
    """
    return hashlib.blake2b(f"{device}\x00{start}".encode(), digest_size=6).hexdigest()
