"""``tocsin distill``: a small network that says what a large artifact says, beside the one it learned from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides, Table

if TYPE_CHECKING:
    from tocsin.training.smaller.distill import Distilled
    from tocsin.training.smaller.search import Search

SMALLEST = "The smallest that detects as well"


def distill(
    artifact: opt.ArtifactFile,
    readings: opt.Readings,
    student: Annotated[
        str | None,
        typer.Option(help="stats_small, dense_small, cnn_small or gru_small. (default: stats_small; --within: all)"),
    ] = None,
    budget: Annotated[int, typer.Option(help="Parameters that it has at most.")] = 20_000,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where it goes. (default: NAME-student.tocsin)")
    ] = None,
    labelled: Annotated[
        Path | None, typer.Option(help="Later readings with labels: how well both detect is told.")
    ] = None,
    epochs: Annotated[int, typer.Option(help="Passes over the windows that it learns from, at most.")] = 45,
    windows: Annotated[int, typer.Option(help="Windows that it learns from, at most, faults and all.")] = 30_000,
    seed: Annotated[int, typer.Option(help="Of all chance.")] = 0,
    within: Annotated[
        float | None,
        typer.Option(
            help="Look for the smallest student that loses no more VUS-PR than this, such as 0.02; on --labelled, or "
            "on faults put into the last 30 % of READINGS.",
            rich_help_panel=SMALLEST,
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Processes side by side. (default: one a core)", rich_help_panel=SMALLEST)
    ] = None,
    as_json: opt.AsJson = False,
    config: opt.Config = None,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Let a small network learn what a trained artifact says, whatever detector is in it.

    READINGS are normal ones, such as the artifact was trained on. Faults are put into copies of their windows, the
    artifact is asked what it makes of each, and the student learns the answers; so it agrees where things are strange,
    too. It has the artifact's window and alarm policy, and a limit found by the same rule on its own scores.

    With --within, students of several kinds and sizes learn, two of each, and the smallest that detects well enough is
    kept; exit code 1 if none does. Ends with both side by side, as tocsin footprint has them.
    """
    from tocsin.artifact import bundle
    from tocsin.cli._lab import cores
    from tocsin.cli._places import check_seal
    from tocsin.sources import open_table
    from tocsin.training.smaller.distill import distill as run
    from tocsin.training.smaller.search import search
    from tocsin.training.smaller.teaching import DEFAULT, Teaching

    del config  # its [input] is in the overrides
    target = output or artifact.with_name(f"{artifact.stem}-student.tocsin")
    check_seal(target, inputs=[artifact, readings, *([] if labelled is None else [labelled])])
    big = bundle.load(artifact)
    teaching = Teaching(student=student or DEFAULT, budget=budget, epochs=epochs, windows=windows, seed=seed)
    teaching.make_student()
    table, judged = (
        None if path is None else open_table(path, overrides=overrides, expect=big.layout)
        for path in (readings, labelled)
    )
    assert table is not None
    found = None
    if within is not None:
        kinds = () if student is None else (student,)
        found = search(big, table, within=within, labelled=judged, students=kinds, teaching=teaching, jobs=cores(jobs))
    made = run(big, table, teaching) if found is None else found.kept
    if made is not None:
        bundle.save(made.artifact, target)
    _tell(artifact, target, made, found, judged=judged, as_json=as_json)
    if made is None:
        raise typer.Exit(1)


def _tell(
    before: Path, after: Path, made: Distilled | None, found: Search | None, *, judged: Table | None, as_json: bool
) -> None:
    from tocsin.cli._footprints import show_footprints
    from tocsin.cli._tables import show_sentences, warn
    from tocsin.export.footprint import weigh_all

    weighed = () if made is None else weigh_all([before, after], readings=judged)
    if as_json:
        told = {} if found is None else {"tried": [one.as_dict() for one in found.tried]}
        pair = {name: one.as_dict() for name, one in zip(("before", "after"), weighed, strict=False)}
        kept = {} if made is None else {"artifact": str(after), "likeness": made.likeness.as_dict()}
        typer.echo(json.dumps({**kept, **pair, **told}, indent=1))
        return
    if found is not None:
        show_tried(found)
    if made is None:
        typer.echo("No student within the budget loses so little: give a larger --budget, or a larger --within.")
        return
    show_sentences("What it learned", (*made.artifact.provenance.why, made.likeness.told()))
    show_footprints(weighed)
    warn(made.artifact.calibration.warnings)
    typer.echo(f"→ {after}")


def show_tried(found: Search) -> None:
    """Print the students of a search, a line each, that which is kept in bold."""
    from rich.table import Table as Grid
    from rich.text import Text

    from tocsin.cli._lab import on_two_lines
    from tocsin.cli._shell import console

    grid = Grid(box=None, padding=(0, 1, 0, 0), title="What was tried", title_justify="left", title_style="bold")
    grid.add_column("student", no_wrap=True, vertical="bottom")
    for name in ("parameters", "graph", "a reading", "same verdict", "VUS-PR", "lost", ""):
        grid.add_column(on_two_lines(name), justify="right", no_wrap=True, vertical="bottom")
    kept = None if found.kept is None else (found.kept.artifact.provenance.detector, found.kept.width)
    for one in found.tried:
        cells = (
            f"{one.parameters:,}",
            f"{one.graph_bytes / 1e3:,.1f} kB",
            f"{one.reading_us:,.0f} µs",
            f"{100 * one.agreement:.1f} %",
            f"{one.after:.3f}",
            f"{one.loss:+.3f} ± {one.noise:.3f}",
            "kept" if (one.student, one.width) == kept else "enough" if one.enough else "too much",
        )
        style = "bold" if (one.student, one.width) == kept else ""
        grid.add_row(Text(one.student), *cells, style=style)
    console().print(grid)
