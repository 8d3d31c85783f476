"""What a store gives back of incidents: letters for sinks, and incidents with what people said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tocsin.core.notices import Notice, rfc3339


@dataclass(frozen=True)
class Letter:
    """A notice that waits for a sink.

    Parameters
    ----------
    number
        Names the letter; grows.
    notice
        What is to be told.
    tries
        How often that failed.
    """

    number: int
    notice: Notice
    tries: int = 0


@dataclass(frozen=True)
class Recorded:
    """An incident as it stands, and what people said of it.

    Parameters
    ----------
    notice
        The latest news of it.
    acknowledged_by, acknowledged_ns
        Who saw to it, and when; "" and None where nobody did.
    label
        A person's answer, such as "true" or "false"; "" where there is none.
    note
        What was last noted with either.
    """

    notice: Notice
    acknowledged_by: str = ""
    acknowledged_ns: int | None = None
    label: str = ""
    note: str = ""

    def document(self) -> dict[str, Any]:
        """Return the incident as plain values for JSON: the notice's document, and what people said; None for nothing.

        >>> notice = Notice("1f", 0, "open", "anomaly", "", "pump-1", 0, 0, 0, 0, True, 3.0, 2.0, "major")
        >>> Recorded(notice, acknowledged_by="Ada", acknowledged_ns=0).document()["acknowledged"]
        '1970-01-01T00:00:00Z'
        """
        return {
            **self.notice.document(),
            "acknowledged_by": self.acknowledged_by or None,
            "acknowledged": None if self.acknowledged_ns is None else rfc3339(self.acknowledged_ns),
            "label": self.label or None,
            "note": self.note or None,
        }


@dataclass(frozen=True)
class Answer:
    """What somebody said of an incident.

    Parameters
    ----------
    kind
        "acknowledge" or "label".
    label
        The word; "" of an acknowledgement.
    by, note, at_ns
        Who said it, what else, and when.
    """

    kind: str
    label: str
    by: str
    note: str
    at_ns: int

    def document(self) -> dict[str, Any]:
        """Return the answer as plain values for JSON.

        >>> Answer("label", "true", "Ada", "", 0).document()["at"]
        '1970-01-01T00:00:00Z'
        """
        own = {"kind": self.kind, "label": self.label or None, "by": self.by, "note": self.note or None}
        return {**own, "at": rfc3339(self.at_ns)}
