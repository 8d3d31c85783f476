"""How footprints look in a terminal: three small tables, the first artifact the measure of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tocsin.cli._lab import on_two_lines
from tocsin.cli._shell import console
from tocsin.cli._tables import harmless

if TYPE_CHECKING:
    from tocsin.export.footprint import Footprint

Cell = Callable[["Footprint", "Footprint"], str]

_UNKNOWN = "–"
_RATIO = 6
"""Characters that a ratio takes."""
_ALIKE = 0.05
"""A difference that says nothing: so much a figure changes from run to run."""


def show_footprints(found: Sequence[Footprint]) -> None:
    """Print footprints: what they take, how long it takes, and how well each detects where that is known."""
    _show("What it takes", found, _SIZE)
    _show("What it costs to score, on one thread", found, _COST)
    if any(one.agreement is not None for one in found):
        _show("What it is worth", found, _WORTH)


def _show(title: str, found: Sequence[Footprint], columns: dict[str, Cell]) -> None:
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=None, padding=(0, 1, 0, 1), title=title, title_justify="left", title_style="bold")
    grid.add_column("artifact", no_wrap=True, vertical="bottom")
    for name in columns:
        grid.add_column(on_two_lines(name), justify="right", no_wrap=True, vertical="bottom")
    for one in found:
        cells = (cell(one, found[0]) for cell in columns.values())
        grid.add_row(Text(harmless(one.name)), *cells)
    console().print(grid)


def _against(own: float, first: float) -> str:
    """Return how a figure compares with the first artifact's, ÷4.0 where it is a quarter; "" where they are alike."""
    if own <= 0 or first <= 0 or abs(own / first - 1) < _ALIKE:
        return ""
    return f"÷{first / own:.1f}" if own <= first else f"×{own / first:.1f}"


def _figure(name: str, shown: Callable[[float], str]) -> Cell:
    def cell(one: Footprint, first: Footprint) -> str:
        own, other = getattr(one, name), getattr(first, name)
        if own is None or other is None:
            return _UNKNOWN
        return f"{shown(own)} {_against(own, other):>{_RATIO}}"

    return cell


def _detected(name: str, shown: Callable[[float], str]) -> Cell:
    def cell(one: Footprint, _: Footprint) -> str:
        value = None if one.detection is None else getattr(one.detection, name)
        return _UNKNOWN if value is None else shown(value)

    return cell


def _count(number: float) -> str:
    return f"{number:,.0f}"


def _kb(size: float) -> str:
    return f"{size / 1e3:,.1f} kB"


def _mb(size: float) -> str:
    return f"{size / 1e6:.0f} MB"


def _us(time: float) -> str:
    return f"{time:,.0f} µs" if time >= 10 else f"{time:.1f} µs"


def _agreement(one: Footprint, first: Footprint) -> str:
    return _UNKNOWN if one is first or one.agreement is None else f"{100 * one.agreement:.2f} %"


_SIZE: dict[str, Cell] = {
    "parameters": _figure("parameters", _count),
    "graph": _figure("graph_bytes", _kb),
    "file": _figure("artifact_bytes", _kb),
    "FLOP a reading": _figure("flop", _count),
}
_COST: dict[str, Cell] = {
    "one reading, median": _figure("reading_p50_us", _us),
    "99 % under": _figure("reading_p99_us", _us),
    "a window in a batch": _figure("window_us", _us),
    "memory of the process": _figure("memory_bytes", _mb),
}
_WORTH: dict[str, Cell] = {
    "VUS-PR": _detected("vus_pr", "{:.3f}".format),
    "events caught": _detected("event_recall", lambda share: f"{100 * share:.0f} %"),
    "false alarms": _detected("false_alarms", _count),
    "false alarms a day": _detected("false_alarms_per_day", "{:.2f}".format),
    "same verdict": _agreement,
}
