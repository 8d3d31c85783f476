"""Opening a file or a frame: the door to this room, which needs Polars only once somebody goes through it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tocsin.sources.tables._layout import Layout
from tocsin.sources.tables._loaded import Loaded
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._require import require_polars
from tocsin.sources.tables._table import Table


def open_table(source: Path | str | Any, *, overrides: Overrides = Overrides(), expect: Layout | None = None) -> Table:  # noqa: B008  # frozen
    """Read a table, guess what its columns are, and report what is odd about it.

    Parameters
    ----------
    source
        The path of a CSV, TSV, TXT or Parquet file, or a pandas, Polars or pyarrow frame.
    overrides
        What the user knows better than the guess.
    expect
        The layout an artifact was trained on: its channels must be there, and its time, device, label, missing texts
        and sentinels apply where these columns are there. Separator, decimal sign and encoding are guessed anew;
        further columns are left alone.

    Returns
    -------
    Table
        In the file's order.

    Raises
    ------
    InputError
        If the table cannot be used; the message says why and what to do.
    MissingExtraError
        If Polars is not installed.
    """
    return understand(load_columns(source, overrides=overrides), overrides=overrides, expect=expect)


def load_columns(source: Path | str | Any, *, overrides: Overrides = Overrides()) -> Loaded:  # noqa: B008  # frozen
    """Read the columns of a table as they stand, for whoever wants to understand them more than once.

    Parameters
    ----------
    source
        As :func:`open_table` takes it.
    overrides
        Of these, separator and encoding count.

    Raises
    ------
    InputError
        If it cannot be read as a table.
    MissingExtraError
        If Polars is not installed.
    """
    require_polars("Reading tables")
    from tocsin.sources.tables._load import load

    return load(source, overrides)


def understand(loaded: Loaded, *, overrides: Overrides = Overrides(), expect: Layout | None = None) -> Table:  # noqa: B008  # frozen
    """Guess what the columns of a table are, and report what is odd about it.

    Parameters
    ----------
    loaded
        As :func:`load_columns` gave it.
    overrides, expect
        See :func:`open_table`.

    Raises
    ------
    InputError
        If the table cannot be used; the message says why and what to do.
    """
    from tocsin.sources.tables._assemble import assemble

    return assemble(loaded, overrides, expect)


def kinds_of_columns(loaded: Loaded) -> dict[str, str]:
    """Return what each column holds, by name, whatever it is called.

    One of "number", "states" (a two-state text such as on and off), "text", "mixed" (mostly numbers, some text), "time"
    (of a temporal type), "empty", and "other" (a type that holds no single value).

    Parameters
    ----------
    loaded
        As :func:`load_columns` gave it.
    """
    from tocsin.sources.tables._infer import decimal_of
    from tocsin.sources.tables._layout import MISSING
    from tocsin.sources.tables._profile import profile_of

    decimal = decimal_of(loaded.columns)
    columns = loaded.columns.iter_columns()
    return {column.name: profile_of(column, decimal=decimal, missing=MISSING).kind for column in columns}
