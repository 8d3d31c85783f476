"""A limit above a stated share of the scores of normal readings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Threshold
from tocsin.core.errors import SettingError
from tocsin.thresholds._constant import ConstantLimit

Reference = Literal["calibration", "training", "scored"]


@dataclass(frozen=True)
class Percentile(Threshold):
    """The limit lies midway between the two scores around the percentile, so that rounding cannot flip a verdict.

    Parameters
    ----------
    percent
        Share of the reference scores at or below the limit, in %, above 0 and below 100.
    reference
        Whose scores: "calibration", held-out normal readings later than the training part. Two more reproduce published
        systems and promise nothing: "training", and "scored", every window given to fit, the anomalous ones too.

    Examples
    --------
    >>> scores = np.arange(6558.0)
    >>> limit = Percentile(95, reference="scored").fit(scores).limit
    >>> int((scores > limit).sum()), round(float((scores > limit).mean()), 4)
    (328, 0.05)
    """

    percent: float = 99.5
    reference: Reference = "calibration"
    fitted = ConstantLimit

    enough: ClassVar[int] = 3
    """Reference scores that should lie beyond the limit for it to be more than a guess."""

    def __post_init__(self) -> None:
        if not 0 < self.percent < 100:
            raise SettingError(
                f"A percentile lies between 0 and 100, not at {self.percent:g}.", remedy="For example: percentile:99.5"
            )
        if self.reference not in ("calibration", "training", "scored"):
            raise SettingError(
                f"There is no reference {self.reference!r}.", remedy="Choose one of: calibration, training, scored."
            )

    @classmethod
    def parse(cls, text: str) -> Percentile:
        """Return the threshold written as in "percentile:99.5" or "percentile:95@training"."""
        number, _, reference = text.partition("@")
        try:
            percent = float(number)
        except ValueError:
            raise SettingError(
                f"percentile:{text} does not name a number.", remedy="For example: percentile:99.5"
            ) from None
        return cls(percent, reference or "calibration")  # type: ignore[arg-type]  # checked by __post_init__

    def fit(self, scores: FloatArray) -> ConstantLimit:
        """Return the limit for reference ``scores`` of shape (n,), n > 0."""
        ordered = np.sort(np.asarray(scores, np.float64))
        place = math.floor(self.percent / 100 * (len(ordered) - 1))
        return ConstantLimit(float((ordered[place] + ordered[min(place + 1, len(ordered) - 1)]) / 2))

    def warnings(self, scores: FloatArray) -> tuple[str, ...]:
        """Say so where the reference scores are too few for the percentile asked, or are no held-out normal ones."""
        said = []
        if self.reference != "calibration":
            said.append(
                f"The limit is the {self.percent:g}th percentile of the {self.reference} scores: this reproduces "
                "published systems and promises no false-alarm rate."
            )
        needed = math.ceil(self.enough / (1 - self.percent / 100) - 1e-9)
        if len(scores) < needed:
            said.append(
                f"Only {len(scores)} reference scores stand behind the {self.percent:g}th percentile; "
                f"{needed} would put {self.enough} of them beyond the limit. Give more normal readings, "
                "or ask for a lower percentile."
            )
        return tuple(said)
