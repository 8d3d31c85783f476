"""``tocsin benchmark``: published protocols, our rows beside the published ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli import _options as opt

if TYPE_CHECKING:
    from rich.table import Table as Grid

    from tocsin.training.benchmark import Report

_SHOWN = 9
"""Columns that a terminal holds; the files have all."""


def benchmark(
    name: Annotated[
        str,
        typer.Argument(
            help="nab, skab, smap_msl, wsn, ton_iot, ims, occupancy, ai4i2020, hybrid or simulated: see above.",
            show_default=False,
        ),
    ],
    folder: Annotated[
        Path,
        typer.Option("--data", help="Folder with the benchmark's files, or the one above it.", show_default=False),
    ],
    detectors: opt.Detectors = "rolling_zscore,isolation_forest,lstm_autoencoder,auto",
    seeds: opt.Seeds = 1,
    once: Annotated[
        str,
        typer.Option(help="Detectors, with commas between, that run with the first seed alone.", show_default=False),
    ] = "",
    jobs: opt.Jobs = None,
    setting: opt.DetectorSettings = None,
    only: Annotated[str, typer.Option(help="Only cases whose names match, such as 'valve1/*'.")] = "*",
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for tables, pictures and runs.")] = Path(
        "benchmark"
    ),
    config: opt.Config = None,
    as_json: opt.AsJson = False,
) -> None:
    """Run a published benchmark by its own rules, with random, all-ones, max |z| and PCA error in every table.

    The files are their owners'; fetch them first, and keep their names:

    nab: 58 files of clouds, roads, tweets and machines; official score in three profiles. From
    https://github.com/numenta/NAB, the folders data and labels.

    skab: faults on a water-circulation testbed. From https://github.com/waico/SKAB, the folder data.

    smap_msl: spacecraft telemetry by the rules of TSB-AD, offline and prequential. From
    https://github.com/khundman/telemanom, test/*.npy and labeled_anomalies.csv (also in imperial-qore/TranAD).

    wsn: four motes and steam. From https://github.com/stdlib-js/datasets-suthaharan-single-hop-sensor-network.

    ton_iot: services of a testbed under attack. From https://research.unsw.edu.au/projects/toniot-datasets, Train_Test.

    ims: a bearing run to failure, days of warning. From https://github.com/bingblackbean/nasa_bearing_abnormal_detection.

    occupancy: an office, empty or not. From https://archive.ics.uci.edu/dataset/357/occupancy+detection.

    ai4i2020: records of a milling machine. From https://archive.ics.uci.edu/dataset/601, ai4i2020.csv.

    hybrid: the tables of a paper on hybrid models: simulated device traffic in ten folds, and the files of nab.

    simulated: a room, a machine and a network by tocsin simulate, for which no files are needed: --data .

    Run again after an interruption, it goes on where it stopped.
    """
    from tocsin.cli._lab import cores, folder_for
    from tocsin.evaluation.pictures.figures import require
    from tocsin.training.benchmark import Plan, run, write
    from tocsin.training.ready import require_training
    from tocsin.wiring import make_recipes, read_config

    require_training()
    require("Drawing the results")
    place = folder_for(output, inputs=[folder])
    recipes = make_recipes(read_config(config), {}, detectors=detectors, settings=setting or [])
    command = _command(name, detectors, seeds, setting or [], once=once, only=only, config=config)
    first_only = tuple(part.strip() for part in once.split(",") if part.strip())
    plan = Plan(seeds=seeds, jobs=cores(jobs), only=only, once=first_only)
    report, runs = run(name, folder, recipes, plan=plan, folder=place / "runs", command=command)
    written = write(report, runs, place)
    if as_json:
        typer.echo((place / f"{name}.json").read_text("utf-8"))
    else:
        _tell(report, written)


def _command(
    name: str, detectors: str, seeds: int, settings: list[str], *, once: str, only: str, config: Path | None
) -> str:
    """Return what to type for the same results elsewhere."""
    parts = [f"tocsin benchmark {name} --data DATA --detectors {detectors} --seeds {seeds}"]
    parts += [f"--set {text}" for text in settings]
    parts += [f"--once {once}"] if once else []
    parts += [f"--only '{only}'"] if only != "*" else []
    parts += [f"--config {config.name}"] if config is not None else []
    return " ".join([*parts, f"-o {name}"])


def _tell(report: Report, written: tuple[Path, ...]) -> None:
    from tocsin.cli._shell import console
    from tocsin.cli._tables import warn

    told: dict[str, Any] = json.loads(json.dumps(report.as_dict()))
    for table in told["tables"]:
        console().print(_grid(table))
        for remark in table["remarks"]:
            typer.echo(f"  {remark}")
        typer.echo()
    warn(f"{method} is not in all tables: {why}" for method, why in report.left_out.items())
    warn(f"failed, and counted as if nothing had been found: {failure}" for failure in report.failures)
    typer.echo(f"→ {', '.join(str(path) for path in written)}")


def _grid(table: dict[str, Any]) -> Grid:
    from rich.table import Table as Grid
    from rich.text import Text

    from tocsin.cli._lab import on_two_lines
    from tocsin.training.benchmark import cell

    rows, columns = table["rows"], table["columns"]
    known = [column for column in columns if any(row["values"].get(column["name"]) is not None for row in rows)]
    grid = Grid(box=None, padding=(0, 1, 0, 0), title=table["title"], title_justify="left")
    grid.add_column("method", no_wrap=True)
    grid.add_column("", no_wrap=True)
    for column in known[:_SHOWN]:
        grid.add_column(on_two_lines(column["label"]), justify="right", no_wrap=True, vertical="bottom")
    for row in rows:
        style = "bold" if row["kind"] == "ours" else "dim" if row["kind"] == "published" else ""
        grid.add_row(Text(row["method"]), row["kind"], *(cell(row, column) for column in known[:_SHOWN]), style=style)
    return grid
