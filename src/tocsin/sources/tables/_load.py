"""Bringing a file or a frame into columns, untouched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from tocsin.core.errors import InputError, SettingError
from tocsin.core.fixes import Fix
from tocsin.sources.tables._dialect import Dialect, dialect_of
from tocsin.sources.tables._encoding import encoding_of, is_utf8
from tocsin.sources.tables._frames import frame_columns
from tocsin.sources.tables._loaded import Loaded
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._ragged import explain_broken_row

_HEAD = 256 * 1024  # characters in which the way a table is written must show
_GUESS = Fix("Guess the encoding", {"encoding": None})


def load(source: Path | str | Any, overrides: Overrides) -> Loaded:
    """Return the columns of a file or frame as they came.

    Raises
    ------
    InputError
        If it cannot be read as a table.
    """
    if not isinstance(source, Path | str):
        return Loaded(frame_columns(source), "the table")
    path = Path(source)
    _refuse_unreadable(path)
    return _parquet(path) if _is_parquet(path) else _text(path, overrides)


def _refuse_unreadable(path: Path) -> None:
    if path.is_dir():
        raise InputError(f"{path} is a folder.", remedy="Name one file in it.")
    if not path.exists():
        raise InputError(f"There is no file {path}.", remedy="Check the path.")
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", remedy="Check its permissions.") from None
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty.", remedy="Give a table with a header and at least two rows.")


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1" or path.suffix.lower() in {".parquet", ".pq"}


def _parquet(path: Path) -> Loaded:
    try:
        return Loaded(pl.read_parquet(path), str(path))
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path} is not a readable Parquet file: {reason}.", remedy="Write it anew.") from None


def _text(path: Path, overrides: Overrides) -> Loaded:
    encoding = overrides.encoding or encoding_of(path)
    utf8 = encoding.lower() in {"utf-8", "utf8", "utf-8-sig"} and (not overrides.encoding or is_utf8(path))
    text = None if utf8 else _decoded(path, encoding)
    dialect = dialect_of(_first_lines(path, text), separator=overrides.separator, source=str(path))
    rows = _rows(path if text is None else text.encode("utf-8"), dialect, path)
    columns = _without_blank_rows(rows)
    blank = rows.height - columns.height
    notes = (dialect.note, f"{blank:,} empty rows were passed over" if blank else "")
    return Loaded(columns, str(path), dialect.separator, encoding, tuple(note for note in notes if note))


def _without_blank_rows(columns: pl.DataFrame) -> pl.DataFrame:
    """In a table of one column an empty line is a missing value."""
    if columns.width == 1 or not all(column.null_count() for column in columns):
        return columns
    return columns.filter(~pl.all_horizontal(pl.all().is_null()))


def _decoded(path: Path, encoding: str) -> str:
    try:
        return path.read_bytes().decode(encoding, errors="strict" if encoding != "cp1252" else "replace")
    except LookupError:
        raise SettingError(
            f"There is no encoding {encoding!r}.", remedy="Try utf-8, utf-16 or cp1252.", fixes=(_GUESS,)
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not {encoding}: byte {error.start:,} cannot be read.",
            remedy="Name another with --encoding.",
            fixes=(_GUESS, Fix("Read it as cp1252", {"encoding": "cp1252"})),
        ) from None


def _first_lines(path: Path, text: str | None) -> list[str]:
    if text is None:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            text = file.read(_HEAD)
    lines = text[:_HEAD].removeprefix("\ufeff").splitlines(keepends=True)
    return lines[:-1] if len(text) >= _HEAD and len(lines) > 2 else lines


def _rows(source: Path | bytes, dialect: Dialect, path: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(
            source,
            has_header=False,
            skip_rows=dialect.skip,
            separator=dialect.separator,
            schema=dict.fromkeys(dialect.names, pl.String),
            missing_columns="insert",
        )
    except pl.exceptions.PolarsError as error:
        raise explain_broken_row(source, dialect, path) from error
