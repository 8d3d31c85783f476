"""``tocsin compare``: which detector to use, on the user's own labelled readings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides

if TYPE_CHECKING:
    from tocsin.evaluation.scoreboard import Row
    from tocsin.training.lab.compare import Result

DRAWN_ANYWAY = ("random", "all-ones")
"""Contenders whose curves are the diagonal and the base rate."""


def compare(
    readings: opt.Readings,
    detectors: opt.Detectors = "rolling_zscore,isolation_forest,lstm_autoencoder,auto",
    folds: opt.Folds = 1,
    seeds: opt.Seeds = 1,
    jobs: opt.Jobs = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for tables, pictures and runs.")] = Path(
        "compare"
    ),
    setting: opt.DetectorSettings = None,
    window: Annotated[int | None, typer.Option(help="Readings in a window, for all detectors.")] = None,
    threshold: Annotated[str | None, typer.Option(help="For all detectors, such as percentile:99.5.")] = None,
    buffer: opt.Buffer = None,
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Compare detectors on labelled readings: same splits, same promised false-alarm rate, nothing peeked at.

    With --folds 1, the first 60 % of the time is learned from and the rest judged. With more, each block is judged by
    what was learned from all others, a gap of a window to either side. Limits are found within what is learned from.
    Four rules that cost nothing stand beside: random, all-ones, max |z| and PCA error.

    Run again after an interruption, it goes on where it stopped.
    """
    from tocsin.cli._lab import check_buffer, cores, folder_for
    from tocsin.cli._tables import warn
    from tocsin.sources import open_table
    from tocsin.training.lab.compare import Plan, told
    from tocsin.training.lab.compare import compare as run
    from tocsin.training.lab.standing import standing
    from tocsin.training.ready import require_training
    from tocsin.wiring import make_recipes, read_config

    require_training()
    folder = folder_for(output, inputs=[readings])
    choices = {"window": window, "threshold": threshold}
    recipes = make_recipes(read_config(config), choices, detectors=detectors, settings=setting or [])
    table = open_table(readings, overrides=overrides).in_time_order()
    warn(finding.text for finding in table.quality.findings if finding.level == "warning")
    check_buffer(buffer, readings=len(table))
    plan = Plan(folds=folds, seeds=seeds, jobs=cores(jobs))
    results = run(table, recipes, plan=plan, folder=folder / "runs")
    rows = standing(results, table, window=buffer)
    _write(folder, readings, told(plan, table), rows, results)
    if as_json:
        typer.echo((folder / "comparison.json").read_text("utf-8"))
    else:
        _tell(folder, rows, told(plan, table))


def _write(folder: Path, readings: Path, done: str, rows: tuple[Row, ...], results: tuple[Result, ...]) -> None:
    from tocsin.evaluation.pictures.figures import roc_and_pr, save, score_plot
    from tocsin.training.lab.standing import text_of

    told = {"readings": readings.name, "plan": done, "rows": [row.as_dict() for row in rows]}
    (folder / "comparison.json").write_text(json.dumps(told, indent=1), "utf-8")
    (folder / "comparison.md").write_text(f"# {readings.name}\n\n{done}\n\n{text_of(rows)}\n", "utf-8")
    first = {result.name: result.outcome for result in results if result.seed == 0 and result.outcome is not None}
    save(roc_and_pr({name: first[name] for name in first if name not in DRAWN_ANYWAY}), folder / "roc_pr.png")
    for result in results:
        if result.seed == 0 and result.outcome is not None and result.artifact is not None:
            picture = score_plot(result.outcome, title=f"{result.name}, {readings.name}")
            save(picture, folder / f"scores_{result.name}.png")


def _tell(folder: Path, rows: tuple[Row, ...], done: str) -> None:
    from tocsin.cli._lab import show_board, show_kinds
    from tocsin.cli._tables import warn
    from tocsin.evaluation.scoreboard import COSTS, COUNTS, MAIN

    typer.echo(done)
    show_board("How well", rows, MAIN)
    show_board("Reading by reading, at the limit found before", rows, COUNTS)
    show_kinds(rows)
    show_board("What it costs", [row for row in rows if row.costs], COSTS)
    warn(f"{row.name} failed: {row.note}" for row in rows if row.note)
    typer.echo(f"→ {folder}: comparison.md, comparison.json, roc_pr.png, scores_*.png")
