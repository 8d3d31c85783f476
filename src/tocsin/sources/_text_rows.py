"""Lines of text as columns of text; a line that is no row of the table is told apart from the others."""

from __future__ import annotations

import csv

import polars as pl

from tocsin.sources.tables._dialect import Dialect


class TextRows:
    """Splits lines into columns.

    Parameters
    ----------
    dialect
        How the lines are written.

    Examples
    --------
    >>> table, bad = TextRows(Dialect(",", ("a", "b"), 1)).table([b"1,2", b"1,2,3", b"4"])
    >>> table.rows(), bad
    ([('1', '2'), ('4', None)], {1: 'It has 3 fields, but the header names 2.'})
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def table(self, lines: list[bytes]) -> tuple[pl.DataFrame, dict[int, str]]:
        """Return the rows as columns of text, and which lines are no rows."""
        found = self._parsed(lines)
        if found is not None:
            return found, {}
        bad = {k: reason for k, line in enumerate(lines) if (reason := self._misfit(line))}
        found = self._parsed([line for k, line in enumerate(lines) if k not in bad])
        return (self._one_by_one(lines, bad) if found is None else found), bad

    def _one_by_one(self, lines: list[bytes], bad: dict[int, str]) -> pl.DataFrame:
        """Return the rows in those lines that can be read alone; the others join the bad ones."""
        rows = [self._parsed([])]
        for k, line in enumerate(lines):
            if k not in bad:
                rows.append(self._parsed([line]))
                if rows[-1] is None:
                    bad[k] = "It is no row."
        return pl.concat([row for row in rows if row is not None])

    def _parsed(self, lines: list[bytes]) -> pl.DataFrame | None:
        schema = dict.fromkeys(self._dialect.names, pl.String)
        if not lines:
            return pl.DataFrame(schema=schema)
        try:
            found = pl.read_csv(
                _utf8(b"\n".join(lines) + b"\n"),
                has_header=False,
                separator=self._dialect.separator,
                schema=schema,
            )
        except pl.exceptions.PolarsError:
            return None
        return found if found.height == len(lines) else None

    def _misfit(self, line: bytes) -> str:
        """Return why a line is no row, "" where it is one."""
        text, names = _utf8(line).decode("utf-8", "replace"), self._dialect.names
        if line.count(b'"') % 2:
            return "A quotation mark is not closed."
        try:
            fields = next(csv.reader([text], delimiter=self._dialect.separator), [])
        except csv.Error as error:
            return f"It is no row: {error}."
        if len(fields) > len(names):
            return f"It has {len(fields)} fields, but the header names {len(names)}."
        return "" if "\x00" not in text else "It is no text."


def _utf8(text: bytes) -> bytes:
    """Return text as UTF-8; what is none is taken as Windows' western one, as files are."""
    text = text.removeprefix(b"\xef\xbb\xbf")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace").encode("utf-8")
    return text
