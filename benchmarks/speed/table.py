"""The result as people read it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from speed.line import Line

_VERDICT = {True: "[green]met", False: "[red]missed", None: ""}


def show(lines: Sequence[Line], machine: str) -> None:
    """Print all lines, those below their aim included, under the machine they were measured on."""
    table = Table(title=machine, title_justify="left", title_style="")
    for column in ("", "measured", "tocsin", "beside", "gain", "aim", ""):
        table.add_column(column, justify="right" if column in ("tocsin", "gain", "aim") else "left")
    group = ""
    for line in lines:
        if line.group != group:
            table.add_section()
        table.add_row("" if line.group == group else line.group, *_cells(line))
        group = line.group
    Console(width=132).print(table)


def _cells(line: Line) -> tuple[str, ...]:
    beside = "" if line.reference is None else f"{line.against} {_number(line.reference)} {line.unit}"
    bounded = line.against == "bound" or line.unit == "ns"
    gain = "" if line.gain is None else _share(line.gain) if bounded else f"{_number(line.gain)}×"
    return (line.what, f"{_number(line.value)} {line.unit}", beside, gain, _aim(line, bounded), _VERDICT[line.met])


def _aim(line: Line, bounded: bool) -> str:
    if line.aim is None:
        return ""
    sign = "≤" if line.lower_is_better else "≥"
    if line.judged == "value":
        return f"{sign} {_number(line.aim)} {line.unit}"
    return f"{sign} {line.aim:.0%}" if bounded else f"{sign} {_number(line.aim)}×"


def _share(figure: float) -> str:
    return f"{figure:.1%}" if figure < 0.1 else f"{figure:.0%}"


def _number(figure: float) -> str:
    if figure >= 1000:
        return f"{figure:,.0f}"
    return f"{figure:.3g}"
