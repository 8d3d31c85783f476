"""An axis of the search: one setting, and the values that it may take."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tocsin.core.errors import SettingError

DECADE = 10.0
"""Greatest over least value of a range from which on it is searched by factors, not by differences."""


@dataclass(frozen=True)
class Axis:
    """One setting that is varied: some values, or two ends and everything between.

    Values are texts, as a person would write them behind ``--set name=``.

    Parameters
    ----------
    name
        A setting of the detector, or another choice of the recipe, such as its window.
    values
        What it may be; empty where there are ends.
    ends
        Least and greatest value, or None where there are values.
    whole
        Are only whole numbers allowed between the ends?

    Examples
    --------
    >>> Axis("learning_rate", ends=(1e-4, 1e-2)).listed(3).values
    ('0.0001', '0.001', '0.01')
    >>> Axis("hidden", ends=(16, 128), whole=True).listed(3).values
    ('16', '72', '128')
    """

    name: str
    values: tuple[str, ...] = ()
    ends: tuple[float, float] | None = None
    whole: bool = False

    def __post_init__(self) -> None:
        if bool(self.values) == (self.ends is not None):
            raise SettingError(f"{self.name} needs values or a range.", remedy="For example: --over hidden=16,32,64")
        if len(set(self.values)) < len(self.values):
            raise SettingError(f"{self.name} has a value twice.", remedy="Name each value once.")
        if self.ends is not None and not -math.inf < self.ends[0] < self.ends[1] < math.inf:
            raise SettingError(
                f"{self.name} goes from {self.ends[0]:g} to {self.ends[1]:g}.",
                remedy="Begin with the lesser: --over learning_rate=1e-4..1e-2",
            )

    @property
    def by_factors(self) -> bool:
        """True where a range spans decades, so that 1 to 10 counts as much as 10 to 100."""
        return self.ends is not None and self.ends[0] > 0 and self.ends[1] >= DECADE * self.ends[0]

    @property
    def count(self) -> int | None:
        """How many values there are; None where there are too many to count."""
        if self.ends is None:
            return len(self.values)
        return round(self.ends[1] - self.ends[0]) + 1 if self.whole else None

    def text(self, value: float | str) -> str:
        """Return a value as people write it; numbers of a range to three digits, unless that leads out of it."""
        if isinstance(value, str):
            return value
        short = str(round(value)) if self.whole else f"{value:.3g}"
        return short if self.holds(short) else repr(float(value))

    def holds(self, text: str) -> bool:
        """Tell whether the setting may take the value written as ``text``."""
        if self.ends is None:
            return text in self.values
        try:
            return self.ends[0] <= float(text) <= self.ends[1]
        except ValueError:
            return False

    def listed(self, count: int) -> Axis:
        """Return the axis with values: of a range, so many from end to end."""
        if self.ends is None:
            return self
        least, most = self.ends
        low, high = (math.log(end) for end in self.ends) if self.by_factors else self.ends
        places = [low + (high - low) * k / (count - 1) for k in range(count)]
        exact = [math.exp(place) if self.by_factors else place for place in places]
        values = [self.text(min(max(value, least), most)) for value in exact]  # rounding may lead out of the range
        return Axis(self.name, tuple(dict.fromkeys(values)))

    def __str__(self) -> str:
        """Return the axis as it would be written behind ``--over``."""
        if self.ends is not None:
            return f"{self.name}={self.text(self.ends[0])}..{self.text(self.ends[1])}"
        return f"{self.name}={(';' if any(',' in value for value in self.values) else ',').join(self.values)}"
