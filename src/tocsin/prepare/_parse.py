"""Prepare steps as people write them, such as "rolling:12" and "difference:1,keep"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.core.discover import load, names
from tocsin.core.errors import SettingError
from tocsin.prepare._feature import C, Feature
from tocsin.prepare._features import Features

KEEP = "keep"
"""Behind a step that replaces the values, this word keeps them, and adds what the step makes."""


def parse(texts: Sequence[str]) -> Features:
    """Return the steps written as ``texts``, such as ("difference:1", "rolling:12").

    Raises
    ------
    SettingError
        If there is no such step, its settings make no sense, it is there twice, or at the wrong place.

    Examples
    --------
    >>> parse(["difference:1", "rolling:12"]).reach
    12
    """
    steps, seen = tuple(_step(text.strip()) for text in texts), set[Feature]()
    for text, step in zip(texts, steps, strict=True):
        if step in seen:
            raise SettingError(f"The prepare step {text!r} is given twice.", remedy="Leave one out.")
        seen = set() if step.replaces else seen | {step}
    return Features(steps)


@dataclass(frozen=True)
class Beside(Feature):
    """A step that replaces the values, made to leave them and to add its columns.

    Parameters
    ----------
    step
        That step.
    """

    step: Feature

    def __post_init__(self) -> None:
        if self.step.stride > 1:
            name = type(self.step).__name__.lower()
            raise SettingError(
                f"{name} makes one row of many readings, so the readings cannot be kept beside it.",
                remedy=f"Leave {KEEP} out.",
            )

    @classmethod
    def parse(cls, text: str) -> Beside:
        """Return any step, written in full."""
        return cls(_step(text))

    @property
    def reach(self) -> int:
        """How many readings before a reading the step looks back on."""
        return self.step.reach

    def columns(self, values: C) -> tuple[C, ...]:
        """Return the step's columns."""
        return self.step.columns(values)


def _step(text: str) -> Feature:
    name, _, rest = text.partition(":")
    known = [each for each in names("prepare") if _is_step(each)]
    if name not in known:
        raise SettingError(f"There is no prepare step {name!r}.", remedy=f"Choose one of: {', '.join(known)}.")
    kind = load("prepare", name)
    settings, _, last = rest.rpartition(",")
    if not kind.replaces or last.strip() != KEEP:
        return _made(kind, rest)
    return Beside(_made(kind, settings))


def _made(kind: type[Feature], text: str) -> Feature:
    made = kind.parse(text)
    assert isinstance(made, Feature)
    return made


def _is_step(name: str) -> bool:
    """Tell steps from the room's other files."""
    try:
        return issubclass(load("prepare", name), Feature)
    except TypeError:  # more than one class in it
        return False
