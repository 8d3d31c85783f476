"""``tocsin rehearse``: which faults would ring, found out before anything fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table as Grid

    from tocsin.training.rehearse.rehearsal import Cell, Rehearsal

MANY = 12
"""Channels that are told one by one in the terminal; rehearsal.json holds all."""


def rehearse(
    artifact: opt.ArtifactFile,
    readings: opt.Readings,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for rehearsal.json and rehearsal.png.")] = Path(
        "rehearsal"
    ),
    kinds: Annotated[
        str | None, typer.Option(help="Kinds of faults, with commas between. (default: all but drop)")
    ] = None,
    sizes: Annotated[
        str, typer.Option(help="Sizes, with commas between, in deviations of the channel.")
    ] = "0.5,1,2,4,8",
    trials: Annotated[int, typer.Option(help="Stretches of readings for each kind and size.")] = 20,
    seed: Annotated[int, typer.Option(help="Of all chance.")] = 0,
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Put faults into normal readings of yours, score them as ever, and tell which would ring and which be missed.

    A fault rings if an incident is told that begins while it lasts, or within raise_after readings after it. Sizes are
    in standard deviations of each channel in these readings. Give readings that were normal, and better none that the
    artifact has learned from. It says what would ring for faults like these; real ones may look otherwise.
    """
    from tocsin.cli._lab import folder_for
    from tocsin.engine.scorer import load
    from tocsin.evaluation.pictures.figures import require, save
    from tocsin.sources import open_table
    from tocsin.training.rehearse import USUAL_KINDS
    from tocsin.training.rehearse import rehearse as run

    del config  # its [input] is in the overrides
    require("Drawing the rehearsal")
    chosen = USUAL_KINDS if kinds is None else tuple(_parts(kinds))
    scorer = load(artifact)
    wanted = tuple(_numbers(sizes))
    folder = folder_for(output, inputs=[artifact, readings])
    table = open_table(readings, overrides=overrides, expect=scorer.artifact.layout)
    found = run(scorer, table, kinds=chosen, sizes=wanted, trials=trials, seed=seed)
    told = json.dumps(found.as_dict(), indent=1, ensure_ascii=False)
    (folder / "rehearsal.json").write_text(told + "\n", "utf-8")
    save(picture(found), folder / "rehearsal.png")
    if as_json:
        typer.echo(told)
        return
    _show(found)
    for name in ("rehearsal.json", "rehearsal.png"):
        typer.echo(f"→ {folder / name}")


def picture(found: Rehearsal) -> Figure:
    """Return the map of what rang: kinds of faults down, their sizes across."""
    import numpy as np

    from tocsin.evaluation.pictures.figures import heat_map

    columns: list[float | None] = [*found.sizes]
    if not all(found.sized(kind) for kind in found.kinds):
        columns.append(None)
    shares = np.full((len(found.kinds), len(columns)), np.nan)
    for row, kind in enumerate(found.kinds):
        for size in found.sizes_of(kind):
            share = found.cell(kind, size).share
            shares[row, columns.index(size)] = np.nan if share is None else share
    return heat_map(
        shares,
        [kind.replace("_", " ") for kind in found.kinds],
        [_size(size) for size in columns],
        "Share of the faults that ring",
        across="size of the fault, in deviations of its channel (σ)",
    )


def _show(found: Rehearsal) -> None:
    from tocsin.cli._tables import show_pairs, warn

    warn(found.notes)
    show_pairs(
        "Rehearsed",
        {
            "faults": f"{len(found.attempts):,}, each in {found.stretch} of {found.readings:,} normal readings",
            "without any": f"{_percent(found.false_alarms)} % of the {found.trials} stretches ring",
        },
    )
    _show_kinds(found)
    _show_channels(found)
    typer.echo("\n".join(_sentences(found)))


def _show_kinds(found: Rehearsal) -> None:
    from tocsin.cli._shell import console

    grid = _grid("Share that rings, in %, by kind and size")
    heads = ["kind", *map(_size, found.sizes), "no size", "rings from", "delay", "readings", "cause right"]
    for head in heads:
        grid.add_column(head, justify="left" if head == "kind" else "right", no_wrap=True)
    for kind in found.kinds:
        sized, best = found.sized(kind), _telling(found, kind)
        shares = [_percent(found.cell(kind, size).share) if sized else "" for size in found.sizes]
        least = found.detectable(kind)
        own = ["" if sized else _percent(best.share), "" if not sized else "–" if least is None else _size(least)]
        late = "–" if best.delay is None else f"{best.delay:g}"
        grid.add_row(kind, *shares, *own, _delay(best), late, _percent(best.right_cause))
    console().print(grid)


def _grid(title: str) -> Grid:
    from rich.table import Table as Grid

    return Grid(box=None, padding=(0, 1, 0, 1), title=title, title_justify="left", title_style="bold")


def _show_channels(found: Rehearsal) -> None:
    from rich.text import Text

    from tocsin.cli._shell import console
    from tocsin.cli._tables import harmless

    names = [name for name in found.deviation if any(found.channel_cell(name, size).trials for size in found.sizes)]
    if not names:
        return
    grid = _grid("Share that rings, in %, by channel and size (faults of one channel)")
    grid.add_column("channel")
    for size in found.sizes:
        grid.add_column(_size(size), justify="right")
    grid.add_column("1 σ is", justify="right")
    for name in names[:MANY]:
        shares = [_percent(found.channel_cell(name, size).share) for size in found.sizes]
        grid.add_row(Text(harmless(name)), *shares, f"{found.deviation[name]:.3g}")
    console().print(grid)
    if len(names) > MANY:
        typer.echo(f"  and {len(names) - MANY} more channels, in rehearsal.json")


def _sentences(found: Rehearsal) -> Iterator[str]:
    """Say in words what the table means."""
    reliable = [kind for kind in found.kinds if _noticed(found, kind)]
    missed = [kind for kind in found.kinds if not _noticed(found, kind)]
    if reliable:
        yield f"Noticed in 9 of 10 cases, if large enough: {', '.join(reliable)}."
    if missed:
        yield f"Missed more often than that at every size tried: {', '.join(missed)}."
    yield "This holds for faults like these, in readings like these; real faults may look otherwise."


def _noticed(found: Rehearsal, kind: str) -> bool:
    from tocsin.training.rehearse.rehearsal import RELIABLE

    if found.sized(kind):
        return found.detectable(kind) is not None
    return (found.cell(kind, None).share or 0.0) >= RELIABLE


def _telling(found: Rehearsal, kind: str) -> Cell:
    """Return the cell whose delay is worth telling: the smallest size that rings reliably, else the largest."""
    if not found.sized(kind):
        return found.cell(kind, None)
    return found.cell(kind, found.detectable(kind) or max(found.sizes))


def _delay(cell: Cell) -> str:
    from tocsin.sources import in_words

    return "–" if cell.delay_s is None else in_words(round(cell.delay_s * 1e9))


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}"


def _size(size: float | None) -> str:
    return "no size" if size is None else f"{size:g} σ"


def _parts(text: str) -> Iterator[str]:
    return (part.strip() for part in text.split(",") if part.strip())


def _numbers(text: str) -> Iterator[float]:
    from tocsin.core.errors import SettingError

    for part in _parts(text):
        try:
            yield float(part)
        except ValueError:
            raise SettingError(f"The size {part!r} is no number.", remedy="For example: --sizes 0.5,1,2,4,8") from None
