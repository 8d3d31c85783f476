"""One thing that is odd about a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """An oddity of a table, with how often it occurs.

    Parameters
    ----------
    level
        "note" is worth knowing, "warning" worth looking into; "fatal" ends the work.
    topic
        What it is about: "duplicates", "unordered", "missing times", "gaps", "missing", "constant", "stuck",
        "sentinel", "range", "infinite", "far ahead", "unlabelled".
    channel
        The channel it is about, or None for the table as a whole.
    count
        How many readings show it.
    text
        One sentence.
    """

    level: Literal["note", "warning", "fatal"]
    topic: str
    channel: str | None
    count: int
    text: str
