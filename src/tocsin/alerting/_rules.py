"""What is wanted of a channel, as it is written: a table, or a text such as ``high, least 2, expected 0..80``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from tocsin.core.errors import SettingError

CHANNEL_KEYS = ("direction", "least", "expected", "mute", "raise_after")
"""What [alarm.channel.NAME] may hold."""

_DIRECTIONS = ("high", "low", "both")
_RANGE = re.compile(r"(-?[\d.]+(?:e[-+]?\d+)?)?\s*\.\.\s*(-?[\d.]+(?:e[-+]?\d+)?)?", re.IGNORECASE)
_EXAMPLE = "For example: 'high, least 2, expected 0..80, raise_after 5', or 'mute'."


def intent_table(channel: str, written: object) -> dict[str, Any]:
    """Return what is wanted of a channel, checked, with the expected range as two numbers or None.

    >>> intent_table("temperature", "high, least 2, expected ..80")
    {'direction': 'high', 'least': 2.0, 'expected': (None, 80.0)}

    Raises
    ------
    SettingError
        If it cannot be understood.
    """
    if isinstance(written, str):
        pairs = dict(_pair(part, channel) for part in written.split(",") if part.strip())
        return intent_table(channel, pairs)
    if not isinstance(written, Mapping):
        raise SettingError(f"{channel} is {written!r}.", remedy=_EXAMPLE)
    return {key: _CHECKED.get(key, _as_it_is)(value, channel) for key, value in written.items() if value is not None}


def written_rule(text: str) -> tuple[str, str]:
    """Return channel and rule of a text such as ``temperature: high, least 2``.

    >>> written_rule("temperature: high, least 2")
    ('temperature', 'high, least 2')
    """
    channel, sign, rule = text.rpartition(": ")
    if not sign or not rule.strip():
        raise SettingError(f"{text!r} names no channel and rule.", remedy="For example: 'temperature: high, least 2'")
    return channel.strip(), rule.strip()


def _pair(part: str, channel: str) -> tuple[str, Any]:
    words = part.replace("=", " ").split(maxsplit=1)
    if words[0] in _DIRECTIONS and len(words) == 1:
        return "direction", words[0]
    if words == ["mute"]:
        return "mute", True
    if words[0] in CHANNEL_KEYS and len(words) == 2:
        return words[0], {"true": True, "false": False}.get(words[1], words[1])
    raise SettingError(f"{part.strip()!r} of {channel} cannot be understood.", remedy=_EXAMPLE)


def _direction(value: object, channel: str) -> str:
    if value not in _DIRECTIONS:
        raise SettingError(f"direction of {channel} is {value!r}.", remedy=f"Choose from: {', '.join(_DIRECTIONS)}.")
    return str(value)


def _least(value: object, channel: str) -> float:
    return _number(value, f"least of {channel}")


def _mute(value: object, channel: str) -> bool:
    if not isinstance(value, bool):
        raise SettingError(f"mute of {channel} is {value!r}.", remedy="Give true or false.")
    return value


def _expected(value: object, channel: str) -> tuple[float | None, float | None]:
    """Return the ends of a range; None where it is open."""
    ends: Any = value
    if isinstance(value, str):
        found = _RANGE.fullmatch(value.strip())
        ends = (found[1], found[2]) if found else (None, None) if value.strip() == "any" else value
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        raise SettingError(
            f"expected of {channel} is {value!r}.", remedy="Give a range such as [0, 80] or '0..80', or 'any'."
        )
    low, high = (None if end is None else _number(end, f"expected of {channel}", open_end=True) for end in ends)
    return None if low == -math.inf else low, None if high == math.inf else high


def _as_it_is(value: object, channel: str) -> object:
    del channel
    return value


def _number(value: object, name: str, *, open_end: bool = False) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]  # whatever it is, it is tried
    except (TypeError, ValueError):
        number = math.nan
    if math.isnan(number) or (math.isinf(number) and not open_end):
        raise SettingError(f"{name} is {value!r}, and no number.", remedy=_EXAMPLE)
    return number


_CHECKED = {"direction": _direction, "least": _least, "mute": _mute, "expected": _expected}
