"""``tocsin edges``: all edges of a centre at a glance, from what each tells of itself: counts, never readings."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli import _options as opt

if TYPE_CHECKING:
    from rich.table import Table

    from tocsin.cascade.edge_seen import EdgeSeen
    from tocsin.cascade.fleet import Fleet

LOOK_S = 1.0
_GOOD = {"steady": "green", "configured": "green", "probation": "yellow", "push waits": "yellow", "ended": "dim"}


def edges(
    centre: Annotated[
        str, typer.Argument(metavar="URL", help="The centre's broker: mqtt://centre/tocsin.", show_default=False)
    ],
    watch: Annotated[bool, typer.Option("--watch", help="Go on showing how they are, until Ctrl-C.")] = False,
    sketch: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what all edges observed here, for tocsin recalibrate.")
    ] = None,
    as_json: opt.AsJson = False,
) -> None:
    """List the edges of a centre: which artifact judges there and how it does, and what was sent of what came in.

    flagged is the share of readings above their limit, beside the share that was promised; drift is the PSI of scores
    of late against those that the limit was found from: below 0.1 none, from 0.25 on much; sent is the share of the
    bytes that came in which went on to the centre.
    """
    from tocsin.cascade.fleet import Fleet
    from tocsin.cascade.uplink_place import UplinkPlace

    with Fleet(UplinkPlace.parse(centre, where="URL")) as fleet:
        fleet.settle()
        if watch:
            _go_on(fleet)
            return
        found = fleet.edges()
    if sketch is not None:
        _write(found, sketch)
    if as_json:
        typer.echo(json.dumps([own.document() for own in found], indent=1))
    elif not found:
        typer.echo("No edge has told anything of itself. An edge is a tocsin watch with [cascade] uplink.")
    else:
        _show(found)


def _write(found: Sequence[EdgeSeen], place: Path) -> None:
    from tocsin.cascade.fleet import fleet_sketch
    from tocsin.cli._places import check_places

    check_places([place], inputs=[])
    place.write_bytes(fleet_sketch(found))
    typer.echo(f"→ {place}", err=True)


def _go_on(fleet: Fleet) -> None:
    from rich.live import Live

    from tocsin.cli._shell import console

    with Live(_table(fleet.edges()), console=console(), auto_refresh=False) as shown:
        while True:
            time.sleep(LOOK_S)
            shown.update(_table(fleet.edges()), refresh=True)


def _show(found: Sequence[EdgeSeen]) -> None:
    from tocsin.cli._shell import console

    out = console()
    out.print(_table(found))
    for own in found:
        for why in _whys(own):
            out.print(f"[yellow]{_shown(own.edge)}[/yellow]: {_shown(why)}")


def _whys(seen: EdgeSeen) -> list[str]:
    if seen.health is None:
        return []
    refused = [f"the last push was refused: {seen.health.refused}"] if seen.health.refused else []
    return refused + [f"rolled back: {own.why}" for own in seen.health.artifacts if own.state == "rolled back"]


def _table(found: Sequence[EdgeSeen]) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in ("edge", "state", "seen", "artifact"):
        table.add_column(name, no_wrap=True)
    for name in ("push", "readings", "flagged", "drift", "sent"):
        table.add_column(name, justify="right", no_wrap=True)
    for own in found:
        for row in _rows(own.document()):
            table.add_row(*row)
    return table


def _rows(told: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return a line for each artifact of an edge; what is about the edge stands in the first alone."""
    colour = _GOOD.get(told["state"], "red")
    head = (_shown(told["edge"]), f"[{colour}]{_shown(told['state'])}[/{colour}]", _ago(told["seen"]))
    several = len(told["artifacts"]) > 1
    rows = [(*_named(own, several), *_doing(own)) for own in told["artifacts"]] or [("–",) * 4]
    edge = f"{told['readings'] or 0:,}", _sent(told)
    (name, push, flagged, drift), *others = rows
    lines: list[tuple[str, ...]] = [(*head, name, push, edge[0], flagged, drift, edge[1])]
    return lines + [("", "", "", *own[:2], "", *own[2:], "") for own in others]


def _named(own: dict[str, Any], several: bool) -> tuple[str, str]:
    duty = f"{own['duty']}: " if several else ""
    return _shown(f"{duty}{own['detector']}"), f"{own['pushed'] or '–'}"


def _shown(text: str) -> str:
    """Return what an edge wrote as text alone: nothing that a terminal obeys, and no markup."""
    from rich.markup import escape

    from tocsin.cli._tables import harmless

    return escape(harmless(text))


def _doing(own: dict[str, Any]) -> tuple[str, str]:
    if own["flagged"] is None:
        return "–", "–"
    promised = "" if own["promised"] is None else f" / {100 * own['promised']:.2g}"
    return f"{100 * own['flagged']:.2g}{promised} %", "–" if own["psi"] is None else f"{own['psi']:.2f}"


def _sent(told: dict[str, Any]) -> str:
    return f"{100 * told['sent_bytes'] / told['raw_bytes']:.2g} %" if told["raw_bytes"] else "–"


def _ago(seen: str | None) -> str:
    from datetime import UTC, datetime

    if seen is None:
        return "never"
    seconds = max(0.0, (datetime.now(UTC) - datetime.fromisoformat(seen)).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"
