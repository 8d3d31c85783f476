"""Settings become objects, and whatever cannot become one is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from tocsin.core.errors import SettingError

T = TypeVar("T")


def build(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    """Return the dataclass ``kind`` made of ``values``.

    Raises
    ------
    SettingError
        If a value is unknown, missing, or of the wrong kind; ``where`` is named.
    """
    own = fields(kind)  # type: ignore[arg-type]  # a dataclass, by use
    known = [field.name for field in own]
    if unknown := sorted(set(values) - set(known)):
        raise SettingError(f"There is no setting {unknown[0]!r} in {where}.", remedy=f"There are: {', '.join(known)}.")
    needed = [field.name for field in own if field.default is MISSING and field.default_factory is MISSING]
    if absent := [name for name in needed if name not in values]:
        raise SettingError(f"{where} does not say its {absent[0]}.", remedy=f"It must have: {', '.join(needed)}.")
    try:
        return TypeAdapter(kind).validate_python(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        named = f"{where} {place}" if where.startswith("[") else place
        raise SettingError(f"{named} is {first['input']!r}: {first['msg']}.", remedy="Correct that setting.") from None
