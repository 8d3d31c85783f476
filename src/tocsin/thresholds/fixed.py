"""A limit that the user states."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from tocsin.core.contracts import Found, Threshold
from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
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
    >>> import numpy as np
    >>> Fixed.parse("3.5").fit(Reference.of(np.zeros(0))).limits
    ConstantLimit(limit=3.5)
    """

    limit: float
    fitted = ConstantLimit
    reference: ClassVar[str] = "stated"  # type: ignore[misc]  # never another

    def __post_init__(self) -> None:
        if not (math.isfinite(self.limit) and self.limit > 0):
            raise SettingError(f"A fixed limit must be above 0, not {self.limit:g}.", remedy="For example: fixed:3.5")

    def fit(self, reference: Reference) -> Found:  # noqa: ARG002  # nothing is learned
        """Return the limit itself."""
        return Found(ConstantLimit(self.limit))
