"""A finished table, opened with what a watch knows of its readings instead of an artifact's own layout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tocsin.core.errors import InputError
from tocsin.core.live import Expected
from tocsin.sources.tables._names import nearest
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._require import require_polars
from tocsin.sources.tables._table import Table


def expected_table(
    path: Path, expect: Expected, *, device: str | None = None, long: tuple[str, str] | None = None
) -> Table:
    """Return the table in a file, its columns named as far as they are expected.

    Values that stand for "missing", such as -200, are left as they are: which do is known to the artifact.

    Parameters
    ----------
    path
        A CSV or Parquet file.
    expect
        What is known.
    device
        The column that names the device, "" for none; None for what is expected.
    long
        In long form the columns with the channel's name and its value.

    Raises
    ------
    InputError
        If it cannot be read, or holds none of the channels wanted.
    """
    require_polars("Reading tables")
    from tocsin.sources.tables._assemble import assemble
    from tocsin.sources.tables._load import load

    loaded = load(path, Overrides())
    found = loaded.columns.columns
    times = tuple(name for name in expect.time if name in found)[:2]
    channels = tuple(name for name in expect.channels if name in found)
    owner = next((name for name in expect.device if name in found), "" if expect.channels else None)
    overrides = Overrides(
        time=times or None,
        time_format=expect.time_format or None if times else None,
        timezone=expect.timezone,
        device=owner if device is None else device,
        label="" if expect.channels else None,
        channels=expect.channels if long else channels or None,
        missing=expect.missing or None,
        keep_sentinels=True,
        long=long,
    )
    try:
        table = assemble(loaded, overrides, None)
    except InputError:
        if channels or not expect.channels:
            raise
        raise _nothing_wanted(path, expect, found) from None
    if expect.channels and not set(expect.channels) & set(table.layout.schema.names):
        raise _nothing_wanted(path, expect, found)
    return table


def _nothing_wanted(path: Path, expect: Expected, found: Sequence[str]) -> InputError:
    return InputError(
        f"{path} has none of the channels wanted: {', '.join(expect.channels[:8])}.",
        remedy=nearest(expect.channels[0], found) or f"It has: {', '.join(found[:12])}.",
    )
