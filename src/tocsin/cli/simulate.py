"""``tocsin simulate``: readings whose anomalies are known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.core.discover import names

if TYPE_CHECKING:
    from tocsin.training.simulate import Scenario

ROOM = "training.simulate"
SETTING_OF = {"anomalies": "anomaly_share", "period": "period_s"}
"""Options that are called otherwise than the settings they give."""


def simulate(
    scenario: Annotated[str, typer.Argument(help=f"What is simulated: {', '.join(names(ROOM))}.")] = "environment",
    rows: Annotated[int | None, typer.Option(help="Readings; of each device where the scenario says so.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same file. (default: 7)")] = None,
    anomalies: Annotated[float | None, typer.Option(help="Share of rows in labelled events.")] = None,
    devices: Annotated[int | None, typer.Option(help="How many devices.")] = None,
    kinds: Annotated[
        str | None, typer.Option(help="Kinds of events, with commas between. (default: the scenario's own)")
    ] = None,
    drift: Annotated[
        str | None, typer.Option(help="What is normal changes slowly, unlabelled: seasonal, ageing, maintenance.")
    ] = None,
    period: Annotated[int | None, typer.Option(help="Seconds from one reading to the next.")] = None,
    features: Annotated[int | None, typer.Option(help="How many channels: 2, or 115 flow statistics.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the CSV goes. (default: the scenario's own name)")
    ] = None,
) -> None:
    """Write simulated readings with labelled events to a CSV.

    Each scenario has channels, a cadence and kinds of events of its own. What is not given is chosen by the scenario;
    an option that it does not have is refused with a list of those it has.
    """
    from tocsin.cli._places import check_places

    given = {
        "rows": rows,
        "seed": seed,
        "anomalies": anomalies,
        "devices": devices,
        "kinds": kinds,
        "drift": drift,
        "period": period,
        "features": features,
    }
    made = _scenario(scenario, {name: value for name, value in given.items() if value is not None})
    place = Path(made.file_name) if output is None else output
    check_places([place], inputs=[])
    table = made.table()
    table.write_csv(place)
    labelled = int(table["label"].sum())
    typer.echo(f"{len(table)} rows, {labelled} of them ({labelled / len(table):.1%}) in labelled events → {place}")


def _scenario(name: str, options: dict[str, Any]) -> Scenario:
    from tocsin.core.discover import load
    from tocsin.core.errors import SettingError

    if name not in names(ROOM):
        raise SettingError(f"There is no scenario {name!r}.", remedy=f"Choose one of: {', '.join(names(ROOM))}.")
    kind = load(ROOM, name)
    return kind(**_settings(name, kind, options))  # type: ignore[no-any-return]  # that room holds scenarios alone


def _settings(name: str, kind: type[Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return the scenario's settings from the options given; all options that it has are told if one is not its own."""
    from dataclasses import fields

    from tocsin.core.errors import SettingError
    from tocsin.training.simulate import Drift

    option_of = {setting: option for option, setting in SETTING_OF.items()}
    known = [option_of.get(field.name, field.name) for field in fields(kind)]
    if unknown := [option for option in options if option not in known]:
        told = ", ".join(f"--{option}" for option in known)
        raise SettingError(f"The scenario {name} has no --{unknown[0]}.", remedy=f"It has: {told}.")
    if "drift" in options:
        options = options | {"drift": Drift(options["drift"])}
    if "kinds" in options:
        options = options | {"kinds": tuple(part.strip() for part in options["kinds"].split(",") if part.strip())}
    return {SETTING_OF.get(option, option): value for option, value in options.items()}
