"""CSV lines: what loggers and modems send, a line a reading."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.errors import SettingError
from tocsin.core.live import Expected, Payload
from tocsin.sources._topics import Naming
from tocsin.sources.payloads._gather import Fields, Gatherer, dead
from tocsin.sources.payloads._numbers import read_number

LONGEST = 1 << 20
"""Bytes of a message from which on it is not even read."""
_SEPARATORS = (";", "\t", "|", ",")


class Csv(Payload):
    """CSV: one or several lines a message, a reading each, in columns that are known beforehand.

    Lines may be separated by comma, semicolon, tab or bar; with any but the comma, a decimal comma is understood.
    Quotes around a field are dropped, header lines are skipped.

    Parameters
    ----------
    expect
        What is known of the readings.
    naming
        What topics say.
    settings
        Names of the columns in order, such as "time,temp,hum"; an empty name skips a column. Without them: time, then
        the channels as expected.
    """

    def __init__(self, expect: Expected, naming: Naming, settings: str = "") -> None:
        time = expect.time[0] if expect.time else "time"
        self._columns = tuple(name.strip() for name in settings.split(",")) if settings else (time, *expect.channels)
        named = [name for name in self._columns if name]
        if len(set(named)) < len(named) or not named or (not settings and not expect.channels):
            raise SettingError(
                "The payload csv must know its columns, each once.",
                remedy="Name them: payload=csv&columns=time,temp,hum",
            )
        self._header = frozenset(name.lower() for name in named)
        self._channels = frozenset(expect.channels or named)
        self._gatherer = Gatherer(expect, naming)

    def read(self, messages: Sequence[Message]) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
        """Return the readings in messages, in order, and the messages that mean nothing."""
        rows: list[Fields] = []
        of: list[int] = []
        letters: list[DeadLetter] = []
        for place, message in enumerate(messages):
            found, reasons = self._lines(message.payload)
            rows += found
            of += [place] * len(found)
            letters += [dead(message, reason, payload=line) for line, reason in reasons]
        arrivals, more = self._gatherer.gather(rows, of, messages)
        return arrivals, (*letters, *more)

    def _lines(self, payload: bytes) -> tuple[list[Fields], list[tuple[bytes, str]]]:
        if len(payload) > LONGEST:
            return [], [(payload, f"It has {len(payload):,} bytes. Send at most {LONGEST:,}, in several messages.")]
        try:
            text = payload.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            return [], [(payload, f"It is no UTF-8 text: {error}.")]
        found: list[Fields] = []
        wrong: list[tuple[bytes, str]] = []
        for line in text.splitlines():
            row = self._fields(line)
            if isinstance(row, str):
                wrong.append((line.encode(), row))
            elif row:
                found.append(row)
        return found, wrong if found or wrong or text.strip() else [(payload, "It is empty.")]

    def _fields(self, line: str) -> Fields | str:
        """Return a line's fields by name, none for a header or an empty line, or why it is no reading."""
        if not line.strip():
            return {}
        separator = next((sign for sign in _SEPARATORS if sign in line), ",")
        words = [word.strip().strip('"') for word in line.split(separator)]
        if self._header.issubset(word.lower() for word in words):
            return {}
        if len(words) != len(self._columns):
            names = ", ".join(self._columns)
            return f"It has {len(words)} fields where {len(self._columns)} are wanted ({names}). Name them: columns=…"
        return {
            name: _dotted(word) if separator != "," and name in self._channels else word
            for name, word in zip(self._columns, words, strict=True)
            if name
        }


def _dotted(word: str) -> str:
    """Return a number with a decimal comma as one with a point.

    >>> _dotted("21,5"), _dotted("1.021,5")
    ('21.5', '1.021,5')
    """
    dotted = word.replace(",", ".", 1)
    return word if read_number(dotted, ()) is None else dotted
