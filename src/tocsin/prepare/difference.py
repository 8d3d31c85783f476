"""Differences: how much a channel has changed, where its level says little or drifts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tocsin.prepare._columns import LARGEST
from tocsin.prepare._feature import C, Feature, whole


@dataclass(frozen=True)
class Difference(Feature):
    """Difference: puts the change since one or more readings ago in each value's place.

    Parameters
    ----------
    readings
        Since how many readings ago, 1 or more.

    Examples
    --------
    >>> Difference.parse("")
    Difference(readings=1)
    """

    replaces: ClassVar[bool] = True

    readings: int = 1

    @classmethod
    def parse(cls, text: str) -> Difference:
        """Return the step written as in "difference" or "difference:24"."""
        if not text.strip():
            return cls()
        return cls(whole(text, written=f"difference:{text}", least=1, example="difference:1"))

    @property
    def reach(self) -> int:
        """How many readings before a reading it looks back on."""
        return self.readings

    def columns(self, values: C) -> tuple[C, ...]:
        """Return the changes."""
        limited = values.within(LARGEST)
        return (limited.without(oldest=self.readings, newest=0) - limited.without(oldest=0, newest=self.readings),)

    def undone(self, expected: C, values: C) -> C:
        """Return the value since which the change is counted, and the change expected."""
        earlier = values.without(oldest=values.length - 1 - self.readings, newest=self.readings)
        return earlier.within(LARGEST) + expected
