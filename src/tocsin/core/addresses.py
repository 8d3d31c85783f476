"""Where a broker or a service is, written as ``//user:password@host:port/path?setting=value``, with its settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import unquote

from tocsin.core.errors import SettingError

T = TypeVar("T")

_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_UNITS_S = {"": 1.0, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0}
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|h|d|)")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\s:\[\]]+)(?::(\d{1,5}))?")


@dataclass(frozen=True)
class Address:
    """Where to connect to, and the settings written behind it.

    Parameters
    ----------
    hosts
        Hosts with their ports, one at least.
    user, password
        "" where there is none; the password is never shown.
    path
        What stands between host and settings, without the first slash; "#" and "+" are kept, ``%41`` is decoded.
    written
        Settings by name, as text.

    Examples
    --------
    >>> broker = Address.parse("//anna:secret@plant.local/plant/+/env?qos=1", port=1883, example="mqtt://localhost/#")
    >>> broker.host, broker.port, broker.path
    ('plant.local', 1883, 'plant/+/env')
    >>> print(broker)
    //anna@plant.local:1883/plant/+/env?qos=1
    """

    hosts: tuple[tuple[str, int], ...]
    user: str = ""
    password: str = field(default="", repr=False)
    path: str = ""
    written: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, *, port: int, example: str) -> Address:
        """Return the address written as ``text``.

        Parameters
        ----------
        text
            What stands behind the name and its colon; several hosts are separated by commas.
        port
            The port where none is written.
        example
            A whole address that would work, for the message.

        Raises
        ------
        SettingError
            If it is none.
        """
        place, _, query = text.strip().partition("?")
        if not place.startswith("//"):
            raise SettingError(f"{_hidden(text)!r} is no address.", remedy=f"Write one such as {example}")
        authority, _, path = place[2:].partition("/")
        login, _, hosts = authority.rpartition("@")
        user, _, password = login.partition(":")
        found = tuple(_host(host, port, example) for host in hosts.split(","))
        return cls(found, unquote(user), unquote(password), unquote(path), _pairs(query, example))

    @property
    def host(self) -> str:
        """The first host."""
        return self.hosts[0][0]

    @property
    def port(self) -> int:
        """The first host's port."""
        return self.hosts[0][1]

    def settings(self, kind: type[T]) -> T:
        """Return the settings as ``kind``, a frozen dataclass whose fields are str, int, float, bool or Literal.

        A field whose name ends in ``_s`` is a time in s, written as ``500ms``, ``10min``, ``2h`` or ``7d``, and goes by
        its name without that ending, too. A switch is on where it is written without a value.

        Raises
        ------
        SettingError
            If there is no such setting, one is missing, or a value is of the wrong kind.

        Examples
        --------
        >>> @dataclass(frozen=True)
        ... class Wanted:
        ...     qos: Literal[0, 1] = 1
        ...     session_s: float = 3_600
        >>> Address.parse("//localhost?session=7d", port=1883, example="mqtt://localhost/#").settings(Wanted)
        Wanted(qos=1, session_s=604800.0)
        """
        hints = get_type_hints(kind)
        known = {item.name.removesuffix("_s"): item.name for item in fields(kind)}  # type: ignore[arg-type]  # a dataclass
        known |= {name: name for name in known.values()}
        found: dict[str, Any] = {}
        for name, text in self.written.items():
            if name not in known:
                raise SettingError(f"There is no setting {name!r}.", remedy=_near(name, known))
            found[known[name]] = _value(name, text, hints[known[name]], is_time=known[name].endswith("_s"))
        needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]  # type: ignore[arg-type]  # a dataclass
        if lacking := [name for name in needed if name not in found]:
            raise SettingError(f"The setting {lacking[0]!r} is missing.", remedy=f"Add {lacking[0]}=… behind a '?'.")
        return kind(**found)

    def __str__(self) -> str:
        login = f"{self.user}@" if self.user else ""
        hosts = ",".join(f"{f'[{host}]' if ':' in host else host}:{port}" for host, port in self.hosts)
        query = "&".join(f"{name}={_shown(name, value)}" for name, value in self.written.items())
        return f"//{login}{hosts}" + (f"/{self.path}" if self.path else "") + (f"?{query}" if query else "")


def _host(text: str, port: int, example: str) -> tuple[str, int]:
    found = _HOST.fullmatch(text.strip())
    if not found or not 0 < int(found[2] or port) < 65_536:
        what = f"{text!r} is no host with a port" if text.strip() else "The host is missing"
        raise SettingError(f"{what}.", remedy=f"Write an address such as {example}")
    return found[1].strip("[]"), int(found[2] or port)


def _pairs(query: str, example: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        name, sign, value = part.partition("=")
        if unquote(name) in found:
            raise SettingError(f"The setting {name!r} is given twice.", remedy=f"Give it once, as in {example}")
        found[unquote(name)] = unquote(value) if sign else "on"
    return found


def _value(name: str, text: str, hint: Any, *, is_time: bool) -> Any:
    """Return a text as what the setting's type says."""
    choices = get_args(hint) if get_origin(hint) is Literal else ()
    try:
        if choices:
            return next(choice for choice in choices if str(choice) == text)
        if hint is bool:
            return _SWITCHES[text.lower()]
        if hint is float and is_time:
            return _seconds(text)
        return hint(text) if hint in (int, float) else text
    except (ValueError, KeyError, StopIteration):
        wanted = _wanted(choices, hint, is_time=is_time)
        raise SettingError(f"The setting {name!r} is {text!r}.", remedy=f"Write {wanted}.") from None


def _wanted(choices: tuple[Any, ...], hint: Any, *, is_time: bool) -> str:
    if choices:
        return "one of: " + ", ".join(map(str, choices))
    if is_time:
        return "a time such as 500ms, 30s, 10min, 2h or 7d"
    return {bool: "on or off", int: "a whole number"}.get(hint, "a number")


def _seconds(text: str) -> float:
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    return float(found[1]) * _UNITS_S[found[2]]


def _near(name: str, known: Mapping[str, str]) -> str:
    close = get_close_matches(name, known, n=1)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    short = sorted({name.removesuffix("_s") for name in known})
    return f"{hint}There are: {', '.join(short) or 'none'}."


def _shown(name: str, value: str) -> str:
    secret = any(word in name.lower() for word in ("password", "secret", "token", "key"))
    return "…" if secret else value


def _hidden(text: str) -> str:
    """Return a text without what may be a password, for messages."""
    return re.sub(r"(?<=:)[^:@/]+(?=@)", "…", text)
