"""A limit that follows what is normal, and is not fooled by faults on the way."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from tocsin.core.contracts import Found, Threshold
from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds._adaptive_fit import Gone, Search
from tocsin.thresholds._adaptive_law import PIECES
from tocsin.thresholds._adaptive_limits import AdaptiveLimits

_MEMORIES = 3
"""Memories that a reference should hold, to show how a limit behaves that follows."""

_FARTHER, _FEW = 1.5, 1000
"""A limit that lies so many times as far away as one that stands still is told, where it was found from some scores."""


@dataclass(frozen=True)
class Adaptive(Threshold):
    """The limit lies some spreads above the centre of a device's usual scores, and moves with them.

    Parameters
    ----------
    rate
        Share of the scores of normal readings that may lie above the limit, above 0 and at most .1.
    window
        Scores of a device that are remembered; 16 at least.
    memory
        "exponential", where older scores fade, or "moving", where the last ``window`` count alike.
    patience
        Scores that a new level has to last to be noticed, and half as many again to be taken as normal; 20 at least.
    rebaseline
        May a lasting new level be taken as normal? Else it is noticed, and goes on being anomalous.

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.abs(np.random.default_rng(0).standard_normal(20_000))
    >>> found = Adaptive(1e-2).fit(Reference.of(scores)).limits
    >>> _, bounds = found.scan(found.init(1), scores[None], np.ones((1, 20_000), bool))
    >>> round(float((scores > bounds.limit).mean()), 3)
    0.01
    """

    rate: float = 1e-3
    window: int = 1000
    memory: Literal["exponential", "moving"] = "exponential"
    patience: int = 200
    rebaseline: bool = True
    fitted = AdaptiveLimits
    reference: ClassVar[str] = "calibration"  # type: ignore[misc]  # never another

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 0.1:
            raise SettingError(
                f"adaptive's rate is a share above 0 and at most .1, not {self.rate:g}.", remedy="For example: 1e-3"
            )
        if self.window < PIECES or self.patience < 20:
            raise SettingError(
                "adaptive's window counts scores from 16, its patience from 20.",
                remedy="Correct the one that is lower.",
            )
        if self.memory not in ("exponential", "moving"):
            raise SettingError(f"There is no memory {self.memory!r}.", remedy="Choose one of: exponential, moving.")

    def fit(self, reference: Reference) -> Found:
        """Return limits above which the asked share of the reference's own scores lies, when it is gone through."""
        search = Search.of(reference, self.rate)
        limits = AdaptiveLimits(
            search.law(
                window=self.window,
                patience=self.patience,
                moving=self.memory == "moving",
                rebaseline=self.rebaseline,
            )
        )
        gone = search.gone(limits)
        return Found(limits, said=self._said(gone), warnings=self._warnings(gone))

    def _said(self, gone: Gone) -> tuple[str, ...]:
        """Return what was asked and what the reference says to it, and what becomes of a lasting level."""
        then = "goes on being anomalous"
        if self.rebaseline:
            then = f"is taken for normal after {3 * (self.patience // 2)}"
        return (
            f"Of {gone.scores:,} reference scores, gone through in order, {gone.above:,} lie above the limit in force, "
            f"a share of {gone.above / gone.scores:.2g}; {self.rate:g} was asked for.",
            f"A lasting new level of the scores is told after {2 * (self.patience // 2)} of them, and {then}.",
        )

    def _warnings(self, gone: Gone) -> tuple[str, ...]:
        """Say so where the reference scores are too few for the rate or the memory, or do not suit such a limit."""
        said = []
        needed = math.ceil(max(3 / self.rate - 1e-9, _MEMORIES * self.window))
        if gone.scores < needed:
            said.append(
                f"Only {gone.scores:,} reference scores stand behind a rate of {self.rate:g} and a memory of "
                f"{self.window:,}; {needed:,} would show both. Give more normal readings, or ask for a higher rate or "
                "a shorter memory."
            )
        if gone.farther > _FARTHER and gone.scores > _FEW:
            said.append(
                f"The limit lies {gone.farther:.1f} times as far above the usual scores as one that stands still: the "
                "reference's scores jump too far for too long to be followed. One that stands still suits them better, "
                f"for example pot:{self.rate:g}."
            )
        if gone.levels:
            often = "" if gone.levels == 1 else f" {gone.levels} times"
            said.append(
                f"Within the reference the scores settle on a new level{often}. If something was wrong then, the limit "
                "has learned from it: label it, or leave it out."
            )
        return tuple(said)
