"""Split conformal: a limit whose false-alarm rate is promised whatever the scores' distribution may be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.core.contracts import Found, Threshold
from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds._above import just_above, midway
from tocsin.thresholds._constant import ConstantLimit
from tocsin.thresholds._dependence import gamma_quantile, independent_scores


@dataclass(frozen=True)
class Conformal(Threshold):
    """The limit that at most a stated share of normal scores exceeds, whatever their distribution; it asks for many.

    With n reference scores that is the ⌈(n + 1)·(1 − rate)⌉-th smallest (Vovk et al. 2005, "Algorithmic Learning in a
    Random World"; Papadopoulos et al. 2002 for the split), and here the middle between it and the next, so that
    rounding cannot flip a verdict. If new normal scores could have changed places with the reference's, at most that
    share of them lies above, on average over references.

    Parameters
    ----------
    rate
        Share of normal scores that may lie above the limit.

    Examples
    --------
    >>> Conformal.parse("0.1").fit(Reference.of(np.arange(1.0, 20.0))).limits
    ConstantLimit(limit=18.5)
    """

    rate: float = 1e-3
    fitted = ConstantLimit

    between: ClassVar[float] = 1.6449
    """Standard normal quantile of the interval told: 90 %."""
    enough: ClassVar[float] = 0.5
    """Independent scores that should be expected above the limit for one limit to tell much."""

    def __post_init__(self) -> None:
        if not 0 < self.rate < 1:
            raise SettingError(
                f"A conformal rate lies between 0 and 1, not at {self.rate:g}.", remedy="For example: conformal:1e-3"
            )

    def fit(self, reference: Reference) -> Found:
        """Return the limit for the scores of a reference, of which there is one at least."""
        ordered, n = np.sort(reference.score), len(reference)
        beyond = math.floor((n + 1) * self.rate + 1e-9)
        limit = midway(ordered, n - beyond) if beyond > 1 else just_above(float(ordered[-1]))
        if not beyond:
            return Found(ConstantLimit(limit), warnings=(self._too_few(n),))
        worth = independent_scores(reference)
        if worth < self.enough / self.rate:
            return Found(ConstantLimit(limit), said=(self._promise,), warnings=(self._alike(n, worth),))
        return Found(ConstantLimit(limit), said=(self._promise, self._spread(n, beyond, worth)))

    @property
    def _promise(self) -> str:
        return (
            f"On average over references, at most one normal score in {1 / self.rate:,.0f} lies above the limit, "
            "whatever the scores' distribution, if new normal scores could have changed places with the reference's."
        )

    def _spread(self, scores: int, beyond: int, worth: float) -> str:
        """Return how far from the promise this one limit may be."""
        low, high = (gamma_quantile(beyond * worth / scores, sign * self.between) / worth for sign in (-1, 1))
        return (
            f"This one limit, from {scores} scores that are worth about {worth:.0f} independent ones, is exceeded by "
            f"{low:.2g} to {high:.2g} of the normal scores (90 % interval), where {self.rate:.2g} is asked for."
        )

    @property
    def _needed(self) -> int:
        return math.ceil(1 / self.rate - 1e-9) - 1

    def _too_few(self, scores: int) -> str:
        return (
            f"{scores} reference scores cannot promise that at most one in {1 / self.rate:,.0f} lies above the limit: "
            f"{self._needed} are needed. The limit lies just above the greatest. Give more normal readings, or ask for "
            "a higher rate."
        )

    def _alike(self, scores: int, worth: float) -> str:
        return (
            f"Successive scores are alike: {scores} of them are worth about {worth:.0f} independent ones, and a rate "
            f"of {self.rate:.2g} needs {self._needed}. It is kept on average over references, but this one "
            "limit may be far off. Give more normal readings, or ask for a higher rate."
        )
