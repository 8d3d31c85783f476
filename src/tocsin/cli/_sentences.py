"""What the log sink writes, as sentences: JSON is for machines, and a terminal with a live view is for people."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from tocsin.cli._incident_tables import COLOURS
from tocsin.cli._tables import harmless

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


class Sentences(io.TextIOBase):
    r"""Stands in for standard output on a terminal: prints the sentence of each notice, and other lines as they are.

    Parameters
    ----------
    console
        What they are printed on, above the live view.

    Examples
    --------
    >>> from rich.console import Console
    >>> notice = {"opened": "2026-11-22T14:54:13Z", "kind": "open", "text": "room-1: silent", "what": "stale"}
    >>> _ = Sentences(Console(no_color=True)).write(json.dumps(notice) + "\n")
    14:54:13  room-1: silent
    """

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console, self._rest = console, ""

    def write(self, text: str) -> int:
        """Print the whole lines that there are by now."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._console.print(_sentence(line), soft_wrap=True)
        return len(text)

    def isatty(self) -> bool:
        """Return True."""
        return True

    def writable(self) -> bool:
        """Return True."""
        return True


def _sentence(line: str) -> Text:
    from rich.text import Text

    told = _notice(line)
    if told is None:
        return Text(line)
    when = told["end"] if told["kind"] == "close" and "end" in told else told["opened"]
    colour = COLOURS["silent"] if told["what"] == "stale" else COLOURS.get(told.get("grade", ""), "")
    style = "dim" if told["kind"] == "close" else colour
    return Text.assemble((str(when)[11:19], "dim"), "  ", (harmless(str(told["text"])), style))


def _notice(line: str) -> dict[str, Any] | None:
    """Return the notice that a line holds, bare or in an envelope; None where it holds none."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    bare = found.get("data", found) if isinstance(found, dict) else None
    return bare if isinstance(bare, dict) and {"kind", "what", "text", "opened"} <= bare.keys() else None
