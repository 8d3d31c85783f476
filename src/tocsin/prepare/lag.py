"""Lags: what a channel showed some readings ago, beside what it shows now."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.errors import SettingError
from tocsin.prepare._feature import C, Feature, whole


@dataclass(frozen=True)
class Lag(Feature):
    """Lag: adds each channel's value of one or more readings ago.

    Parameters
    ----------
    readings
        How many readings ago, each 1 or more.

    Examples
    --------
    >>> Lag.parse("1,6")
    Lag(readings=(1, 6))
    """

    readings: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Lag:
        """Return the step written as in "lag:1,6"."""
        found = tuple(whole(part, written=f"lag:{text}", least=1, example="lag:1,6") for part in text.split(","))
        if len(set(found)) < len(found):
            raise SettingError(f"lag:{text} names a lag twice.", remedy="For example: --prepare lag:1,6")
        return cls(found)

    @property
    def reach(self) -> int:
        """How many readings before a reading it looks back on."""
        return max(self.readings)

    def columns(self, values: C) -> tuple[C, ...]:
        """Return the values of each lag."""
        return tuple(values.without(oldest=0, newest=lag) for lag in self.readings)
