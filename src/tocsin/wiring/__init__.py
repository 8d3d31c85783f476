"""Where config files and flags become objects: the only place that knows how settings are spelt."""

from __future__ import annotations

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
