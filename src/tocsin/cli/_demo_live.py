"""``tocsin demo --live``: a broker, a fleet with faults, an artifact and a watch, in one process."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from tocsin.cli._demo_fleet import AHEAD, CADENCE_NS, ROOMS, SILENCE, Injected, fleet
from tocsin.cli._shell import progress

if TYPE_CHECKING:
    import polars

    from tocsin.cli._dashboard import Dashboard
    from tocsin.store import Recorded
    from tocsin.wiring.assembly import Assembly

SILENT_AFTER = "5s"
LONGEST_S = AHEAD * CADENCE_NS / 1e9
_WORTH_NS = 12 * 10**9
"""Faults that began so shortly before the end are not missed: a drift takes so long to show."""

_NEAR_NS = 2 * 10**9
"""So long before a fault and after it an incident may still be of it."""


class _Case(NamedTuple):
    """A fault, when it began in ns, and the incident that tells of it."""

    fault: Injected
    began: int
    found: Recorded | None


def demo_live(folder: Path, *, seed: int, lasting_s: float | None, browser: bool = True) -> None:
    """Run the live demo; leave an artifact and a store in ``folder``.

    Parameters
    ----------
    folder
        Where files go.
    seed
        Of the simulated fleet.
    lasting_s
        Ends after so long; None for until somebody ends it, at most a quarter of an hour.
    browser
        Open the page beside it in a browser?
    """
    from tocsin.cli._demo_page import live_page

    folder.mkdir(parents=True, exist_ok=True)
    store = _fresh_store(folder)
    with live_page(folder, store) as page:
        _live(folder, store, page, seed=seed, lasting_s=min(lasting_s or LONGEST_S, LONGEST_S), browser=browser)


def _live(folder: Path, store: str, page: Dashboard | None, *, seed: int, lasting_s: float, browser: bool) -> None:
    from tocsin.cli._demo_page import show_page
    from tocsin.cli._embedded import embedded_broker
    from tocsin.cli._watching import Manner, watching

    typer.echo(f"1. Simulate {ROOMS} rooms in time lapse: a reading a room every {CADENCE_NS / 1e6:.0f} ms", err=True)
    past, ahead, faults = fleet(seed)
    typer.echo(f"2. Learn from three weeks of normal readings of some rooms → {folder}/live.tocsin", err=True)
    with progress():  # its own, which is over before the live view begins
        _train(past, folder)
    with embedded_broker() as broker:
        typer.echo(f"3. A broker at {broker}, a fleet that publishes to it, and a watch\n", err=True)
        service = show_page(page, folder / "live.tocsin", browser=browser)
        assembly = _assembly(folder, broker, store=store, service=service)
        began = time.time_ns() + 2 * 10**9
        with _publishing(ahead, broker, began=began):
            watching(assembly, Manner(lasting_s=lasting_s))
    _tell(_cases(assembly, faults, began=began, ended=time.time_ns()), folder)


def _train(past: polars.DataFrame, folder: Path) -> None:
    from tocsin.training.fit import fit
    from tocsin.training.recipe import Recipe

    recipe = Recipe(
        detector="autoencoder",
        settings={"epochs": 8},
        threshold="percentile:99.9",
        raise_after=4,
        release_after=12,
    )
    fit(past.sort("time"), recipe).save(folder / "live.tocsin")


def _fresh_store(folder: Path) -> str:
    """Return the URL of a store of the demo's own that begins empty."""
    store = (folder / "live.db").absolute()
    for old in store.parent.glob(f"{store.name}*"):
        old.unlink()
    return f"sqlite:///{store}"


def _assembly(folder: Path, broker: str, *, store: str, service: str) -> Assembly:
    """Return the watch on the embedded broker, which tells the page beside it what it sees."""
    from tocsin.wiring.assembly import Assembly
    from tocsin.wiring.watch_flags import WatchFlags

    flags = WatchFlags(
        artifact=folder / "live.tocsin",
        sources=(f"mqtt://{broker}/plant/{{device}}/env?version=3.1.1",),
        name="demo",
        store=store,
        service=service,
        sinks=("log",) if sys.stdout.isatty() else (),
        stale_after=SILENT_AFTER,
    )
    return Assembly.of(flags.plan(None))


@contextmanager
def _publishing(ahead: polars.DataFrame, broker: str, *, began: int) -> Iterator[None]:
    """Publish beside whatever happens inside."""
    from tocsin.cli._outlet_mqtt import MqttOutlet
    from tocsin.cli._publish import Pace, publish

    stop = threading.Event()
    out = MqttOutlet(f"//{broker}/plant/{{device}}/env", qos=1)
    out.open()
    beside = threading.Thread(
        target=publish, args=(ahead, out, Pace()), kwargs={"stop": stop, "began": began}, daemon=True
    )
    beside.start()
    try:
        yield
    finally:
        stop.set()
        beside.join(5.0)


def _cases(assembly: Assembly, faults: Sequence[Injected], *, began: int, ended: int) -> list[_Case]:
    """Return the faults that have begun, each with the first incident of its kind and room in its time."""
    from tocsin.store import open_store

    store = open_store(assembly.plan.store.url)
    try:
        found = sorted(store.incidents(most=10_000), key=lambda one: one.notice.start)
    finally:
        store.close()
    cases = []
    for fault in faults:
        first, last = (began + row * CADENCE_NS for row in (fault.first, fault.last))
        what = "stale" if fault.kind == SILENCE else "anomaly"
        own = [one for one in found if (one.notice.device, one.notice.what) == (fault.device, what)]
        met = [one for one in own if one.notice.start < last + _NEAR_NS and one.notice.end > first - _NEAR_NS]
        if met or first < ended - _WORTH_NS:
            cases.append(_Case(fault, first, met[0] if met else None))
    return cases


def _tell(cases: Sequence[_Case], folder: Path) -> None:
    """Print what was put in and what was told of it."""
    from rich.table import Table
    from rich.text import Text

    from tocsin.cli._incident_tables import causes, kind_of
    from tocsin.cli._shell import console

    if not cases:
        typer.echo("\nIt ended before a fault could show; the first begins after some seconds.")
        return
    grid = Table(box=None, padding=(0, 3, 0, 0), pad_edge=False, header_style="dim")
    for name in ("room", "put in", "told after", "as", "cause"):
        grid.add_column(name)
    for fault, began, found in cases:
        if found is None:
            grid.add_row(fault.device, fault.text(), Text("not found", style="yellow"), "", "")
            continue
        after = f"{max(found.notice.opened - began, 0) / 1e9:.1f} s"
        grid.add_row(fault.device, fault.text(), after, kind_of(found.notice), causes(found.notice, most=2))
    out = console()
    caught = sum(case.found is not None for case in cases)
    out.print(Text(f"\n{caught} of {len(cases)} faults were told", style="bold"))
    out.print(grid)
    typer.echo("\nWhat the watch has kept:")
    typer.echo(f"  tocsin incidents --store sqlite:///{folder}/live.db")
    typer.echo(f"  tocsin inspect {folder}/live.tocsin")
