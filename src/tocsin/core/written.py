"""Parts with settings written as one text, such as ``pot:1e-4,drift=200``: the main setting, then others."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, TypeVar, get_type_hints

from tocsin.core.errors import SettingError

T = TypeVar("T")

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def written(kind: type[T], text: str) -> T:
    """Return the part of that kind, a dataclass of plain settings, whose settings are written as ``text``.

    Raises
    ------
    SettingError
        If there is no such setting, one is missing, or a value is of the wrong kind.

    Examples
    --------
    >>> from tocsin.thresholds.percentile import Percentile
    >>> written(Percentile, "98.5").percent
    98.5
    """
    hints, known = get_type_hints(kind), [field.name for field in fields(kind)]  # type: ignore[arg-type]  # a dataclass
    found: dict[str, Any] = {}
    for place, part in enumerate(piece.strip() for piece in text.split(",") if piece.strip()):
        name, sign, value = (word.strip() for word in part.partition("="))
        if not sign and place == 0:
            name, value = known[0], part
        if name not in known:
            raise SettingError(f"{part!r} is no setting of {_name(kind)}.", remedy=f"It has: {', '.join(known)}.")
        found[name] = _value(kind, name, value, hints[name])
    needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]  # type: ignore[arg-type]  # a dataclass
    if lacking := [name for name in needed if name not in found]:
        raise SettingError(f"{_name(kind)} needs its {lacking[0]}.", remedy=f"For example: {_name(kind)}:3.5")
    return kind(**found)


def _value(kind: type[Any], name: str, value: str, hint: Any) -> Any:
    """Return a text as a number or a switch, as the setting's type says; else the text."""
    try:
        if hint is bool:
            return _BOOLEANS[value.lower()]
        return hint(value) if hint in (float, int) else value
    except (ValueError, KeyError):
        what = {bool: "neither on nor off", int: "no whole number"}.get(hint, "no number")
        raise SettingError(f"{name} of {_name(kind)} is {value!r}: {what}.", remedy="Correct that setting.") from None


def _name(kind: type[Any]) -> str:
    return kind.__module__.rpartition(".")[2]
