"""What all verbs share: errors as one sentence with exit code 2, and progress on anything over a second."""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from tocsin.core.errors import TocsinError
from tocsin.core.progress import listening

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

F = TypeVar("F", bound=Callable[..., Any])

BAD_INPUT = 2
CHECK_FAILED = 1
_PATIENCE_S = 1.0


def friendly(verb: F) -> F:
    """Return ``verb`` with errors told in one sentence, and progress shown."""

    @functools.wraps(verb)
    def told(*args: Any, **settings: Any) -> Any:
        try:
            with progress():
                return verb(*args, **settings)
        except TocsinError as error:
            _tell(str(error))
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(BAD_INPUT) from None
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            _tell(f"{where}{error.strerror or error}. Check the path and the free space.")
        except KeyboardInterrupt:
            typer.echo("\nInterrupted.", err=True)
            raise typer.Exit(130) from None
        raise typer.Exit(BAD_INPUT)

    return told  # type: ignore[return-value]  # the same call, told differently


def console() -> Console:
    """Return the terminal that results go to; narrow pipes get lines of 100 characters."""
    from rich.console import Console

    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=100)


def _tell(text: str) -> None:
    typer.echo(f"{typer.style('error:', fg='red', bold=True)} {text}", err=True)


@contextmanager
def progress() -> Iterator[None]:
    """Show the progress of what is done inside, as soon as that has taken a second."""
    shown = _Shown()
    try:
        with listening(shown):
            yield
    finally:
        shown.stop()


class _Shown:
    """Progress on the terminal's error stream, as soon as the work has taken a second; plain lines in a log."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._last_line = self._began
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int, note: str) -> None:
        now = time.monotonic()
        if now - self._began < _PATIENCE_S:
            return
        if not sys.stderr.isatty():
            self._line(now, f"{what}: {done} of {total}{', ' if note else ''}{note}")
            return
        bars = self._bars or self._start()
        if what not in self._tasks:
            self._tasks[what] = bars.add_task(what, total=total)
        bars.update(self._tasks[what], completed=done, total=total, description=f"{what} {note}".rstrip())

    def stop(self) -> None:
        if self._bars is not None:
            self._bars.stop()

    def _line(self, now: float, text: str) -> None:
        if now - self._last_line >= 5 * _PATIENCE_S:
            self._last_line = now
            typer.echo(text, err=True)

    def _start(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"))
        self._bars = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
        self._bars.start()
        return self._bars
