"""``tocsin explain``: why it rang, channel by channel, in words and as a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides

if TYPE_CHECKING:
    from rich.table import Table as Grid

    from tocsin.engine.explaining import Explanation, Part

MOST = 12
"""Channels up to which all are listed; of more, those that matter."""


def explain(
    artifact: opt.ArtifactFile,
    readings: opt.Readings,
    at: Annotated[
        str | None, typer.Option(help="Time of the reading, as in the file or ISO 8601; or a row's number.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="Its device, where several have a reading at that time.")] = None,
    incident: Annotated[str | None, typer.Option(help="Id of an incident, whose beginning is explained.")] = None,
    method: Annotated[
        Literal["shares", "gradients", "shap"],
        typer.Option(help="shares: the detector's own; gradients: by reading and channel; shap: Shapley values."),
    ] = "shares",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Picture as PNG or SVG.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draw that shap makes beyond 10 channels.")] = 0,
    in_time_order: Annotated[
        bool, typer.Option("--sort", help="Take the rows in order of time instead of the file's.")
    ] = False,
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Tell why a reading rang: each channel's share of the score, what it showed, what was expected, what is usual.

    Without --at and --incident it is the beginning of the worst incident. The picture shows channels before and after.
    """
    from tocsin.cli._places import check_places
    from tocsin.engine.explaining import explain as run
    from tocsin.engine.explaining import scene_of
    from tocsin.engine.scorer import load
    from tocsin.evaluation.pictures.figures import explained_plot, require, save
    from tocsin.sources import open_table

    del config  # its [input] is in the overrides
    check_places([output], inputs=[artifact, readings])
    if output is not None:
        _check_suffix(output)
        require("Drawing the explanation")
    scorer = load(artifact)
    table = open_table(readings, overrides=overrides, expect=scorer.artifact.layout)
    table = table.in_time_order() if in_time_order else table
    found = run(scorer, table, at=at, device=device, incident=incident, method=method, seed=seed)
    if output is not None:
        save(explained_plot(scene_of(found)), output)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=1, ensure_ascii=False))
        return
    _tell(found)
    if output is not None:
        typer.echo(f"→ {output}")


def _check_suffix(output: Path) -> None:
    from tocsin.core.errors import InputError

    if output.suffix.lower() not in (".png", ".svg"):
        raise InputError(f"{output.name} is no name of a picture.", remedy="Let it end in .png or .svg.")


def _tell(found: Explanation) -> None:
    from rich.text import Text

    from tocsin.cli._shell import console
    from tocsin.cli._tables import harmless
    from tocsin.engine.explaining import SOURCES

    shown = found.ranked() if len(found.parts) <= MOST else found.telling()
    out = console()
    for line in found.story():
        out.print(Text(harmless(line)))
    out.print(Text(f"Share of the {found.whole}, by {SOURCES[found.source]}", style="bold"))
    out.print(_grid(shown))
    if left := len(found.parts) - len(shown):
        out.print(f"  {left} more channels with less than 0.5 % each: see --json")
    for line in found.notes:
        out.print(Text(harmless(line)))


def _grid(ranked: Sequence[Part]) -> Grid:
    """Return the channels as a table, without columns of which nothing is known."""
    from rich.table import Table
    from rich.text import Text

    from tocsin.cli._tables import harmless

    grid = Table(box=None, padding=(0, 2, 0, 2))
    grid.add_column("channel")
    columns = {
        "share": ["–" if part.portion is None else f"{round(100 * part.portion)} %" for part in ranked],
        "measured": _texts([part.actual for part in ranked]),
        "expected": _texts([part.expected for part in ranked]),
        "±": _texts([part.band for part in ranked]),
        "usual": _texts([part.usual for part in ranked]),
    }
    known = {head: texts for head, texts in columns.items() if head == "share" or set(texts) != {"–"}}
    for head in known:
        grid.add_column(head, justify="right")
    for part, *texts in zip(ranked, *known.values(), strict=True):
        grid.add_row(Text(harmless(part.channel.label)), *texts)
    return grid


def _texts(values: Sequence[float | None]) -> list[str]:
    from tocsin.engine.explaining import figure

    return ["–" if value is None else figure(value) for value in values]
