"""How a source or a sink is written: the part's name, a colon, and what that part makes of the rest."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tocsin.core.discover import load, names
from tocsin.core.errors import MissingExtraError, SettingError

_LOGIN = re.compile(r"(?<=//)[^@/]*@")
_SECRET = re.compile(r"(?i)((?:password|secret|token|api_?key)[^=&]*=)[^&]*")
_HIDDEN = {
    "webhook": re.compile(r"(?P<head>https?://[^/?]+)/.+"),
    "notify": re.compile(r"(?P<head>\w+:/)/.+"),
}
"""What such an address gives away: whoever knows all of it may post there."""


@dataclass(frozen=True)
class Written:
    """A source or a sink as it is written.

    Parameters
    ----------
    room
        "sources" or "sinks".
    name
        The part's name, which is its file's.
    rest
        All that stands behind the name's colon.
    where
        Where it is written, for messages.

    Examples
    --------
    >>> written = Written("sources", "mqtt", "//anna:secret@localhost/plant/+?qos=1", "--source")
    >>> written.place(), written.shown()
    ('mqtt://localhost/plant/+', 'mqtt://localhost/plant/+?qos=1')
    """

    room: str
    name: str
    rest: str
    where: str

    @classmethod
    def parse(cls, room: str, text: str, *, where: str) -> Written:
        """Return a source or sink as written, or refuse a name that there is not.

        Raises
        ------
        SettingError
            If there is no such part; the message names those there are.
        """
        name, _, rest = text.strip().partition(":")
        if name not in names(room):
            there = ", ".join(names(room))
            kind = room.removesuffix("s")
            raise SettingError(
                f"{where} is {_harmless(text)!r}, but there is no {kind} {name!r}.",
                remedy=f"Write it as name:address; there are: {there}.",
            )
        return cls(room, name, rest, where)

    def part(self, *given: Any) -> Any:
        """Return the part itself, made of what is written and what is ``given``; nothing is opened."""
        return self.made(lambda: load(self.room, self.name).parse(self.rest, *given))

    def made(self, make: Callable[[], Any]) -> Any:
        """Return what ``make`` makes of it; a setting that it refuses is told with the place where it is written."""
        try:
            return make()
        except SettingError as error:
            if isinstance(error, MissingExtraError):
                raise
            raise SettingError(f"{self.where}: {error.message}", remedy=error.remedy) from None

    def place(self) -> str:
        """Return it without who logs in and without settings: what it is, however it is reached.

        Of a table in a database, the table's name belongs to it.
        """
        address, _, settings = _LOGIN.sub("", self.rest).partition("?")
        table = next((part for part in settings.split("&") if part.startswith("table=")), "")
        return f"{self.name}:{address}" + (f"?{table}" if table else "")

    def shown(self) -> str:
        """Return it without secrets: to be printed.

        >>> Written("sinks", "webhook", "https://hooks.example.com/T0/B1?secret_env=HOOK", "--sink").shown()
        'webhook:https://hooks.example.com/…'
        """
        rest = _HIDDEN[self.name].sub(r"\g<head>/…", self.rest) if self.name in _HIDDEN else self.rest
        return _harmless(f"{self.name}:{rest}" if rest else self.name)


def _harmless(text: str) -> str:
    return _SECRET.sub(r"\1…", _LOGIN.sub("", text))
