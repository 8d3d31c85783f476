"""What a watch is going to do, told before it does it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tocsin.cli._tables import harmless
from tocsin.wiring.durations import in_short
from tocsin.wiring.urls import Written

if TYPE_CHECKING:
    from rich.console import Console
    from rich.padding import Padding

    from tocsin.engine.live.duty import Duty
    from tocsin.wiring.assembly import Assembly
    from tocsin.wiring.cascade_settings import CascadeSettings

Row = tuple[str, ...]


def show_summary(assembly: Assembly, out: Console) -> None:
    """Print what watches what, and where readings, incidents and metrics are."""
    from rich.text import Text

    plan = assembly.plan
    out.print(Text("Watching", style="bold"))
    out.print(_grid(("artifact", "detector", "channels", "devices", "silent after"), _duties(assembly)))
    out.print(Text("From", style="bold"))
    for line, style in _sources(assembly):
        out.print(Text(f"  {harmless(line)}", style=style))
    out.print(Text("To", style="bold"))
    out.print(_grid((), _places(assembly)))
    if not plan.sinks and not plan.cascade.uplink:
        out.print(Text("  Nobody is told: incidents are kept in the store alone. See --sink.", style="dim"))


def title(assembly: Assembly) -> str:
    """Return what watches what in a few words.

    Of several, their number.
    """
    plan = assembly.plan
    artifacts = [duty.artifact.rpartition("/")[2] for duty in plan.duties.values()]
    urls = [Written.parse("sources", own.url, where="").place() for own in plan.sources.values()]
    several = (f"{len(artifacts)} artifacts", f"{len(urls)} sources")
    return f"{artifacts[0] if len(artifacts) == 1 else several[0]} ← {urls[0] if len(urls) == 1 else several[1]}"


def _duties(assembly: Assembly) -> Iterable[Row]:
    plan = assembly.plan
    for source in plan.sources:
        for duty in assembly.duties[source]:
            own = duty.artifact
            file = plan.duties[duty.name].artifact.rpartition("/")[2]
            named = f"{duty.name}: {file}" if duty.name else file
            channels = ", ".join(own.schema.names[:5]) + (", …" if len(own.schema) > 5 else "")
            yield named, own.provenance.detector, channels, _devices(duty.devices), _silence(duty)


def _sources(assembly: Assembly) -> Iterable[Row]:
    for name, own in assembly.plan.sources.items():
        written = Written.parse("sources", own.url, where=assembly.plan.where("source", name))
        named = "" if name == written.place() else f"{name}: "
        yield f"{named}{written.shown()}", ""
        yield f"  {assembly.sources[name].promise}", "dim"


def _places(assembly: Assembly) -> Iterable[Row]:
    plan = assembly.plan
    yield "store", place_of(plan.store.url)
    for name, own in plan.sinks.items():
        shown = Written.parse("sinks", own.url, where="").shown()
        yield "sink", shown if name == shown else f"{name}: {shown}"
    if plan.cascade.uplink:
        yield "centre", _centre(plan.cascade)
    if url := plan.service.url:
        yield "service", place_of(url)
    if address := plan.metrics.address:
        yield "metrics", f"http://{address if ':' in address else f'127.0.0.1:{address}'}/metrics"


def _centre(own: CascadeSettings) -> str:
    """Return where what is strange goes, without a password."""
    from tocsin.cascade.uplink_place import own_name

    above = f"scores above {own.forward:.0%} of their limit, {own.before} readings before, {own.after} after"
    return f"{place_of(own.uplink).partition('?')[0]}/{own_name(own.edge)}/windows: {above}"


def place_of(url: str) -> str:
    """Return where a store is, without a password.

    >>> place_of("postgresql://anna:secret@host/plant")
    'postgresql://anna@host/plant'
    """
    head, sign, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    return f"{head}{sign}{login.partition(':')[0]}{at}{place}"


def _devices(patterns: Sequence[str]) -> str:
    return "all" if tuple(patterns) == ("*",) else ", ".join(patterns)


def _silence(duty: Duty) -> str:
    return in_short(duty.silence_ns) if duty.silence_ns else "never"


def _grid(heads: Row, rows: Iterable[Row]) -> Padding:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, show_header=bool(heads), header_style="dim", padding=(0, 3, 0, 0))
    found = list(rows)
    for column in heads or ("",) * max(map(len, found)):
        grid.add_column(column, overflow="fold")
    for row in found:
        grid.add_row(*(Text(harmless(cell)) for cell in row))
    return Padding(grid, (0, 0, 0, 2))
