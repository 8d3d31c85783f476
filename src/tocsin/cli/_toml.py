"""Writing a ``tocsin.toml``: what was found goes beside what stands there, and nobody's file is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.sources import Overrides
    from tocsin.training.recipe import Recipe

Sections = dict[str, dict[str, Any]]

MADE = "# Written by tocsin tune."
"""The first line of what may be overwritten without being kept."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def merged(
    config: Mapping[str, Mapping[str, Any]], recipe: Recipe, *, overrides: Overrides, varied: Collection[str] = ()
) -> Sections:
    """Return the sections of a config with a recipe in them, and what was said of how the table is read.

    Parameters
    ----------
    config
        Sections by name. What the recipe leaves at its default stays as it stands; another detector's settings go.
    recipe
        What goes in.
    overrides
        What goes into [input].
    varied
        Choices that go in whether they are defaults or not.
    """
    from tocsin.training.recipe import ALARM

    found: Sections = {name: dict(section) for name, section in config.items()}
    found["input"] |= _given(overrides)
    for name in [name for name in vars(recipe) if name in _given(recipe) or name in varied]:
        ringing = name in ALARM and name not in found["fit"]
        found["alarm" if ringing else "fit"][ALARM[name] if ringing else name] = getattr(recipe, name)
    plain = {name: value for name, value in found["fit"].items() if name not in ("detector", "settings")}
    return {**found, "fit": {"detector": recipe.detector, **plain}, "detector": dict(recipe.settings)}


def toml(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Return sections as TOML; empty ones are left out.

    >>> print(toml({"fit": {"detector": "pca", "window": 20}, "alarm": {}, "detector": {"hidden": (64, 32)}}), end="")
    [fit]
    detector = "pca"
    window = 20
    <BLANKLINE>
    [detector]
    hidden = [64, 32]
    """
    parts = [
        "\n".join([f"[{_key(name)}]", *(f"{_key(key)} = {_value(value)}" for key, value in section.items())])
        for name, section in sections.items()
        if section
    ]
    return "\n\n".join(parts) + "\n"


def save(path: Path, sections: Mapping[str, Mapping[str, Any]]) -> Path | None:
    """Write sections to ``path``; return where what stood there is kept, None where nothing else was there.

    Comments cannot be carried over: hence what stood there is kept beside, unless it is a file of this function's.
    """
    text = f"{MADE}\n\n{toml(sections)}"
    before = path.read_text("utf-8") if path.exists() else ""
    kept = _free(path) if before and not before.startswith(MADE) else None
    if kept is not None:
        kept.write_text(before, "utf-8")
    draft = path.with_name(f"{path.name}.part")
    draft.write_text(text, "utf-8")
    draft.replace(path)
    return kept


def _given(settings: Recipe | Overrides) -> dict[str, Any]:
    """Return what differs from the defaults, by name."""
    usual = type(settings)()
    return {name: value for name, value in vars(settings).items() if value != getattr(usual, name)}


def _free(path: Path) -> Path:
    names = [f"{path.name}.before", *(f"{path.name}.before-{k}" for k in range(2, 1000))]
    return next(place for place in map(path.with_name, names) if not place.exists())


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(own)}" for key, own in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, int | float):
        return repr(value)
    return str(value.isoformat() if hasattr(value, "isoformat") else value)
