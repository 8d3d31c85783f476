"""``tocsin explore``: what a table holds and what is odd about it, before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides


def explore(
    readings: opt.Readings,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the pictures.")] = Path("explore"),
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Tell the quality of a table and what its readings are like; draw eda_preview.png and eda_corr.png."""
    from tocsin.evaluation.pictures.explore import explore as draw
    from tocsin.sources import open_table
    from tocsin.training.profile import profile

    del config  # its [input] is in the overrides

    table = open_table(readings, overrides=overrides)
    found = profile(table)
    if as_json:
        import json

        typer.echo(
            json.dumps(
                {"layout": table.layout.as_dict(), "quality": table.quality.as_dict(), "profile": found.as_dict()},
                indent=1,
            )
        )
    else:
        from tocsin.cli._tables import show_profile, show_table

        show_table(table)
        show_profile(found)
    draw(table, output)
    if not as_json:
        typer.echo(f"→ {output}/eda_preview.png, {output}/eda_corr.png, {output}/quality.json")
