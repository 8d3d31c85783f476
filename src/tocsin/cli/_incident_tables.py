"""How incidents look in a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import typer

from tocsin.cli._shell import console
from tocsin.cli._tables import harmless, show_pairs
from tocsin.core.notices import Notice, rfc3339
from tocsin.wiring.durations import in_short

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from tocsin.store import Recorded

COLOURS = {"minor": "yellow", "major": "dark_orange", "critical": "bold red", "silent": "magenta"}
"""Of grades, and of a device that says nothing."""

MANY_CAUSES = 3


def documents(found: Sequence[Recorded]) -> list[dict[str, Any]]:
    """Return incidents as plain values for JSON."""
    return [one.document() for one in found]


def show_list(found: Sequence[Recorded], *, now_ns: int) -> None:
    """Print incidents as a table, the latest first."""
    if not found:
        typer.echo("No incidents.")
        return
    console().print(incident_table(found, now_ns=now_ns))
    running = sum(one.notice.open for one in found)
    typer.echo(f"{len(found)} incident{'s' if len(found) != 1 else ''}, {running} of them open")


def incident_table(found: Sequence[Recorded], *, now_ns: int) -> Table:
    """Return incidents as a table: id, device, since, how long, what, cause, and what people said if they did."""
    from rich.table import Table
    from rich.text import Text

    columns: dict[str, list[Text]] = {
        "id": [Text(one.notice.id) for one in found],
        "device": [Text(harmless(one.notice.device)) for one in found],
        "since (UTC)": [Text(clock(one.notice.start)[:16]) for one in found],
        "for": [Text(lasted(one.notice, now_ns=now_ns), justify="right") for one in found],
        "": [Text("open" if one.notice.open else "over", style="bold" if one.notice.open else "dim") for one in found],
        "what": [kind_of(one.notice) for one in found],
        "cause": [Text(harmless(causes(one.notice))) for one in found],
        "seen to by": [Text(harmless(one.acknowledged_by)) for one in found],
        "label": [Text(harmless(one.label)) for one in found],
    }
    told = {name: cells for name, cells in columns.items() if any(cell.plain for cell in cells)}
    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in told:
        grid.add_column(name, no_wrap=name in ("id", "for", "since (UTC)", ""))
    for row in zip(*told.values(), strict=True):
        grid.add_row(*row)
    return grid


def show_one(found: Recorded, history: Iterable[Notice], *, now_ns: int) -> None:
    """Print all that is known of an incident."""
    notice = found.notice
    facts: dict[str, Any] = {
        "what": notice.text(),
        "since": f"{clock(notice.start)} UTC",
        "told": f"{clock(notice.opened)} UTC",
        "worst at": f"{clock(notice.peak)} UTC",
        "until": "it goes on" if notice.open else f"{clock(notice.end)} UTC",
        "lasted": lasted(notice, now_ns=now_ns),
    }
    if notice.what == "anomaly":
        facts |= {"severity": f"{notice.severity:.3g} (score {notice.score:.4g}, limit {notice.limit:.4g})"}
        facts |= {"causes": causes(notice, most=len(notice.causes)) or "unattributed"}
    more = {"watch": notice.duty, "group": "" if notice.group == notice.id else notice.group}
    said = {"seen to by": found.acknowledged_by, "label": found.label, "note": found.note}
    show_pairs(notice.id, {**facts, **{name: text for name, text in {**more, **said}.items() if text}})
    show_pairs("News of it", {f"{one.revision}  {one.kind}": one.text() for one in history})


def kind_of(notice: Notice) -> Text:
    """Return what it is in a word and a number, in its colour; faded when it is over."""
    from rich.text import Text

    if notice.what == "stale":
        word, colour = "silent", COLOURS["silent"]
    else:
        severity = f"{notice.severity:.3g}" if np.isfinite(notice.severity) else "∞"
        word, colour = f"{notice.grade} {severity}×", COLOURS.get(notice.grade, "")
    if notice.kind == "held":
        word += ", held back"
    return Text(word, style=colour if notice.open else "dim")


def causes(notice: Notice, *, most: int = MANY_CAUSES) -> str:
    """Return the channels that are to blame with their shares, the greatest first; small shares are left out."""
    told = [f"{channel} {share:.0%}".replace("%", " %") for channel, share in notice.causes[:most] if share >= 0.05]
    return ", ".join(told)


def lasted(notice: Notice, *, now_ns: int) -> str:
    """Return how long it lasted, or has lasted so far."""
    seconds = max((now_ns if notice.open else notice.end) - notice.start, 0) // 10**9
    return in_short(seconds * 10**9)


def clock(time_ns: int) -> str:
    """Return a time for a narrow column.

    >>> clock(1_700_000_000_000_000_000)
    '2023-11-14 22:13:20'
    """
    return rfc3339(time_ns)[:19].replace("T", " ")
