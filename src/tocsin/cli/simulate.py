"""``tocsin simulate``: readings whose anomalies are known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    scenario: Annotated[str, typer.Argument(help="What is simulated: environment.")] = "environment",
    rows: Annotated[int, typer.Option(help="Readings of each device.")] = 6558,
    seed: Annotated[int, typer.Option(help="Same seed, same file.")] = 7,
    anomalies: Annotated[float, typer.Option(help="Share of rows in labelled events.")] = 0.05,
    devices: Annotated[int, typer.Option(help="How many devices.")] = 1,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the CSV goes.")] = Path("env.csv"),
) -> None:
    """Write simulated readings with labelled events to a CSV.

    environment: temperature, humidity, light, loudness and air quality of a room every 10 minutes, with a daily rhythm
    and events of kinds spike, drop, drift, stuck, dropout and co_deviation, of sizes from 0.5 to 6 σ.
    """
    from tocsin.core.errors import SettingError

    if scenario != "environment":
        raise SettingError(f"There is no scenario {scenario!r}.", remedy="Choose one of: environment.")
    from tocsin.training.simulate.environment import Environment

    table = Environment(rows=rows, seed=seed, anomaly_share=anomalies, devices=devices).table()
    table.write_csv(output)
    labelled = int(table["label"].sum())
    typer.echo(f"{len(table)} rows, {labelled} of them ({labelled / len(table):.1%}) in labelled events → {output}")
