"""Peaks over threshold: a limit for a stated false-alarm rate, also one rarer than the reference could count."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from tocsin.core.contracts import Found, Threshold
from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds._dependence import independent_scores
from tocsin.thresholds._peaks import Peaks
from tocsin.thresholds._streaming import TailLimits
from tocsin.thresholds._trend import above_mean


@dataclass(frozen=True)
class Pot(Threshold):
    """The limit that a stated share of normal scores exceeds, told from the tail of the scores, which is learned on.

    Scores above a high level have a tail of one family, whatever they are scores of; fitted to it, a limit can be drawn
    beyond the greatest score seen (Siffer et al. 2017, "Anomaly Detection in Streams with Extreme Value Theory"). The
    tail goes on being learned from each device's scores. As published, scores above the limit are left out; that cuts
    the tail off at the limit, which then sinks, and rings several times as often as promised. Here they are counted as
    greater than the limit, no more of it, and no more often than chance would flag. From few scores a heavy tail is not
    believed, and a limit does not rise far above the reference's until hundreds of scores that it did not flag say so.

    Parameters
    ----------
    rate
        Share of normal scores that should lie above the limit.
    level
        Share of the scores below the tail, above 0 and below 1; less where the rate asks for it.
    drift
        Readings over which a moving mean is followed, and taken off the scores; 0 for none. The mean is exponential, of
        the same mean age as a plain one over so many, because that takes 8 bytes a device. A new level too high
        for it is flagged as long as it lasts; ``adaptive`` knows a way out.
    every
        The tail is fitted anew after so many new scores above the level; 0 for a limit that stays as it is.
    keep
        Scores above the level remembered of a device, 10 at least: 4·keep + 64 bytes.
    flagged
        "counted": a score above the limit is learned as that; "left": as published.

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.random.default_rng(0).exponential(size=20_000)
    >>> round(Pot.parse("1e-4").fit(Reference.of(scores)).limits.margin), round(np.log(1e4))
    (9, 9)
    """

    rate: float = 1e-3
    level: float = 0.98
    drift: int = 0
    every: int = 20
    keep: int = 300
    flagged: Literal["counted", "left"] = "counted"
    fitted = TailLimits

    fewest: ClassVar[int] = 50
    """Scores above the level that the tail should be fitted to."""
    beyond: ClassVar[float] = 0.5
    """Independent scores that should be expected above the limit: with fewer, a tail's chance errors more than double
    the rate on average."""
    rounds: ClassVar[int] = 8
    """The limit decides what the mean leaves out, and the mean where the limit lies: found in so many rounds."""

    def __post_init__(self) -> None:
        if not (0 < self.rate <= 0.1 and 0 < self.level < 1):
            raise SettingError(
                "pot needs a rate above 0 and at most 0.1, and a level above 0 and below 1, "
                f"not {self.rate:g} and {self.level:g}.",
                remedy="For example: pot:1e-3,level=0.98",
            )
        if min(self.drift, self.every) < 0 or self.keep < 10:
            raise SettingError("pot counts drift and every from 0, keep from 10.", remedy="For example: pot:1e-3")
        if self.flagged not in ("counted", "left"):
            raise SettingError(f"Flagged scores cannot be {self.flagged!r}.", remedy="Choose one of: counted, left.")

    def fit(self, reference: Reference) -> Found:
        """Find the tail of a reference's scores, of which there is one at least."""
        peaks, mean = self._peaks(reference, math.inf)
        for _ in range(self.rounds if self.drift else 0):
            again, mean = self._peaks(reference, peaks.limit)
            peaks = replace(again, limit=(peaks.limit + again.limit) / 2)
        said = self._said(peaks) if peaks.scale > 0 else ()
        return Found(self._limits(peaks, mean), said=said, warnings=self._warnings(reference, peaks))

    def _peaks(self, reference: Reference, limit: float) -> tuple[Peaks, float]:
        """Return the tail, and where the moving mean ends, if scores so far above it are kept out of the mean."""
        above, mean = above_mean(reference, over=self.drift, limit=limit)
        return Peaks.of(above, tail=self._tail_share, rate=self.rate), mean

    def _said(self, peaks: Peaks) -> tuple[str, ...]:
        return (
            f"One normal score in {1 / self.rate:,.0f} should lie above the limit, as long as normal scores keep the "
            f"tail that was found: {len(peaks.excess)} of {peaks.scores} reference scores exceed the level "
            f"{peaks.level:.4g}, and their excesses follow a generalised Pareto distribution of scale "
            f"{peaks.scale:.3g} and shape {peaks.shape:.2g}.",
        )

    @property
    def _tail_share(self) -> float:
        """Share of the scores in the tail, so much that no more than a tenth of it lies above the limit."""
        return min(max(1 - self.level, 10 * self.rate), 0.5)

    def _limits(self, peaks: Peaks, mean: float) -> TailLimits:
        keep = self.keep if self.every else 0
        chosen, all_of_them = peaks.spread(keep), max(len(peaks.excess), 1)
        return TailLimits(
            rate=self.rate,
            level=peaks.level,
            margin=peaks.limit,
            excesses=tuple(chosen.tolist()),
            scores=round(peaks.scores * (len(chosen) or all_of_them) / all_of_them),
            exceeding=len(chosen),
            keep=keep,
            every=self.every,
            chance=self.rate / self._tail_share if self.flagged == "counted" else 0.0,
            alike=all_of_them / peaks.worth if peaks.worth else 1.0,
            mean=mean,
            drift=self.drift,
        )

    def _warnings(self, reference: Reference, peaks: Peaks) -> tuple[str, ...]:
        """Say so where too little stands behind the tail, or behind what is drawn from it."""
        scores, excesses, worth = len(reference), len(peaks.excess), independent_scores(reference)
        needed = math.ceil(max(self.fewest / self._tail_share, self.beyond / self.rate * scores / worth) - 1e-9)
        said = []
        if scores < needed:
            said.append(
                f"{excesses} of {scores} reference scores lie in the tail, and {scores} are worth about {worth:.0f} "
                f"independent ones; a rate of {self.rate:.2g} needs about {needed}. The limit may be exceeded several "
                "times as often as asked. Give more normal readings, or ask for a higher rate."
            )
        elif excesses < self.fewest:
            said.append(
                f"Only {excesses} of {scores} reference scores exceed the level: the greatest are equal, and show "
                "hardly a tail. Take a higher level, or a limit of your own (fixed:…)."
            )
        if self.every and (asked := math.ceil(self.beyond * self._tail_share / self.rate - 1e-9)) > self.keep:
            said.append(
                f"A device's tail is learned from its {self.keep} newest scores above the level, too few for a rate of "
                f"{self.rate:.2g}. Set keep={asked}, or every=0 for a limit that stays as it is."
            )
        return tuple(said)
