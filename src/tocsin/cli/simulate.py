"""``tocsin simulate``: readings whose anomalies are known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.core.discover import names

if TYPE_CHECKING:
    import polars

    from tocsin.cli._outlet import Outlet
    from tocsin.cli._publish import Pace
    from tocsin.training.simulate import Scenario

ROOM = "training.simulate"
PUBLISHING = "Publishing instead of writing"
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
    publish: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Publish instead: mqtt://host/plant/{device}/env or kafka://host/topic.",
            rich_help_panel=PUBLISHING,
        ),
    ] = None,
    speed: Annotated[
        float,
        typer.Option(help="Times as fast as simulated; 0: as fast as it goes.", rich_help_panel=PUBLISHING),
    ] = 1.0,
    qos: Annotated[int, typer.Option(min=0, max=1, help="Of MQTT.", rich_help_panel=PUBLISHING)] = 1,
    arrays: Annotated[
        int, typer.Option(help="Readings of a device that share a message.", rich_help_panel=PUBLISHING)
    ] = 1,
    lasting: Annotated[
        str | None, typer.Option("--for", help="How long at most, such as 10min.", rich_help_panel=PUBLISHING)
    ] = None,
) -> None:
    """Write simulated readings with labelled events to a CSV, or publish them as a fleet of devices would.

    Each scenario has channels, a cadence and kinds of events of its own. What is not given is chosen by the scenario;
    an option that it does not have is refused with a list of those it has.

    Published readings are JSON objects with the time of day at which they are sent, and without their labels.
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
    place = Path(made.file_name) if output is None and publish is None else output
    check_places([place], inputs=[])
    if publish is None:
        _write(made.table(), place)
        return
    from tocsin.cli._outlet import outlet
    from tocsin.cli._publish import Pace
    from tocsin.wiring.durations import duration_ns

    pace = Pace(speed, arrays, None if lasting is None else duration_ns(lasting, where="--for") / 1e9)
    out = outlet(publish, qos=qos)
    out.open()
    table = made.table()
    _write(table, place)
    _publish(table, out, pace)


def _write(table: polars.DataFrame, place: Path | None) -> None:
    if place is None:
        return
    table.write_csv(place)
    labelled = int(table["label"].sum())
    typer.echo(f"{len(table)} rows, {labelled} of them ({labelled / len(table):.1%}) in labelled events → {place}")


def _publish(table: polars.DataFrame, out: Outlet, pace: Pace) -> None:
    """Publish until all is sent, the time is over, or somebody ends it; say what was sent."""
    from tocsin.cli._publish import publish
    from tocsin.cli._stopping import stopping
    from tocsin.core.errors import InputError

    devices = table["device"].n_unique() if "device" in table.columns else 1
    fleet = "one device" if devices == 1 else f"{devices:,} devices"
    typer.echo(f"{len(table):,} readings of {fleet}, {pace} → {out.topic}")
    with stopping() as stop:
        done = publish(table, out, pace, stop=stop)
    rate = done.readings / max(done.seconds, 1e-9)
    typer.echo(f"{done.readings:,} readings in {done.messages:,} messages, {done.seconds:.1f} s ({rate:,.0f} a second)")
    if done.unconfirmed:
        raise InputError(
            f"{done.unconfirmed} messages were not confirmed by the broker.",
            remedy="See whether it runs, and has room.",
        )


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
