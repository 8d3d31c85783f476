"""``tocsin whatif``: what other limits and policies would have made of readings that are at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides

if TYPE_CHECKING:
    from tocsin.training.whatif import Setting, WhatIf

_TELLING = 0.01
"""A share of readings under alarm that is worth a line."""


def whatif(
    artifact: opt.ArtifactFile,
    history: Annotated[Path, typer.Argument(help="Readings of the past, CSV or Parquet.", show_default=False)],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for picture and JSON; or one picture, *.png or *.svg.")
    ] = Path("whatif"),
    limits: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Multiples of the limit in force, or percentiles of the scores: 0.8,1.5,p99.9 (default: chosen)",
        ),
    ] = None,
    raise_after: Annotated[
        str, typer.Option(metavar="TEXT", help="Windows in a row after which to ring, or times: 1,3,10min")
    ] = "1,2,3,5,10",
    budget: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="The false alarms that can be borne. (default: 1 per device per week)"),
    ] = None,
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Ring anew over a history with other limits and policies, and tell what people would have heard.

    The readings are scored once; then each limit and each number of anomalous windows in a row is tried with the very
    policy of the artifact. Where a label column marks what was wrong, false alarms, events caught and delays are told;
    else how often it would have rung.

    Nothing is changed: tocsin recalibrate puts a setting in force.
    """
    from tocsin.artifact import bundle
    from tocsin.cli._places import check_places
    from tocsin.sources import open_table
    from tocsin.training.whatif import Asked, what_if

    del config  # its [input] is in the overrides

    pictured = output.suffix.lower() in (".png", ".svg")
    if pictured:
        check_places([output], inputs=[artifact, history])
    asked = Asked(limits=_parts(limits), raise_after=_parts(raise_after), budget=budget)
    own = bundle.load(artifact)
    found = what_if(own, open_table(history, overrides=overrides, expect=own.layout), asked)
    written = _write(output, found, artifact, history, pictured=pictured)
    if as_json:
        typer.echo(json.dumps(_facts(found, artifact, history), indent=1))
    else:
        _tell(found, artifact, history)
        typer.echo(f"→ {', '.join(map(str, written))}")


