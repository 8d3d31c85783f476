"""Where config files and flags become objects: the only place that knows how settings are spelt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.wiring.recipes import (
        make_grid,
        make_kinds,
        make_overrides,
        make_recipe,
        make_recipes,
        make_rules,
        make_space,
    )
    from tocsin.wiring.sections import LIVE, SECTIONS, live_sections, read_config

__all__ = [
    "LIVE",
    "SECTIONS",
    "live_sections",
    "make_grid",
    "make_kinds",
    "make_overrides",
    "make_recipe",
    "make_recipes",
    "make_rules",
    "make_space",
    "read_config",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for: a watch needs no recipes, and they would bring all of training with them."""
    if name not in __all__:
        raise AttributeError(f"module 'tocsin.wiring' has no attribute {name!r}")
    from importlib import import_module

    home = "recipes" if name.startswith("make_") else "sections"
    return getattr(import_module(f"tocsin.wiring.{home}"), name)
