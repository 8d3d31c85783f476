"""The live view: a panel in the terminal that shows how a watch is doing and which incidents are open."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tocsin.cli._incident_tables import causes, kind_of, lasted
from tocsin.cli._pulse import Delivery, Pulse, Pulses
from tocsin.cli._tables import harmless
from tocsin.core.errors import TocsinError
from tocsin.wiring.durations import in_short

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
    from rich.table import Table
    from rich.text import Text

    from tocsin.store import Recorded, Store

BARS = "▁▂▃▄▅▆▇█"
HISTORY = 10
"""Seconds of which the little chart of readings/s shows one bar each."""

LEAST, MOST = 14, 24
"""Lines it takes; as many as the terminal has, less some for what is printed above. They stay as many while it runs:
two threads that print at once would else leave parts of it behind."""

ABOVE = 8
LATELY_NS = 600 * 10**9
"""Incidents that ended so lately are listed where there is room."""


class LiveView:
    """What a terminal shows of a running watch; asked again and again for how it looks now.

    Parameters
    ----------
    title
        What is watched.
    pulses
        How the watch is doing.
    store
        Where its incidents are.
    """

    def __init__(self, title: str, pulses: Pulses, store: Store) -> None:
        self._title, self._pulses, self._store = title, pulses, store
        self._began = time.monotonic()
        self._rates: deque[float] = deque(maxlen=HISTORY)
        self._found: Sequence[Recorded] = ()
        self._over: Sequence[Recorded] = ()
        self._open = 0
        self._pulse = pulses.take()
        self._away = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield how it looks now; rich asks for it."""
        del options
        yield self._panel(max(LEAST, min(MOST, console.size.height - ABOVE)))

    def look(self) -> None:
        """Ask meters and store, which may take its time; to be called once a second, by one thread."""
        self._pulse = self._pulses.take()
        self._rates.append(self._pulse.readings_s)
        try:
            self._found, self._away = self._store.incidents(open=True, most=MOST), ""
            self._over = self._store.incidents(open=False, since_ns=time.time_ns() - LATELY_NS, most=MOST)
            self._open = sum(self._store.open_count().values())
        except TocsinError as away:
            self._away = away.message

    def _panel(self, height: int) -> RenderableType:
        from rich.box import ROUNDED
        from rich.panel import Panel
        from rich.text import Text

        running = in_short(int(time.monotonic() - self._began) * 10**9 or 10**9)
        return Panel(
            self._inside(height - 4),
            height=height,
            box=ROUNDED,
            border_style="dim",
            padding=(1, 2),
            title=Text.assemble(("tocsin ", "bold"), (harmless(self._title), "")),
            title_align="left",
            subtitle=Text(f"{running} · Ctrl-C ends", style="dim"),
            subtitle_align="right",
        )

    def _inside(self, lines: int) -> Group:
        from rich.console import Group
        from rich.text import Text

        parts: list[RenderableType] = [self._numbers(self._pulse)]
        if self._pulse.sinks:
            parts.append(Text.assemble(("sinks         ", "dim"), _deliveries(self._pulse.sinks)))
        parts += [Text(f"● {harmless(text)}", style="yellow") for text in self._troubles(self._pulse)]
        parts += [Text(), *self._incidents(lines - 3 - len(parts))]
        return Group(*parts)

    def _numbers(self, pulse: Pulse) -> Table:
        """Return the figures, three pairs to a row."""
        from rich.table import Table
        from rich.text import Text

        rate = Text.assemble((f"{pulse.readings_s:,.0f}", "bold"), "  ", (_chart(self._rates), "cyan"))
        cells: list[tuple[str, Text | str]] = [
            ("readings/s", rate),
            ("devices", f"{pulse.devices:,}"),
            ("lag", f"{pulse.lag_s:.2f} s"),
            ("readings", f"{pulse.readings:,}"),
            ("batch", f"{pulse.batch:,.0f}"),
            ("waiting", f"{pulse.waiting:,}"),
            ("dead letters", Text(f"{pulse.dead:,}", style="yellow" if pulse.dead else "")),
            ("scoring", f"{pulse.scoring_ms:.1f} ms"),
            ("", ""),
        ]
        grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
        for ratio in (None, 4, None, 2, None, 2):
            grid.add_column(ratio=ratio, style="dim" if ratio is None else "", no_wrap=True)
        for start in range(0, len(cells), 3):
            row = [part for cell in cells[start : start + 3] for part in cell]
            grid.add_row(*row)
        return grid

    def _troubles(self, pulse: Pulse) -> Iterator[str]:
        yield from (f"{name} is not connected" for name, there in pulse.connected.items() if not there)
        if self._away:
            yield self._away
        if pulse.unscored:
            yield pulse.unscored

    def _incidents(self, lines: int) -> Iterator[RenderableType]:
        """Yield what is open and, where there is room, what is over lately; in so many lines at most."""
        from rich.text import Text

        many = max(self._open, len(self._found))
        if not many:
            yield Text("✓ no incident is open", style="green")
        else:
            yield Text(f"{many} incident{'s' if many != 1 else ''} open", style="bold")
        lines -= 1
        if found := self._found[: lines - 1 if many < lines else lines - 2]:
            yield self._table(found)
            lines -= 1 + len(found)
        if found and many > len(found):
            yield Text(f"and {many - len(found)} more", style="dim")
            lines -= 1
        if self._over and lines > 2:
            yield from (Text(), Text("over lately", style="dim"), self._table(self._over[: lines - 2]))

    @staticmethod
    def _table(found: Sequence[Recorded]) -> Table:
        from rich.table import Table
        from rich.text import Text

        now = time.time_ns()
        grid = Table(box=None, padding=(0, 2, 0, 0), show_header=found[0].notice.open, header_style="dim", expand=True)
        for name, ratio in (("device", 3), ("for", 1), ("what", 3), ("cause", 5)):
            grid.add_column(name, ratio=ratio, no_wrap=True)
        for one in found:
            notice = one.notice
            fade = "" if notice.open else "dim"
            device = Text(harmless(notice.device), style="bold" if notice.open else "dim")
            cause = Text(harmless(causes(notice, most=2)), overflow="ellipsis", style=fade)
            grid.add_row(device, Text(lasted(notice, now_ns=now), style=fade), kind_of(notice), cause)
        return grid


def _chart(rates: Sequence[float]) -> str:
    """Return rates as little bars.

    >>> _chart([0, 5, 10])
    '▁▅█'
    """
    most = max(rates, default=0) or 1
    return "".join(BARS[round((len(BARS) - 1) * rate / most)] for rate in rates)


def _deliveries(sinks: Sequence[Delivery]) -> Text:
    """Return what each sink has got, and what it has still to get."""
    from rich.text import Text

    told = Text()
    for own in sinks:
        late = f" ({own.waiting:,} wait)" if own.waiting else ""
        told.append(f"{own.sink} {own.delivered:,}{late}   ", "yellow" if own.failures and own.waiting else "")
    return told
