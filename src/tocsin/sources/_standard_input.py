"""Readings from standard input: read once and never again, so what is lost with us is lost."""

from __future__ import annotations

import os
import select
import sys
import time
from typing import ClassVar

from tocsin.core.arrivals import Arrivals
from tocsin.core.errors import InputError
from tocsin.core.live import Batch, Expected, Lanes, Position, Source
from tocsin.sources._lines import Lines
from tocsin.sources._tail_settings import TailSettings, file_and_settings
from tocsin.sources.tables._require import require_polars

_CHUNK = 1 << 16
_LONGEST = 1 << 20


class StandardInput(Source):
    """Lines that another program writes into us, as ``some-gateway | tocsin watch env.tocsin --source tail:-``.

    Parameters
    ----------
    settings
        How they are written.
    expect
        What is known of the readings.
    number
        Of the open file; standard input where it is None.
    """

    replayable = False
    promise: ClassVar[str] = (
        "Best effort: what was read is kept in the journal, but what the pipe held when we were stopped is lost."
    )

    def __init__(self, settings: TailSettings, expect: Expected, *, number: int | None = None) -> None:
        self._lines = Lines(settings, expect, "standard input")
        self._number, self._text, self._line, self._ended = number, b"", 0, False

    @classmethod
    def parse(cls, text: str, expect: Expected) -> StandardInput:
        """Return the source; ``text`` holds the settings alone."""
        return cls(file_and_settings(f"-?{text.removeprefix('?')}")[1], expect)

    def open(self, lanes: Lanes) -> None:
        """Begin.

        Raises
        ------
        MissingExtraError
            If Polars is not installed.
        """
        require_polars("Reading tables")
        if self._number is None:
            self._number = sys.stdin.fileno()
        lanes.assigned("")

    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        """Return what came, or None once the other program has ended and all was read."""
        until = time.monotonic() + timeout_s
        while not self._whole() and not self._ended and (left := until - time.monotonic()) > 0:
            self._receive(left)
        if not self._whole():
            return None if self._ended else Batch(Arrivals.none(), self._position)
        *lines, self._text = self._text.split(b"\n", max_rows)
        first, self._line = self._line + 1, self._line + len(lines)
        arrivals, dead = self._lines.read(lines, first=first)
        return Batch(arrivals, self._position, dead=dead)

    def commit(self, lane: str, position: Position) -> None:
        """Take note; a pipe forgets by itself."""

    @property
    def _position(self) -> Position:
        return Position(str(self._line))

    def _whole(self) -> bool:
        """Tell whether there are whole lines of which it is known how they are written."""
        return self._lines.begun and b"\n" in self._text

    def _receive(self, timeout_s: float) -> None:
        assert self._number is not None
        if len(self._text) > _LONGEST:
            raise InputError("Standard input holds a line of more than 1 MB.", remedy="End readings with a line end.")
        if not select.select([self._number], [], [], timeout_s)[0]:
            return
        came = os.read(self._number, _CHUNK)
        self._text += came
        self._ended = not came
        if self._ended and self._text and not self._text.endswith(b"\n"):
            self._text += b"\n"
        self._begin()

    def _begin(self) -> None:
        if self._lines.begun or not self._text:
            return
        whole = self._text[: self._text.rfind(b"\n") + 1].decode("utf-8-sig", "replace").splitlines(keepends=True)
        if self._ended or self._lines.enough(whole):
            skip = self._lines.begin(whole)
            self._line, self._text = skip, self._text.split(b"\n", skip)[-1]
