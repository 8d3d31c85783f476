"""Running a watch in the foreground: its parts put together, shown, reloaded, and ended in good order."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, redirect_stdout, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tocsin.cli._edge import Edge
from tocsin.cli._exchanging import Exchange
from tocsin.cli._lasting import lasting
from tocsin.cli._logs import logging_to_errors
from tocsin.cli._pulse import Pulses
from tocsin.cli._stopping import stopping
from tocsin.cli._watch_summary import show_summary, title
from tocsin.core.errors import TocsinError
from tocsin.core.progress import listening

if TYPE_CHECKING:
    from tocsin.cli._live_view import LiveView
    from tocsin.engine.live.feed import Onlooker
    from tocsin.engine.live.herald import Herald
    from tocsin.engine.live.loop import Loop
    from tocsin.engine.live.meters import Meters
    from tocsin.store import Store
    from tocsin.wiring.assembly import Assembly
    from tocsin.wiring.watch_plan import WatchPlan

LOOK_S = 1.0
"""So often the live view learns how the watch is doing."""

STATUS_S = 10.0
"""So often a log is told how the watch is doing."""

_LOG = logging.getLogger("tocsin.watch")


@dataclass(frozen=True)
class Manner:
    """How a watch shows itself.

    Parameters
    ----------
    as_json
        Is its log JSON?
    quiet
        Are only warnings told?
    fresh
        Is what it remembers forgotten first?
    lasting_s
        Ends by itself after so long, in s; None for never.
    """

    as_json: bool = False
    quiet: bool = False
    fresh: bool = False
    lasting_s: float | None = None


def watching(assembly: Assembly, manner: Manner, *, again: Callable[[], WatchPlan] | None = None) -> None:
    """Run a watch until its sources end, or somebody ends it.

    Parameters
    ----------
    assembly
        What runs.
    manner
        How it shows itself.
    again
        Reads its settings anew, for SIGHUP; None where there is no file to read.

    Raises
    ------
    TocsinError
        What it cannot start or go on for.
    """
    from tocsin.engine.live.loop import Loop
    from tocsin.engine.live.meters import Meters
    from tocsin.store import open_store

    with ExitStack() as stack:
        stack.enter_context(logging_to_errors(as_json=manner.as_json, quiet=manner.quiet))
        store = open_store(assembly.plan.store.url, retention=assembly.plan.store.retention())
        stack.callback(store.close)
        meters = Meters()
        edge = Edge(assembly, again)
        stack.callback(edge.end)
        assembly = edge.assembly
        onlooker = edge.onlooker(stack.enter_context(_telling(assembly)))
        feeds = assembly.feeds(store, meters, fresh=manner.fresh, onlooker=onlooker)
        loop = Loop(feeds, assembly.sinks, store, meters=meters)
        exchange = Exchange(loop, assembly, again)
        stack.enter_context(_serving(assembly, loop, meters))
        stack.enter_context(_forwarding(assembly, store, meters))
        stack.enter_context(edge.speaking(meters, exchange))
        _announce(assembly, manner)
        hup = threading.Event()
        stop = stack.enter_context(stopping(reload=hup.set if again else None))
        if again:
            stack.enter_context(_thread(lambda ended: _reload_when(hup, ended, exchange)))
        if manner.lasting_s is not None:
            timer = threading.Timer(manner.lasting_s, stop.set)
            timer.daemon = True
            timer.start()
            stack.callback(timer.cancel)
        with _shown(assembly, manner, store, meters), listening(lambda *_: None), lasting():
            loop.run(stop)
        _sum_up(assembly, store, meters)


def _sum_up(assembly: Assembly, store: Store, meters: Meters) -> None:
    """Say how it ended, and what is still to be told to whom."""
    for name in assembly.sinks:
        with suppress(TocsinError):
            if waiting := store.waiting(name):
                _LOG.warning("%d notices wait in the store for sink %s, until a watch runs again.", waiting, name)
    _LOG.info("Ended in good order: %s readings judged.", f"{meters.total('tocsin_readings_total'):,.0f}")


def herald_of(assembly: Assembly) -> Herald | None:
    """Return who tells the service what is judged, with the token in the environment; None where there is no service.

    Raises
    ------
    SettingError
        If the service's URL is none.
    """
    from tocsin.engine.live.herald import VARIABLE

    return assembly.herald(token=os.environ.get(VARIABLE, ""))


@contextmanager
def _telling(assembly: Assembly) -> Iterator[Onlooker | None]:
    """Tell the service what is judged, where there is one; yield who is to be shown it."""
    herald = herald_of(assembly)
    if herald is None:
        yield None
        return
    herald.start()
    try:
        yield herald.show
    finally:
        herald.stop()


@contextmanager
def _forwarding(assembly: Assembly, store: Store, meters: Meters) -> Iterator[None]:
    """Send what is strange to the centre, where there is one."""
    uplink = assembly.uplink(store, meters)
    if uplink is None:
        yield
        return
    uplink.start()
    try:
        yield
    finally:
        uplink.stop()


def check_metrics(address: str) -> None:
    """Refuse an address that metrics cannot be served at; nothing is opened.

    Raises
    ------
    SettingError
        If it is no ``host:port``.
    """
    if address:
        from tocsin.engine.live.meters import Meters
        from tocsin.service.metrics import MetricsServer

        MetricsServer(Meters(), alive=str, ready=str, address=address)


def _announce(assembly: Assembly, manner: Manner) -> None:
    from rich.console import Console

    if manner.as_json:
        _LOG.info("Started: %s", title(assembly), extra={"store": assembly.plan.store.url.partition(":")[0]})
    elif not manner.quiet:
        out = Console(stderr=True, highlight=False)
        show_summary(assembly, out if out.is_terminal else Console(stderr=True, highlight=False, width=140))


@contextmanager
def _serving(assembly: Assembly, loop: Loop, meters: Meters) -> Iterator[None]:
    """Serve metrics and health, where that is wanted."""
    address = assembly.plan.metrics.address
    if not address:
        yield
        return
    from tocsin.service.metrics import MetricsServer

    server = MetricsServer(meters, alive=loop.alive, ready=loop.ready, address=address)
    server.start()
    try:
        yield
    finally:
        server.stop()


@contextmanager
def _shown(assembly: Assembly, manner: Manner, store: Store, meters: Meters) -> Iterator[None]:
    """Show how the watch is doing: a live view on a terminal, a line now and then in a log."""
    pulses = Pulses(meters, sinks=tuple(assembly.sinks))
    if manner.quiet:
        yield
    elif sys.stderr.isatty() and not manner.as_json:
        from rich.console import Console
        from rich.live import Live

        from tocsin.cli._live_view import LiveView
        from tocsin.cli._sentences import Sentences

        view = LiveView(title(assembly), pulses, store)
        out = Console(stderr=True, highlight=False)
        # where standard output is a file, the log sink's lines must reach it; on a terminal they go above the view
        aside = redirect_stdout(Sentences(out)) if sys.stdout.isatty() else nullcontext()
        shown = Live(view, console=out, refresh_per_second=2, redirect_stdout=False, redirect_stderr=True)
        with _thread(lambda ended: _look(ended, view)), shown, aside:
            yield
    else:
        with _thread(lambda ended: _status(ended, pulses)):
            yield


def _look(ended: threading.Event, view: LiveView) -> None:
    while not ended.wait(LOOK_S):
        view.look()


def _status(ended: threading.Event, pulses: Pulses) -> None:
    while not ended.wait(STATUS_S):
        pulse = pulses.take()
        _LOG.info(pulse.line(), extra={"pulse": asdict(pulse)})


def _reload_when(hup: threading.Event, ended: threading.Event, exchange: Exchange) -> None:
    """Take other settings over whenever asked to; those that cannot work change nothing."""
    while not ended.is_set():
        if not hup.wait(0.2):
            continue
        hup.clear()
        try:
            exchange()
        except TocsinError as error:
            _LOG.error("The settings were not taken over, and all goes on as before: %s", error)
        else:
            _LOG.info("The settings were read anew.")


@contextmanager
def _thread(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Have ``work`` done beside; it is given an event that says when to end."""
    ended = threading.Event()
    beside = threading.Thread(target=work, args=(ended,), daemon=True)
    beside.start()
    try:
        yield
    finally:
        ended.set()
        beside.join(2.0)
