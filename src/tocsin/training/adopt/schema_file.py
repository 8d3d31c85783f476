"""What a model's owner writes down beside it: channels in order with their units, and how it is to be understood."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from tocsin.core.errors import SettingError
from tocsin.training.adopt.foreign import Foreign

_EXAMPLE = 'For example: [channels], and below it temperature = "°C".'


@dataclass(frozen=True)
class SchemaFile:
    """A schema as it was written.

    Parameters
    ----------
    units
        Unit by channel, in the order in which the channels go in; "" where it has none.
    settings
        What else is said, by the names of :class:`tocsin.training.adopt.foreign.Foreign`.
    """

    units: dict[str, str]
    settings: dict[str, Any]


def read_schema(path: Path) -> SchemaFile:
    """Read a schema: ``window``, ``gives``, ``layout`` and the like, and a table ``[channels]`` of names and units.

    Raises
    ------
    SettingError
        If it cannot be read, or says something that is not known.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"{path} is no schema: {error}.", remedy=_EXAMPLE) from None
    channels = found.pop("channels", {})
    if not isinstance(channels, dict) or not all(isinstance(unit, str) for unit in channels.values()):
        raise SettingError(f"[channels] of {path} is no table of names and units.", remedy=_EXAMPLE)
    known = [field.name for field in fields(Foreign) if field.name != "channels"]
    if unknown := sorted(set(found) - set(known)):
        raise SettingError(
            f"{path} says {unknown[0]!r}, which is not known.", remedy=f"It may say: {', '.join(known)}."
        )
    return SchemaFile(channels, found)
