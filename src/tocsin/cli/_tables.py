"""How results look in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from tocsin.cli._shell import console

if TYPE_CHECKING:
    from tocsin.artifact.artifact import Artifact
    from tocsin.evaluation.events import EventRecall
    from tocsin.sources import Table
    from tocsin.training.profile import Profile


_CONTROL = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|[\x00-\x1f\x7f-\x9f]")

CHOSEN = "Chosen from the readings"
EVIDENCE = "What stands behind the limit"


def show_table(table: Table) -> None:
    """Print how a table was understood, and what is odd about it."""
    out = console()
    for title, lines in (("How the table is read", table.layout.lines()), ("Quality", table.quality.lines())):
        out.print(f"[bold]{title}[/bold]")
        for line in lines:
            out.print(f"  {harmless(line)}", markup=False)


def show_profile(profile: Profile) -> None:
    """Print what readings are like."""
    out = console()
    out.print("[bold]What the readings are like[/bold]")
    for line in profile.lines():
        out.print(f"  {harmless(line)}", markup=False)


def warn(lines: Iterable[str]) -> None:
    """Print warnings where they disturb no output."""
    for line in lines:
        typer.echo(f"{typer.style('warning:', fg='yellow', bold=True)} {harmless(line)}", err=True)


def show_pairs(title: str, pairs: Mapping[str, Any]) -> None:
    """Print names and values as two columns under a title."""
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=None, show_header=False, padding=(0, 2, 0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs.items():
        grid.add_row(Text(harmless(name.replace("_", " "))), Text(harmless(_text(value))))
    out = console()
    out.print(Text(harmless(title), style="bold"))
    out.print(grid)


def show_sentences(title: str, sentences: Sequence[str]) -> None:
    """Print sentences as a list under a title; nothing where there are none."""
    from rich.table import Table as Grid
    from rich.text import Text

    if not sentences:
        return
    grid = Grid(box=None, show_header=False, padding=(0, 1, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for sentence in sentences:
        grid.add_row("  –", Text(harmless(sentence)))
    out = console()
    out.print(Text(harmless(title), style="bold"))
    out.print(grid)


def show_trained(title: str, artifact: Artifact) -> None:
    """Print what someone who has just trained wants to know, and what was chosen from the readings."""
    from tocsin.engine.facts import artifact_facts

    pairs = artifact_facts(artifact)
    said = pairs.pop("said", [])
    show_sentences(CHOSEN, pairs.pop("chosen", []))
    show_pairs(title, pairs)
    show_sentences(EVIDENCE, said)


def show_recall(found: tuple[EventRecall, ...], *, title: str = "Events caught, by kind and size") -> None:
    """Print caught events, kinds down and sizes across."""
    from rich.table import Table as Grid

    bands = list(dict.fromkeys(row.band for row in sorted(found, key=lambda row: _lowest(row.band))))
    grid = Grid(box=None, padding=(0, 2, 0, 2), title=title, title_justify="left", title_style="bold")
    grid.add_column("kind")
    for band in (*bands, "all"):
        grid.add_column(band, justify="right")
    for kind in dict.fromkeys(row.kind for row in found):
        own = {row.band: row for row in found if row.kind == kind}
        cells = [f"{own[b].caught} of {own[b].events}" if b in own else "" for b in bands]
        whole = f"{sum(r.caught for r in own.values())} of {sum(r.events for r in own.values())}"
        grid.add_row(kind or "unknown", *cells, whole)
    console().print(grid)


def harmless(text: str) -> str:
    r"""Return ``text`` without what a terminal would obey: escape sequences and control characters.

    >>> harmless("temp\x1b[31m\x1b]0;title\x07\x9b2J\r °C")
    'temp °C'
    """
    return _CONTROL.sub("", text)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{count} {name}" for name, count in value.items() if count)
    if isinstance(value, float):
        return f"{value:.6g}"
    return "–" if value is None else str(value)


def _lowest(band: str) -> tuple[bool, float]:
    head = band.lstrip("<≥ ").split("–")[0].split(" ")[0]
    try:
        return (not band.startswith("<"), float(head))
    except ValueError:
        return (True, float("inf"))
