"""The notice: what leaves tocsin when an incident opens, changes or closes, in one schema for store and sinks."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal
from urllib.parse import quote

import numpy as np

from tocsin.core.arrays import NEVER

VERSION = 1
"""Of the document's schema; raised when a field changes its meaning or goes. New fields may come without."""

_HAPPENED = {"open": "opened", "update": "updated", "close": "closed", "held": "held"}


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
        """Return the notice as plain values for JSON, as :func:`schema` says: times as RFC 3339 in UTC, no NaN.

        >>> notice = Notice("1f", 0, "open", "anomaly", "", "pump-1", 0, 0, 0, 0, True, 3.0, 2.0, "major")
        >>> told = notice.document()
        >>> told["start"], told["severity"], told["text"]
        ('1970-01-01T00:00:00Z', 1.5, 'pump-1: major anomaly opened, 1.5 times the limit')
        """
        times = {name: _time(getattr(self, name)) for name in ("start", "opened", "peak", "end")}
        numbers = {name: _number(getattr(self, name)) for name in ("score", "limit", "severity")}
        causes = [{"channel": channel, "share": _number(share)} for channel, share in self.causes]
        return {"version": VERSION, **vars(self), **times, **numbers, "causes": causes, "text": self.text()}

    def cloud_event(self) -> dict[str, Any]:
        """Return the document in an envelope of CloudEvents 1.0 (https://cloudevents.io), structured, as JSON.

        ``source`` and ``id`` together are the same for the same news, and for no other.

        >>> notice = Notice("1f", 2, "close", "anomaly", "", "pump-1", 0, 0, 0, 0, False, 3.0, 2.0, "major")
        >>> told = notice.cloud_event()
        >>> told["id"], told["type"], told["source"], told["time"]
        ('1f-2', 'org.tocsin.incident.closed', '/tocsin', '1970-01-01T00:00:00Z')
        """
        when = self.opened if self.kind == "open" and self.opened != NEVER else self.end
        return {
            "specversion": "1.0",
            "id": f"{self.id}-{self.revision}",
            "source": f"/tocsin/{quote(self.duty, safe='', errors='replace')}".rstrip("/"),
            "type": f"org.tocsin.incident.{_HAPPENED[self.kind]}",
            **({"subject": self.device} if self.device else {}),
            "time": rfc3339(when),
            "datacontenttype": "application/json",
            "data": self.document(),
        }

    def text(self) -> str:
        """Return the notice as a sentence for people.

        >>> cause = (("temp", 1.0),)
        >>> Notice("1f", 0, "open", "anomaly", "", "pump-1", 0, 0, 0, 0, True, 3.0, 2.0, "major", cause).text()
        'pump-1: major anomaly opened, 1.5 times the limit, mainly temp (100 %)'
        """
        if self.what == "stale":
            return self._silence()
        done = {"open": "opened", "update": "goes on", "close": "is over", "held": "was held back"}[self.kind]
        cause = f", mainly {self.causes[0][0]} ({100 * self.causes[0][1]:.0f} %)" if self.causes else ""
        level = {"noticed": ", a new level that lasts", "adopted": ", a new level, from now on normal"}
        return f"{self.device}: {self.grade} anomaly {done}{self._strength()}{cause}{level.get(self.regime, '')}"

    def _strength(self) -> str:
        """Return how strong it is, where that is a number; beyond an expected range it says more than a ratio."""
        beyond = ", beyond its expected range" if self.outside else ""
        return f", {self.severity:.3g} times the limit{beyond}" if math.isfinite(self.severity) else beyond

    def _silence(self) -> str:
        if self.open:
            return f"{self.device}: silent since {rfc3339(self.start)}"
        return f"{self.device}: was silent from {rfc3339(self.start)} to {rfc3339(self.end)}"


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


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of :meth:`Notice.document`.

    >>> schema()["properties"]["kind"]["enum"]
    ['open', 'update', 'close', 'held']
    """
    found: dict[str, Any] = json.loads(files("tocsin.core").joinpath("incident.schema.json").read_text("utf-8"))
    return found


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


def _time(time_ns: int) -> str | None:
    return None if time_ns == NEVER else rfc3339(time_ns)


def _number(value: float) -> float | None:
    """Return a number as JSON knows it; there it has neither NaN nor infinity."""
    return float(value) if math.isfinite(value) else None
