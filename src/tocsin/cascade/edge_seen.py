"""An edge as the centre sees it: what it told of itself, and of what it observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tocsin.cascade.health import Health
from tocsin.cascade.observed import Observed
from tocsin.core.notices import rfc3339


@dataclass(frozen=True)
class EdgeSeen:
    """An edge, as far as it has told of itself.

    Parameters
    ----------
    edge
        Its name.
    health
        What it told last; None where it has told nothing that can be read.
    observed
        What its artifacts at work have observed.
    ordered
        Version of the push that waits for it, or was taken; 0 for none.
    """

    edge: str
    health: Health | None = None
    observed: tuple[Observed, ...] = ()
    ordered: int = 0

    @property
    def state(self) -> str:
        """How things stand: as the edge told; "silent" where it told nothing, "push waits" until one has come."""
        if self.health is None:
            return "silent"
        return "push waits" if self.ordered > self.health.seen and self.health.state != "away" else self.health.state

    def document(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        own = self.health
        raw, sent = (own.raw_bytes, own.sent_bytes) if own else (0, 0)
        return {
            "edge": self.edge,
            "state": self.state,
            "seen": rfc3339(own.at) if own else None,
            "started": rfc3339(own.started) if own else None,
            "devices": own.devices if own else None,
            "readings": own.readings if own else None,
            "incidents": own.incidents if own else None,
            "raw_bytes": raw,
            "sent_bytes": sent,
            "saved": 1 - sent / raw if raw else None,
            "waiting": own.waiting if own else None,
            "refused": own.refused or None if own else None,
            "push": {"ordered": self.ordered or None, "seen": own.seen or None if own else None},
            "artifacts": [self._artifact(one.duty, one.artifact) for one in own.artifacts] if own else [],
        }

    def _artifact(self, duty: str, artifact: str) -> dict[str, Any]:
        assert self.health is not None
        told_of = next(one for one in self.health.artifacts if (one.duty, one.artifact) == (duty, artifact))
        found = next((one for one in self.observed if (one.duty, one.artifact) == (duty, artifact)), None)
        return {
            **vars(told_of),
            "judged": found.judged if found else None,
            "flagged": found.flagged if found else None,
            "promised": found.promised if found else None,
            "psi": found.psi() if found else None,
            "statuses": dict(found.statuses) if found else {},
        }
