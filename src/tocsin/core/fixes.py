"""Corrections that an error brings along: what a button says, and which settings it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fix:
    """A correction that whoever raises an error knows to help, for those who click instead of typing.

    Parameters
    ----------
    label
        What a button says.
    settings
        Settings of :class:`tocsin.sources.Overrides` by name, which take the place of those there are; None leaves one
        to the guess. ``missing`` and ``exclude`` come to those there are.

    Examples
    --------
    >>> Fix("Take 'ERR' as missing", {"missing": ("ERR",)}).settings
    {'missing': ('ERR',)}
    """

    label: str
    settings: Mapping[str, Any] = field(default_factory=dict)
