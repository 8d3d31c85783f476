"""``tocsin sensitivity``: how much the result hangs on the settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides

if TYPE_CHECKING:
    from tocsin.training.lab.sensitivity import Sensitivity


def sensitivity(
    readings: opt.Readings,
    over: Annotated[
        list[str],
        typer.Option("--over", metavar="NAME=VALUE,VALUE", help="What is varied; once or more.", show_default=False),
    ],
    detector: Annotated[str | None, typer.Option(help="See: tocsin detectors. (default: as fit has it)")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting that stays the same.")
    ] = None,
    metric: Annotated[str, typer.Option(help="vus_pr, auc_pr, f1, event_f1, …")] = "vus_pr",
    folds: opt.Folds = 1,
    seeds: opt.Seeds = 1,
    jobs: opt.Jobs = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for table, picture and runs.")] = Path(
        "sensitivity"
    ),
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Try each combination of settings on labelled readings, and draw how the result moves.

    For example: --detector lstm_autoencoder --over hidden=16,32,64 --over learning_rate=1e-4,1e-3,1e-2. Values with
    commas of their own are parted by semicolons: --over "hidden=64,32;32,16". A window, a scale or a threshold can be
    varied as well.

    Splits and seeds are as in compare: the settings are judged on readings that were not learned from. A setting chosen
    by its result here has been fitted to these readings; judge it again on others.

    Run again after an interruption, it goes on where it stopped.
    """
    from tocsin.cli._lab import cores, folder_for
    from tocsin.cli._tables import warn
    from tocsin.sources import open_table
    from tocsin.training.lab.compare import Plan, told
    from tocsin.training.lab.sensitivity import sensitivity as run
    from tocsin.training.ready import require_training
    from tocsin.wiring import make_grid, make_recipe, read_config

    require_training()
    folder = folder_for(output, inputs=[readings])
    recipe = make_recipe(read_config(config), {"detector": detector}, settings=setting or [])
    grid = make_grid(recipe, over)
    table = open_table(readings, overrides=overrides).in_time_order()
    warn(finding.text for finding in table.quality.findings if finding.level == "warning")
    plan = Plan(folds=folds, seeds=seeds, jobs=cores(jobs))
    found = run(table, grid, plan=plan, folder=folder / "runs", metric=metric)
    _write(folder, f"{recipe.detector}, {told(plan, table)}", found)
    if as_json:
        typer.echo((folder / "sensitivity.json").read_text("utf-8"))
    else:
        _tell(folder, f"{recipe.detector}, {told(plan, table)}", found)


def _write(folder: Path, done: str, found: Sensitivity) -> None:
    from tocsin.evaluation.pictures.figures import save, sensitivity_plot

    runs = [run.as_dict(found.metric) for run in found.runs]
    told = {"plan": done, "metric": found.metric, "runs": runs, "baselines": dict(found.baselines)}
    (folder / "sensitivity.json").write_text(json.dumps(told, indent=1), "utf-8")
    names = [name for name, _ in found.runs[0].point]
    for k, name in enumerate(names):
        other = names[1 - k] if len(names) == 2 else None
        save(sensitivity_plot(runs, over=name, by=other, metric=found.metric), folder / f"{name}.png")


def _tell(folder: Path, done: str, found: Sensitivity) -> None:
    from tocsin.cli._lab import settings_text, show_board, show_kinds
    from tocsin.cli._tables import warn
    from tocsin.evaluation.scoreboard import Column, Row

    rows = []
    for point in dict.fromkeys(run.point for run in found.runs):
        own = [run for run in found.runs if run.point == point]
        judged = tuple(run.judgement for run in own if run.judgement is not None)
        rows.append(Row(settings_text(point), judged, {"fit_s": sum(run.fit_s for run in own) / len(own)}))
    rows.sort(key=lambda row: -max(row.values(found.metric), default=-1.0))
    typer.echo(done)
    show_board("Best first", rows, [Column(found.metric, found.metric), Column("fit_s", "training, s", 1)])
    show_kinds(rows)
    known = {name: value for name, value in found.baselines.items() if value is not None}
    typer.echo("For comparison: " + ", ".join(f"{name} {value:.3f}" for name, value in known.items()))
    warn(f"{settings_text(run.point)} failed: {run.failure}" for run in found.runs if run.failure)
    typer.echo(f"→ {folder}: sensitivity.json and a picture for each setting")
