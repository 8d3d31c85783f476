"""``tocsin gather``: one table of many, for whoever has a file for each sensor or component."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tocsin.sources import Overrides


def gather(
    place: Annotated[Path, typer.Argument(help="A folder of CSV or Parquet files, or one file.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="Table to write: CSV or Parquet.")] = Path(
        "readings.csv"
    ),
    labels: Annotated[
        Path | None, typer.Option("--labels", help="CSV of periods in which something was wrong: start,end.")
    ] = None,
    quality: Annotated[
        Path | None, typer.Option(help="JSON to write what is wrong to, counted as Lookout for Equipment did.")
    ] = None,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    r"""Put the tables of one asset side by side, by their times, in one table that every other verb can read.

    A table in a subfolder belongs to the component of that name, any other is a component of its own. Columns of
    several components are called component\sensor. With --labels, a column label is 1 while something was wrong.
    """
    from tocsin.cli._places import check_places
    from tocsin.sources import gathered, read_periods, write_table

    read = [path for path in (labels, None if place.is_dir() else place) if path is not None]
    check_places([output, quality], inputs=read)
    found = gathered(place, overrides=overrides)
    spans = None if labels is None else read_periods(labels, timezone=overrides.timezone or "UTC")
    table = found.table(spans)
    write_table(output, table, {})
    if quality is not None:
        quality.write_text(json.dumps(found.quality(), indent=1), "utf-8")
    _tell(found.silent, rows=table.height, sensors=len(found.sensors), spans=spans)
    for path in (output, quality):
        if path is not None:
            typer.echo(f"→ {path}")


def _tell(silent: tuple[str, ...], *, rows: int, sensors: int, spans: list[tuple[int, int]] | None) -> None:
    from tocsin.cli._tables import warn

    warn(tuple(f"{name} says nothing, and is left out." for name in silent))
    labelled = "" if spans is None else f", {len(spans):,} {'period' if len(spans) == 1 else 'periods'} labelled"
    typer.echo(f"{rows:,} readings of {sensors - len(silent):,} sensors{labelled}.")
