"""What the verbs of the evaluation lab share: folders that can be resumed into, processes, and boards in a terminal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.core.errors import SettingError

if TYPE_CHECKING:
    from tocsin.evaluation.scoreboard import Column, Row


def folder_for(output: Path, *, inputs: Sequence[Path]) -> Path:
    """Return ``output`` as a folder that exists.

    Raises
    ------
    SettingError
        If it is a file, or one of the inputs.
    """
    if output.is_file() or any(output.resolve() == each.resolve() for each in inputs):
        raise SettingError(f"{output} is a file, and a folder is needed.", remedy="Name another with -o.")
    output.mkdir(parents=True, exist_ok=True)
    return output


def cores(jobs: int | None) -> int:
    """Return the number of processes: as asked, else one for each core that this process may use."""
    if jobs is not None and jobs < 1:
        raise SettingError(f"{jobs} processes do nothing.", remedy="Give --jobs 1 or more.")
    return jobs or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))


def check_buffer(buffer: int | None, *, readings: int) -> None:
    """Refuse a buffer of VUS, in readings, that is negative or longer than there are readings; None is the default.

    Raises
    ------
    SettingError
        With what is allowed; a buffer that long would take for ever and forgive everything.
    """
    if buffer is not None and not 0 <= buffer <= readings:
        raise SettingError(f"A buffer of {buffer} readings is none.", remedy=f"Give --buffer 0 to {readings}.")


def show_board(title: str, rows: Sequence[Row], columns: Sequence[Column]) -> None:
    """Print a scoreboard; figures without any value are left out."""
    from rich.table import Table as Grid
    from rich.text import Text

    from tocsin.cli._shell import console

    shown = [column for column in columns if any(row.values(column.figure) for row in rows)]
    if not shown:
        return
    grid = Grid(box=None, padding=(0, 1, 0, 1), title=title, title_justify="left")
    grid.add_column("detector", no_wrap=True)
    for column in shown:
        grid.add_column(on_two_lines(column.title), justify="right", no_wrap=True, vertical="bottom")
    for row in rows:
        grid.add_row(Text(row.name), *(row.cell(column) for column in shown))
    console().print(grid)


def on_two_lines(title: str) -> str:
    """Return a title broken where its longer half is shortest.

    >>> on_two_lines("false alarms/day").splitlines()
    ['false', 'alarms/day']
    """
    words = title.split()
    cuts = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
    return "\n".join(min(cuts, key=lambda halves: max(map(len, halves)))) if cuts else title


def show_kinds(rows: Sequence[Row]) -> None:
    """Print which kinds of events were caught, where kinds are known."""
    from tocsin.cli._shell import console
    from tocsin.evaluation.scoreboard import kinds_table

    if (found := kinds_table(rows)) is None:
        return
    from rich.table import Table as Grid

    kinds, cells = found
    grid = Grid(
        box=None, padding=(0, 2, 0, 2), title="Events caught, by kind", title_justify="left", title_style="bold"
    )
    grid.add_column("detector", no_wrap=True)
    for kind in kinds:
        grid.add_column(on_two_lines(kind.replace("_", " ")), justify="right", vertical="bottom")
    for name, own in cells.items():
        grid.add_row(name, *own)
    console().print(grid)


def settings_text(point: Sequence[tuple[str, str]]) -> str:
    """Return settings as text.

    >>> settings_text([("hidden", "16"), ("window", "10")])
    'hidden 16, window 10'
    """
    return ", ".join(f"{name} {value}" for name, value in point)
