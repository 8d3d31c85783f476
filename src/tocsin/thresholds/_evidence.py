"""What so many normal readings can prove about the rate of false alarms, and about a month ahead."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from tocsin.thresholds._poisson import ahead, at_most, highest, lowest, most_where

_TIGHT = 60
"""Halvings in search of the tightest rate."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A rate to be kept, and how long has been watched. Times are in periods, rates in false alarms a device-period.

    Parameters
    ----------
    rate
        That each device may have.
    watched
        Over all devices together.
    month
        0 where rows are counted.
    confidence
        With which the rate is to be kept.
    bursts
        How many false alarms come at a time. Where it is more than one, so many count as one, and what was watched
        is worth so many times less (quasi-Poisson: McCullagh and Nelder 1989, "Generalized Linear Models", 6.2.3).
    own
        How many of them come at a time on one device; at most ``bursts``.

    Examples
    --------
    One alarm a week, by days: in 46 days two may come, in 18 none, and 17 days are too few.

    >>> week = [Evidence(rate=1 / 7, watched=days, month=30, confidence=0.9) for days in (46, 18, 17)]
    >>> [each.allowed for each in week]
    [2, 0, None]
    >>> round(week[2].needed, 1), round(7 * week[2].tightest, 2)
    (17.5, 1.17)
    """

    rate: float
    watched: float
    month: float
    confidence: float
    bursts: float = 1.0
    own: float = 1.0

    @property
    def worth(self) -> float:
        """How long must be watched where false alarms come one by one, to know as much."""
        return self.watched / self.bursts

    @property
    def horizon(self) -> float:
        """How far ahead the promise looks: a month, or until one false alarm may come, if that is later."""
        return max(self.month, 1 / self.rate)

    @property
    def most(self) -> int:
        """How many false alarms one device may have until then."""
        return math.floor(self.rate * self.horizon + 1e-9)

    @property
    def allowed(self) -> int | None:
        """How many incidents may open while watching, for the promise to be proven; None where not even none does."""
        return most_where(self.proves, math.floor(self.rate * self.watched))

    def proves(self, incidents: int) -> bool:
        """Tell whether so few incidents prove that the rate is kept, and a device's budget in the time ahead too."""
        # the same as: the highest rate that they do not speak against is no higher than the one to be kept
        certain = at_most(self._times(incidents), self.rate * self.worth) <= 1 - self.confidence
        return certain and self.chance(incidents) >= self.confidence

    def chance(self, incidents: int) -> float:
        """Return the chance that one device stays within its budget in the time ahead."""
        return ahead(self._times(incidents), self._most_times, self.horizon / (self.own * self.worth))

    def between(self, incidents: int) -> tuple[float, float]:
        """Return the rates between which the true one lies, each end with the confidence."""
        times = self._times(incidents)
        return lowest(times, self.confidence) / self.worth, highest(times, self.confidence) / self.worth

    @property
    def needed(self) -> float:
        """How long must be watched, with no incident, for the promise to be proven."""
        doubt = -math.log(1 - self.confidence)
        month = self.horizon / self.own * math.expm1(doubt / (self._most_times + 1))
        return self.bursts * max(doubt / self.rate, month)

    @property
    def tightest(self) -> float:
        """The lowest rate that could be proven by watching for so long without an incident."""
        low = high = -math.log(1 - self.confidence) / self.worth
        while not self._for(high).proves(0):
            high *= 2
        for _ in range(_TIGHT):
            middle = (low + high) / 2
            low, high = (low, middle) if self._for(middle).proves(0) else (middle, high)
        return high

    @property
    def _most_times(self) -> int:
        """How many times one device may ring in the time ahead, where it rings several times at a time."""
        return round(self.most / self.own)

    def _times(self, incidents: int) -> int:
        """Return how many times so many incidents came."""
        return math.ceil(incidents / self.bursts - 1e-9)

    def _for(self, rate: float) -> Evidence:
        # what is proven must not hang on the last digit
        return replace(self, rate=rate * (1 + 1e-9))
