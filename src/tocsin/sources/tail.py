"""Readings from a file that grows: a log of a gateway, an export that a machine appends to, standard input."""

from __future__ import annotations

import time
from pathlib import Path
from typing import ClassVar

from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.live import Batch, Expected, Lanes, Position, Source
from tocsin.sources._growing import Growing, Place
from tocsin.sources._lines import Lines
from tocsin.sources._standard_input import StandardInput
from tocsin.sources._tail_settings import TailSettings, file_and_settings
from tocsin.sources.tables._require import require_polars

_LOOK_S = 0.05


class Tail(Source):
    """A CSV or JSON-lines file, read as it grows, understood as ``tocsin score`` understands the finished file.

    A line counts once its line end is written. A reading has arrived when it was taken: a file does not say more.
    After rotation the old file is read to its end, under whatever name, then the new one.

    Parameters
    ----------
    path
        The file; it must be there.
    settings
        How to read it.
    expect
        What is known of the readings.

    Examples
    --------
    >>> Tail.parse("readings.csv?follow=no", Expected()).promise.partition(":")[0]
    'Nothing is lost'
    """

    replayable = True
    promise: ClassVar[str] = (
        "Nothing is lost: what was not judged when we stopped is read again, as long as the file, or what it was "
        "rotated to, is still there."
    )

    def __init__(self, path: Path, *, settings: TailSettings, expect: Expected) -> None:
        self.path, self._settings, self._expect = path, settings, expect
        self._file = Growing(path, follow=settings.follow)
        self._lines = Lines(settings, expect, str(path))
        self._known = self._skip = 0
        self._finishing = False

    @classmethod
    def parse(cls, text: str, expect: Expected) -> Source:
        """Return the source written as ``readings.csv?follow=no``, or ``-`` for standard input.

        Raises
        ------
        SettingError
            If it cannot work.
        """
        path, settings = file_and_settings(text)
        if path == "-":
            return StandardInput(settings, expect)
        return cls(Path(path), settings=settings, expect=expect)

    def open(self, lanes: Lanes) -> None:
        """Open the file where it was left.

        Raises
        ------
        InputError
            If it cannot be read.
        MissingExtraError
            If Polars is not installed.
        """
        require_polars("Reading tables")
        known = lanes.assigned("")
        place = None if known is None else Place.read(known.value)
        self._file.open(place, at_end=self._settings.start == "end")

    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        """Return the readings in the next lines; None at the end of a file that is not followed."""
        until = time.monotonic() + timeout_s
        while not (lines := self._next(max_rows)) and not self._file.told:
            if not self._settings.follow and self._file.at_end:
                if self._finishing:
                    return None
                self._finishing = True
                self._file.finish()
            elif (left := until - time.monotonic()) > 0:
                time.sleep(min(left, _LOOK_S))
            else:
                break
        return self._batch(lines)

    def commit(self, lane: str, position: Position) -> None:
        """Take note; the file keeps what it holds."""

    def connected(self) -> bool:
        """Tell whether there is a file."""
        return self._file.there

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _next(self, most: int) -> list[bytes]:
        """Return the next lines with readings, once it is known how they are written."""
        if not self._ready():
            self._file.lines(0)
            return []
        lines = self._file.lines(most)
        skipped = min(self._skip, len(lines))
        self._skip -= skipped
        return lines[skipped:]

    def _ready(self) -> bool:
        """Tell whether the file at hand has been understood; each has a header of its own."""
        if not self._file.there or self._file.generation == self._known:
            return self._file.there
        head = self._file.head()
        if not self._lines.enough(head) and not self._finishing:
            return False
        self._lines = Lines(self._settings, self._expect, str(self.path))
        self._skip = max(0, self._lines.begin(head) - self._file.place.line)
        self._known = self._file.generation
        return True

    def _batch(self, lines: list[bytes]) -> Batch:
        first = self._file.place.line - len(lines) + 1
        arrivals, dead = self._lines.read(lines, first=first) if lines else (Arrivals.none(), ())
        told: list[DeadLetter] = self._file.told
        self._file.told = []
        read, behind = sum(map(len, lines)) + len(lines), self._file.behind()
        waiting = behind * len(lines) // read if read else 0
        return Batch(arrivals, Position(self._file.mark().written()), dead=(*told, *dead), waiting=waiting)
