"""Finding the row of a text table that does not fit, once reading it has failed: slow, but only then."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tocsin.core.errors import InputError
from tocsin.core.fixes import Fix
from tocsin.sources.tables._dialect import SEPARATORS, Dialect


def explain_broken_row(source: Path | bytes, dialect: Dialect, path: Path) -> InputError:
    """Return the error that names the first row with more fields than the header has names."""
    text = source.decode("utf-8") if isinstance(source, bytes) else source.read_text("utf-8-sig", errors="replace")
    lines = io.StringIO(text, newline="")
    for _ in range(dialect.skip):
        lines.readline()
    try:
        for number, fields in enumerate(csv.reader(lines, delimiter=dialect.separator), start=1):
            if len(fields) > len(dialect.names):
                return _too_many(number, len(fields), dialect, path)
    except csv.Error as error:
        return InputError(f"{path} cannot be read as a table: {error}.", remedy="Export it anew.")
    return InputError(
        f"{path} cannot be read as a table: a quotation mark is never closed.", remedy="Remove it, or export it anew."
    )


def _too_many(number: int, width: int, dialect: Dialect, path: Path) -> InputError:
    return InputError(
        f"Row {number:,} of {path} has {width} fields, but the header names {len(dialect.names)}.",
        remedy="Mend the row, or name the separator with --separator.",
        fixes=tuple(
            Fix(f"Separate the fields at {what}", {"separator": sign})
            for sign, what in SEPARATORS.items()
            if sign != dialect.separator and any(sign in name for name in dialect.names)
        ),
    )
