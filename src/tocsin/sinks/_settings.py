"""Settings behind an address that may have a query of its own, as web hooks and Apprise's addresses do."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import TypeVar

from tocsin.core.addresses import Address

T = TypeVar("T")

_PAIR = re.compile(r"\w+=.*")


def taken(text: str, names: Collection[str]) -> tuple[str, dict[str, str]]:
    """Take the settings called ``names`` off an address; what else stands there is the receiver's.

    They stand behind the last ``?``, among the receiver's own. Where a receiver has a setting with the name of one of
    ours, all of ours stand behind a ``#`` at the end, which no receiver is ever sent; then the ``?`` is left alone.

    Examples
    --------
    >>> taken("https://host/hook?token=7&grade=major", {"grade"})
    ('https://host/hook?token=7', {'grade': 'major'})
    >>> taken("https://host/hook?grade=A#grade=major&batch=5", {"grade"})
    ('https://host/hook?grade=A#batch=5', {'grade': 'major'})
    """
    sign = "#" if _marked(text) else "?"
    place, _, written = text.rpartition(sign) if sign in text else (text, "", "")
    own = {name: value for name, _, value in (part.partition("=") for part in written.split("&")) if name in names}
    left = "&".join(part for part in written.split("&") if part and part.partition("=")[0] not in names)
    # the mark stays, so that whoever takes more settings later leaves the receiver's alone, too
    return (f"{place}{sign}{left}" if left or sign == "#" else place), own


def own_settings(text: str, kind: type[T], *, alone: bool = False) -> tuple[str, T]:
    """Return an address without our settings, and those as ``kind``, a frozen dataclass.

    Parameters
    ----------
    text
        The address with its settings.
    kind
        As :meth:`tocsin.core.addresses.Address.settings` takes it.
    alone
        Has the address no settings of the receiver's? Then one that is unknown is refused.

    Raises
    ------
    SettingError
        If a setting is unknown, or has a value that cannot work.
    """
    names = {field.name for field in fields(kind)} | {field.name.removesuffix("_s") for field in fields(kind)}  # type: ignore[arg-type]  # a dataclass
    everything = alone or _marked(text)
    place, written = taken(text, _all_names(text) if everything else names)
    return place.removesuffix("#"), _typed(written, kind)


def _typed(written: Mapping[str, str], kind: type[T]) -> T:
    query = "&".join(f"{name}={value}" for name, value in written.items())
    return Address.parse(f"//localhost?{query}", port=1, example="log:incidents.jsonl").settings(kind)


def _all_names(text: str) -> set[str]:
    written = text.rpartition("#" if _marked(text) else "?")[2]
    return {part.partition("=")[0] for part in written.split("&") if part}


def _marked(text: str) -> bool:
    """Tell whether settings of ours stand behind a ``#``, as opposed to a channel's name such as ``#alarms``."""
    place, sign, written = text.rpartition("#")
    return bool(place and sign) and all(_PAIR.fullmatch(part) for part in written.split("&") if part)
