"""Lines of a file or a pipe, as readings: a text table or an object a line, told from the first of them."""

from __future__ import annotations

import time
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.live import Expected, Payload
from tocsin.sources._arrived import heard
from tocsin.sources._tail_settings import TailSettings
from tocsin.sources.payloads import open_payload

if TYPE_CHECKING:
    from tocsin.sources._written_rows import Rows


class Lines:
    """Reads lines.

    Parameters
    ----------
    settings
        How they are written.
    expect
        What is known of the readings.
    origin
        What to call them in messages.
    """

    def __init__(self, settings: TailSettings, expect: Expected, origin: str) -> None:
        self._settings, self._expect, self._origin = settings, expect, origin
        self._rows: Rows | None = None
        self._objects: Payload | None = None

    @property
    def begun(self) -> bool:
        """Whether it is known how lines are written."""
        return self._rows is not None or self._objects is not None

    def enough(self, head: Sequence[str]) -> bool:
        """Tell whether so many first lines say how they are written: of a table the header and a row."""
        written = [line for line in head if line.strip()]
        return len(written) > (0 if self._is_json(head) else 1)

    def begin(self, head: list[str]) -> int:
        """Learn from the first lines; return how many of them hold no readings.

        Raises
        ------
        InputError
            If they cannot be understood, or hold none of the channels wanted.
        """
        if self._is_json(head):
            self._objects = open_payload("json", self._settings.known(self._expect), _nobody)
            return 0
        from tocsin.sources._written_rows import Rows

        self._rows = Rows(self._expect, self._settings.overrides, self._origin)
        return self._rows.begin(head)

    def read(self, lines: Sequence[bytes], *, first: int) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
        """Return the readings in lines, ``first`` being the first one's number, and those that mean nothing."""
        if self._rows is not None:
            return self._rows.read(lines, first=first)
        assert self._objects is not None
        now = time.time_ns()
        arrivals, dead = self._objects.read(
            [Message("", line.removeprefix(BOM_UTF8), now) for line in lines if line.strip()]
        )
        arrivals = replace(arrivals, arrived=heard(arrivals.time, now))
        return arrivals, tuple(replace(letter, origin=self._origin) for letter in dead)

    def _is_json(self, head: Sequence[str]) -> bool:
        if self._settings.format:
            return self._settings.format == "json"
        first = next((line for line in head if line.strip()), "")
        return first.lstrip("\ufeff \t")[:1] in ("{", "[")


def _nobody(_topic: str) -> tuple[str, str]:
    return "", ""
