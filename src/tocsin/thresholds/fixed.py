"""A limit that the user states."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Threshold
from tocsin.core.errors import SettingError
from tocsin.thresholds._constant import ConstantLimit


@dataclass(frozen=True)
class Fixed(Threshold):
    """The limit is the number given, such as 3.5 standard deviations; nothing is calibrated.

    Parameters
    ----------
    limit
        In units of the score; above 0.

    Examples
    --------
    >>> Fixed.parse("3.5").fit(None).limit
    3.5
    """

    limit: float
    fitted = ConstantLimit
    reference: ClassVar[str] = "stated"  # type: ignore[misc]  # never another

    def __post_init__(self) -> None:
        if not (math.isfinite(self.limit) and self.limit > 0):
            raise SettingError(f"A fixed limit must be above 0, not {self.limit:g}.", remedy="For example: fixed:3.5")

    @classmethod
    def parse(cls, text: str) -> Fixed:
        """Return the threshold written as in "fixed:3.5"."""
        try:
            return cls(float(text))
        except ValueError:
            raise SettingError(f"fixed:{text} does not name a number.", remedy="For example: fixed:3.5") from None

    def fit(self, scores: FloatArray | None) -> ConstantLimit:  # noqa: ARG002  # nothing is learned
        """Return the limit itself."""
        return ConstantLimit(self.limit)
