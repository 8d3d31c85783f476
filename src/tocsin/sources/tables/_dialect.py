"""Telling how the rows of a text table are written from its first lines: separator, names, where the readings begin."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from tocsin.core.errors import InputError, SettingError
from tocsin.core.fixes import Fix

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_ROWS = 50


@dataclass(frozen=True)
class Dialect:
    """How the rows of a text table are written.

    Parameters
    ----------
    separator
        Between two fields.
    names
        Of the columns, blanks around them removed; "" for a column of row numbers without a name.
    skip
        Lines up to and including the header.
    note
        What is odd about the header, or "".
    """

    separator: str
    names: tuple[str, ...]
    skip: int
    note: str = ""


def dialect_of(lines: list[str], *, separator: str | None, source: str) -> Dialect:
    """Return how a table is written.

    Parameters
    ----------
    lines
        The first lines of the text, line ends included.
    separator
        What the user says it is, or None.
    source
        What to call the table in messages.

    Raises
    ------
    InputError
        If there is no header, no row below it, or names repeat.
    SettingError
        If ``separator`` is not one character.
    """
    if separator is not None and (len(separator) != 1 or separator in '"\r\n'):
        raise SettingError(
            f"{separator!r} is no separator.",
            remedy="Use one character, such as ';'.",
            fixes=(Fix("Guess the separator", {"separator": None}),),
        )
    blank = next((k for k, line in enumerate(lines) if line.strip()), len(lines))
    if blank == len(lines):
        raise InputError(f"{source} is empty.", remedy="Give a table with a header and at least two rows.")
    body = [line for line in lines[blank:] if line.strip(" \r\n")]
    separator = separator or _separator(body)
    header, rows = _fields(body[:1], separator), _fields(body[1:], separator)
    if not rows:
        raise InputError(f"{source} holds a header and no readings.", remedy="Give at least two rows.")
    names, note = _names(header[0], body[0], len(rows[0]))
    _refuse_bad_names(names, source)
    return Dialect(separator, names, blank + 1, note)


def _separator(body: list[str]) -> str:
    """Return the candidate under which the rows agree best with the header; "," where there is but one column."""
    return max(SEPARATORS, key=lambda candidate: _agreement(body, candidate))


def _agreement(body: list[str], separator: str) -> tuple[float, int]:
    counts = [len(fields) for fields in _fields(body, separator)]
    header, rows = counts[0], counts[1:] or counts[:1]
    most, times = Counter(rows).most_common(1)[0]
    if most < 2:
        return 0.0, 0
    share = times / len(rows)
    if header == most:
        return share, most
    if header == 1 and len(body[0].split()) == most:
        return share * 0.9, most
    return (share * 0.8 if 2 <= header == most - 1 else 0.1 * share), most


def _fields(lines: list[str], separator: str) -> list[list[str]]:
    try:
        return list(islice(csv.reader(lines, delimiter=separator, skipinitialspace=True), _ROWS))
    except csv.Error as error:
        raise InputError(f"This is no table: {error}.", remedy="Give a CSV or Parquet file.") from None


def _names(header: list[str], line: str, width: int) -> tuple[tuple[str, ...], str]:
    names, note = [name.strip() for name in header], ""
    if len(names) == 1 < width == len(line.split()):
        names, note = line.split(), "the header is separated by blanks, the rows are not"
    if len(names) == width - 1:
        names, note = ["", *names], "the header is one name short: the first column is taken as row numbers"
    first = [f"column_{k + 1}" if not name and k else name for k, name in enumerate(names)]
    return tuple(first), note


def _refuse_bad_names(names: tuple[str, ...], source: str) -> None:
    repeated = sorted(name for name, times in Counter(names).items() if times > 1)
    if repeated:
        raise InputError(
            f"{source} has more than one column named {', '.join(map(repr, repeated))}.", remedy="Rename the columns."
        )
    if sum(_is_fraction(name) for name in names) > 0 and all(map(_is_value, names)):
        raise InputError(
            f"The first line of {source} holds readings where the columns' names should be ({', '.join(names[:4])}).",
            remedy="Add a line with the names of the columns.",
        )


def _is_fraction(name: str) -> bool:
    return "." in name and _is_number(name)


def _is_value(name: str) -> bool:
    return not name or _is_number(name) or name[:1].isdigit()


def _is_number(name: str) -> bool:
    try:
        float(name.replace(",", "."))
    except ValueError:
        return False
    return True
