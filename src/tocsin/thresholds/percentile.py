"""A limit above a stated share of the scores of normal readings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tocsin.core.contracts import Found, Threshold
from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds._constant import ConstantLimit

Whose = Literal["calibration", "training", "scored"]


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
    >>> limit = Percentile(95, reference="scored").fit(Reference.of(scores)).limits.limit
    >>> int((scores > limit).sum()), round(float((scores > limit).mean()), 4)
    (328, 0.05)
    """

    percent: float = 99.5
    reference: Whose = "calibration"
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
    def parse(cls, text: str) -> Threshold:
        """Return the threshold written as in "percentile:99.5" or "percentile:95@training"."""
        number, sign, whose = text.partition("@")
        return super().parse(f"{number},reference={whose}" if sign else text)

    def fit(self, reference: Reference) -> Found:
        """Return the limit for the scores of a reference, of which there is one at least."""
        ordered = np.sort(reference.score)
        place = math.floor(self.percent / 100 * (len(ordered) - 1))
        limit = float((ordered[place] + ordered[min(place + 1, len(ordered) - 1)]) / 2)
        return Found(ConstantLimit(limit), warnings=self._warnings(len(ordered)))

    def _warnings(self, scores: int) -> tuple[str, ...]:
        """Say so where the reference scores are too few for the percentile asked, or are no held-out normal ones."""
        said = []
        if self.reference != "calibration":
            said.append(
                f"The limit is the {self.percent:g}th percentile of the {self.reference} scores: this reproduces "
                "published systems and promises no false-alarm rate."
            )
        needed = math.ceil(self.enough / (1 - self.percent / 100) - 1e-9)
        if scores < needed:
            said.append(
                f"Only {scores} reference scores stand behind the {self.percent:g}th percentile; "
                f"{needed} would put {self.enough} of them beyond the limit. Give more normal readings, "
                "or ask for a lower percentile."
            )
        return tuple(said)
