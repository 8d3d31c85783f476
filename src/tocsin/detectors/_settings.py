"""Checks that detectors make of their settings and of what they are given to learn from."""

from __future__ import annotations

from collections.abc import Collection
from importlib.util import find_spec

from tocsin.core.errors import InputError, MissingExtraError, SettingError
from tocsin.core.windows import Windows


def at_least(name: str, value: float, least: float) -> None:
    """Raise SettingError unless ``value`` is a number from ``least`` up."""
    if not value >= least:
        raise SettingError(f"{name} is {value!r}.", remedy=f"It must be {least} or more.")


def at_most(name: str, value: float, most: float) -> None:
    """Raise SettingError unless ``value`` is a number up to ``most``."""
    if not value <= most:
        raise SettingError(f"{name} is {value!r}.", remedy=f"It must be {most} or less.")


def above(name: str, value: float, floor: float) -> None:
    """Raise SettingError unless ``value`` is a number above ``floor``."""
    if not value > floor:
        raise SettingError(f"{name} is {value!r}.", remedy=f"It must be above {floor}.")


def one_of(name: str, value: str, choices: Collection[str]) -> None:
    """Raise SettingError unless ``value`` is one of ``choices``."""
    if value not in choices:
        raise SettingError(f"{name} is {value!r}.", remedy=f"Choose one of: {', '.join(choices)}.")


def enough(windows: Windows, *, least: int = 2) -> None:
    """Raise InputError unless there are at least ``least`` windows to learn from."""
    if len(windows) < least:
        raise InputError(
            f"There are {len(windows)} complete windows of {windows.length} readings to learn from, "
            f"at least {least} are needed.",
            remedy="Give more readings, or a shorter window with --window.",
        )


def installed(what: str, *, library: str, module: str) -> None:
    """Raise MissingExtraError unless ``module`` of ``library`` can be imported, so that ``what`` can be trained."""
    if find_spec(module) is None:
        raise MissingExtraError(what, extra="train", library=library)