def _parts(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _facts(found: WhatIf, artifact: Path, history: Path) -> dict[str, object]:
    return {
        "artifact": str(artifact),
        "history": str(history),
        **found.as_dict(),
        "next": None if found.best is None else command(found, found.best, artifact),
    }


def _write(output: Path, found: WhatIf, artifact: Path, history: Path, *, pictured: bool) -> list[Path]:
    """Write picture and JSON; the picture alone where its name was given."""
    from importlib.util import find_spec

    from tocsin.cli._lab import folder_for
    from tocsin.evaluation.pictures.figures import Bearable, require, save, whatif_plot

    folder = output.parent if pictured else folder_for(output, inputs=[artifact, history])
    written = []
    if not pictured:
        written.append(folder / "whatif.json")
        written[0].write_text(json.dumps(_facts(found, artifact, history), indent=1), "utf-8")
    if pictured or find_spec("matplotlib") is not None:
        require("The picture")
        settings = [asdict(one) for one in found.settings]
        best = None if found.best is None else settings[found.settings.index(found.best)]
        bearable = Bearable(found.bearable, found.unit, 1 / found.watched)
        written.append(output if pictured else folder / "whatif.png")
        save(whatif_plot(settings, bearable=bearable, story=_story(found, history), best=best), written[-1])
    return written


def _story(found: WhatIf, history: Path) -> str:
    of = "1 device" if found.devices == 1 else f"{found.devices:,} devices"
    return f"{history.name}: {found.scores:,} scores of {of}, {found.lasting}."


def _tell(found: WhatIf, artifact: Path, history: Path) -> None:
    from tocsin.cli._shell import console
    from tocsin.cli._tables import show_pairs, warn
    from tocsin.training.whatif import cautions

    warn((*found.notes, *cautions(found)))
    console().print(f"Rung anew over {_story(found, history)}", markup=False, style="bold")
    what = "False alarms" if found.labelled else "Incidents"
    _show(found, f"{what} {found.unit}, by the number of anomalous windows in a row", lambda one: _short(one.rate))
    if found.labelled:
        _show(found, f"Events caught, of {found.in_force.events}, and how late (median)", _caught)
    typer.echo(f"  ◆ in force   ★ suggested   ✓ kept within {found.budget}")
    now, best = found.in_force, found.best
    show_pairs("In force", _line(found, now))
    if best is None:
        caught = " and caught an event" if found.labelled else ""
        typer.echo(f"None of these settings kept within {found.budget}{caught}.")
    elif best == now:
        typer.echo("None of the others would have served better.")
    else:
        show_pairs("Suggested", _line(found, best))
        typer.echo(f"To put it in force: {command(found, best, artifact)}")
    typer.echo(f'For a promise on later readings: tocsin recalibrate {artifact} normal.csv --budget "{found.budget}"')


def _show(found: WhatIf, title: str, text: Callable[[Setting], str]) -> None:
    """Print one figure of all settings, limits down, numbers of windows across."""
    from rich.table import Table as Grid
    from rich.text import Text

    from tocsin.cli._shell import console

    waits = list(dict.fromkeys(one.wait for one in found.settings))
    grid = Grid(box=None, padding=(0, 1, 0, 1))
    for name in ("limit", "× now", "scores above"):
        grid.add_column(name, justify="right", no_wrap=True)
    for wait in waits:
        grid.add_column(wait.removesuffix(" windows").removesuffix(" window"), justify="right")
    for start in range(0, len(found.settings), len(waits)):
        row = found.settings[start : start + len(waits)]
        limit = "moving" if row[0].limit is None else f"{row[0].limit:.4g}"
        above = f"{row[0].above:.2%}".replace("%", " %")
        grid.add_row(limit, f"{row[0].times:.3g}", above, *(Text(_mark(found, one) + text(one)) for one in row))
    out = console()
    out.print(Text(title, style="bold"))
    out.print(grid)


def _mark(found: WhatIf, one: Setting) -> str:
    known = "◆" if one.in_force else "★" if one == found.best else ""
    return f"{known}{'✓' if one.kept else ''} ".lstrip()


def _short(value: float) -> str:
    """Return a figure with two digits that count, which is all that so few alarms and events can tell."""
    return f"{value:.2g}" if value < 99.5 else f"{value:,.0f}"


def _caught(one: Setting) -> str:
    return f"{one.caught}" if one.delay is None else f"{one.caught}, {_late(one)}"


def _late(one: Setting) -> str:
    """Return the delay in the largest unit of which it is more than one."""
    if not one.delay:
        return "–" if one.delay is None else "at once"
    if one.delay_s is None:
        return f"{one.delay:g} readings"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if one.delay_s >= 2 * size:
            return f"{_short(one.delay_s / size)} {unit}"
    return f"{_short(one.delay_s)} s"


def _line(found: WhatIf, one: Setting) -> dict[str, str]:
    """Return what a setting is and does, as text by name."""
    limit = f"{one.times:.4g} × the moving limit" if one.limit is None else f"{one.limit:.6g}"
    what = "false alarms" if found.labelled else "incidents"
    most = f"9 times in 10 below {_short(found.most(one.false_alarms))}"
    told = {
        "limit": limit,
        "raise after": one.wait,
        what: f"{one.false_alarms}: {_short(one.rate)} {found.unit} ({most})",
    }
    if one.after:
        told["after events"] = f"{one.after} more, while windows still held some of one: not counted"
    if one.covered >= _TELLING:
        told["under alarm"] = f"{one.covered:.0%} of the normal readings".replace("%", " %")
    if one.held:
        told["held back"] = f"{one.held}"
    if found.labelled:
        told["events caught"] = f"{one.caught} of {one.events}"
        told["median delay"] = _late(one)
    return told


def command(found: WhatIf, one: Setting, artifact: Path) -> str:
    """Return what to type to put a setting in force; a limit that moves is scaled by a line of a config file."""
    now = found.in_force
    wait = "" if one.wait == now.wait else f" --raise-after {one.wait.split()[0]}"
    if one.times == now.times:
        return f"tocsin recalibrate {artifact}{wait}"
    if one.limit is not None:
        return f"tocsin recalibrate {artifact} --threshold fixed:{one.limit:.10g}{wait}"
    line = f'alarm.device."*".limit_factor = {one.times:.4g}'
    return f"tocsin recalibrate {artifact}{wait} --config tocsin.toml, with this line in it: {line}"
