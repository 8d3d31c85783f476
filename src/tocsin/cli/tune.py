"""``tocsin tune``: settings that suit the user's own readings, and whether they are worth having."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tocsin.training.tune.plan import Plan
    from tocsin.training.tune.tuning import Tuning

SHOWN = 8
"""Trials that are told in the terminal; tune.json holds all."""

TOLD = ("vus_pr", "auc_pr", "event_f1", "alarm_share", "false_alarms_per_day")
"""Figures of the last comparison that are told in the terminal, beside the one that was tuned for."""

SEARCH = "How it is searched"


def tune(
    readings: opt.Readings,
    over: Annotated[
        list[str] | None,
        typer.Option(
            "--over",
            metavar="NAME=VALUE,VALUE or NAME=LOW..HIGH",
            help="What is varied; once or more. (default: the detector's own numbers, and its window)",
            rich_help_panel=SEARCH,
        ),
    ] = None,
    detector: Annotated[str | None, typer.Option(help="See: tocsin detectors. (default: as fit has it)")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting that stays the same.")
    ] = None,
    by: Annotated[
        str, typer.Option(help="labels; faults, put into the readings; auto: labels where there are enough.")
    ] = "auto",
    metric: Annotated[str, typer.Option(help="vus_pr, auc_pr, vus_roc, roc_auc.", rich_help_panel=SEARCH)] = "vus_pr",
    sampler: Annotated[
        str, typer.Option(help="tpe: near what was good so far; grid: every combination.", rich_help_panel=SEARCH)
    ] = "tpe",
    trials: Annotated[
        int | None, typer.Option(help="Settings to try. (default: 30, or the whole grid)", rich_help_panel=SEARCH)
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(help="After so long nothing new is begun.", rich_help_panel=SEARCH)
    ] = None,
    folds: Annotated[int, typer.Option(help="Blocks in order of time, each judged once.", rich_help_panel=SEARCH)] = 3,
    seeds: Annotated[int, typer.Option(help="Trainings of each in the last comparison.", rich_help_panel=SEARCH)] = 3,
    seed: Annotated[int, typer.Option(help="Of what is proposed, and of faults.", rich_help_panel=SEARCH)] = 0,
    jobs: opt.Jobs = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for trials, picture and tocsin.toml.")] = Path(
        "tune"
    ),
    write: Annotated[
        Path | None, typer.Option(help="A tocsin.toml to put the result into; what else stands there stays.")
    ] = None,
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Search settings on the first 60 % of the time, and tell on the rest whether that paid.

    For example: --detector ae_lstm --over hidden=16..64 --over learning_rate=1e-4..1e-2 --over "lstm=64,32;32,16". Each
    trial is judged on blocks of time that it has not learned from. Without labels, faults are put into those blocks,
    and the figures say how well such faults are found.

    The last 40 % of the time play no part in the search. On them the best settings are compared, once, with the untuned
    ones; unless they are clearly better, the untuned ones are recommended and written to tocsin.toml.

    Run again after an interruption, it goes on where it stopped.
    """
    from tocsin.cli._lab import cores, folder_for
    from tocsin.cli._places import check_places
    from tocsin.cli._tables import warn
    from tocsin.evaluation.pictures.figures import require, save
    from tocsin.sources import open_table
    from tocsin.training.ready import require_training
    from tocsin.training.tune.plan import Plan
    from tocsin.training.tune.tune import require_optuna
    from tocsin.training.tune.tune import tune as run
    from tocsin.wiring import make_recipe, make_space, read_config

    require_training()
    require_optuna()
    require("Drawing the trials")
    chosen = {"sampler": sampler, "by": by, "metric": metric, "trials": trials, "minutes": minutes}
    plan = Plan(**chosen, folds=folds, seeds=seeds, seed=seed, jobs=cores(jobs))  # type: ignore[arg-type]  # checked there
    check_places([write], inputs=[readings])
    recipe = make_recipe(read_config(config), {"detector": detector}, settings=setting or [])
    space = make_space(recipe, over) if over else None
    before = read_config(write if write is not None and write.exists() else config)
    folder = folder_for(output, inputs=[readings])
    table = open_table(readings, overrides=overrides).in_time_order()
    warn(finding.text for finding in table.quality.findings if finding.level == "warning")
    found = run(table, recipe, folder=folder, space=space, plan=plan)
    save(picture(found), folder / "trials.png")
    told = {"plan": _told(found, plan, len(table)), **found.as_dict()}
    (folder / "tune.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    places = [folder / "tocsin.toml", *([] if write is None else [write])]
    _configure(places, before, found, overrides)
    if as_json:
        typer.echo(json.dumps(told, indent=1))
    else:
        _show(found, told["plan"], readings, places)


def picture(found: Tuning) -> Figure:
    """Return the course of the search, and what each setting has to do with it."""
    from tocsin.evaluation.pictures.figures import Shown, trials_plot

    shown = [Shown(dict(one.point), None if one.failure else one.value) for one in found.tried]
    return trials_plot(shown, over={axis.name: axis.values for axis in found.space.axes}, metric=found.metric)


def _configure(places: Sequence[Path], before: Mapping[str, Mapping[str, Any]], found: Tuning, over: Overrides) -> None:
    from tocsin.cli._tables import warn
    from tocsin.cli._toml import merged, save

    sections = merged(before, found.recommended, overrides=over, varied=found.space.names if found.paid else ())
    for place in places:
        if (kept := save(place, sections)) is not None:
            warn([f"Comments in {place} could not be carried over; what stood there is kept as {kept}."])


def _told(found: Tuning, plan: Plan, readings: int) -> str:
    """Return in a sentence what was done."""
    events = "labelled events" if found.by == "labels" else "faults put into the readings"
    return (
        f"{found.untuned.detector}: {len(found.tried) - 1} settings tried on the first 60 % of the time of {readings} "
        f"readings, in {plan.folds} blocks, for the {_title(found.metric)} of {events}."
    )


def _show(found: Tuning, done: str, readings: Path, places: Sequence[Path]) -> None:
    from tocsin.cli._lab import show_board, show_kinds
    from tocsin.cli._tables import warn
    from tocsin.evaluation.scoreboard import MAIN

    typer.echo(done)
    _show_tried(found)
    columns = [column for column in MAIN if column.figure in {*TOLD, found.metric}]
    show_board("The last 40 % of the time, by which nothing was chosen", found.rows, columns)
    show_kinds(found.rows)
    warn(f"{row.name} failed: {row.note}" for row in found.rows if row.note)
    typer.echo("\n".join(_sentences(found)))
    typer.echo(f"→ {places[0].parent}: trials.png, tune.json, tocsin.toml")
    typer.echo(f"  tocsin fit {readings} --config {places[-1]}")


def _show_tried(found: Tuning) -> None:
    """Print the best trials, and the untuned settings wherever they stand."""
    from rich.table import Table as Grid

    from tocsin.cli._shell import console

    grid = Grid(box=None, padding=(0, 1, 0, 1), title="Best first", title_justify="left", title_style="bold")
    grid.add_column("", no_wrap=True)
    for name in found.space.names:
        grid.add_column(name, justify="right")
    for title in (_title(found.metric), "event F1", "seconds"):
        grid.add_column(title, justify="right", no_wrap=True)
    ranked = sorted(found.tried, key=lambda one: -one.value)
    for one in [*ranked[:SHOWN], *(one for one in ranked[SHOWN:] if not one.place)]:
        f1 = one.figures.get("event_f1")
        cells = ["failed" if one.failure else f"{one.value:.3f}", "–" if f1 is None else f"{f1:.3f}"]
        grid.add_row("untuned" if not one.place else "", *dict(one.point).values(), *cells, f"{one.seconds:.1f}")
    console().print(grid)
    if failed := [one for one in found.tried if one.failure]:
        typer.echo(f"  {len(failed)} failed, such as: {failed[0].failure}")


def _sentences(found: Tuning) -> Iterator[str]:
    """Say in words what came of it."""
    from tocsin.training.lab.baselines import NAMES
    from tocsin.training.tune.tuning import TUNED, UNTUNED

    reached = {row.name: mean(values) for row in found.rows if (values := row.values(found.metric))}
    if TUNED not in reached:
        yield "Nothing that was tried is better than the untuned settings: keep them."
    else:
        came = f"{_title(found.metric)} {reached[UNTUNED]:.3f} untuned, {reached[TUNED]:.3f} tuned"
        yield (
            f"Tuning paid: {came}, on readings that it has not seen."
            if found.paid
            else f"Tuning did not pay: {came}, on readings that it has not seen. Keep the untuned settings."
        )
    if found.by == "faults":
        yield "This holds for faults like those put in, in readings like these; real ones may look otherwise."
    best = max((name for name in NAMES if name in reached), key=reached.__getitem__)
    if reached[best] > max(reached.get(TUNED, 0.0), reached.get(UNTUNED, 0.0)):
        yield f"{best}, a rule that costs nothing, reaches {reached[best]:.3f}: try another detector."


def _title(metric: str) -> str:
    from tocsin.evaluation.judgement.explained import title_of

    return title_of(metric)
