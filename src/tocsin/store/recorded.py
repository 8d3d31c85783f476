"""What a store gives back of incidents: letters for sinks, and incidents with what people said of them."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.notices import Notice


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
