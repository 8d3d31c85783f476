"""A limit for people who say what they can bear: so many false alarms a week, kept with a stated confidence."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

import numpy as np

from tocsin.core.contracts import Found, Threshold
from tocsin.core.errors import InputError, SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds import _budget_words as words
from tocsin.thresholds._bursts import bursts
from tocsin.thresholds._constant import ConstantLimit
from tocsin.thresholds._evidence import Evidence
from tocsin.thresholds._promise import EXAMPLE, Promise, days, month
from tocsin.thresholds._runs import least_of_run, peaks_of, ringing_of
from tocsin.thresholds._tally import Tally

RAISE = (1, 2, 3, 5, 8, 12)
"""Anomalous windows in a row after which to ring, of which one is chosen."""

WORTH = 0.1
"""What each further window to wait for must take off the limit, as a share of its height with none to wait for."""

_WINDOWS, _PLACES = 200, (5, 20)
"""Numbers of windows in a row are compared at the peak of this place, counted from the highest: one for so many
windows, within bounds, and at least twice as many as may ring."""

_SOME = 50
"""Incidents, or more, from which to tell whether they come at a time."""


@dataclass(frozen=True)
class Budget(Threshold):
    """At most so many false alarms, such as one per device per week, as counted on held-out normal readings.

    The limit is the lowest at which the alarm policy itself would have rung so seldom on the reference that, with the
    stated confidence, two things hold: the true rate lies within the budget (the upper end of Garwood's exact Poisson
    interval), and so does the number of one device in the month ahead (a negative binomial prediction). It lies midway
    between two peaks of the scores. What counts is an incident, however long; but each whole day that a device rings
    in all counts once more. Incidents that come in company, on a bad day or in a whole fleet, make the readings worth
    less.

    Unless the user says how many anomalous windows in a row to wait for, the smallest number is taken behind which
    each further one takes less than a tenth off the limit's height above the median score.

    Parameters
    ----------
    promise
        "N per device per UNIT", or "N per UNIT" for all devices together, shared equally. UNIT is hour, day, week,
        month, year, or 1000 readings; N may be a fraction.
    confidence
        With which it is kept, from 0.5 to below 1.

    Examples
    --------
    >>> scores = np.random.default_rng(0).exponential(size=20_000)
    >>> found = Budget("1 per 1000 readings").fit(Reference.of(scores))
    >>> found.raise_after, round(found.limits.limit, 1)
    (3, 2.6)
    """

    promise: str = EXAMPLE
    confidence: float = 0.9
    fitted = ConstantLimit
    share: ClassVar[float] = 0.40

    def __post_init__(self) -> None:
        Promise.parse(self.promise)
        if not 0.5 <= self.confidence < 1:
            raise SettingError(
                f"The confidence of a budget lies from 0.5 to below 1, not at {self.confidence:g}.",
                remedy="For example: confidence=0.9",
            )

    @classmethod
    def parse(cls, text: str) -> Threshold:
        """Return the threshold written as "1 per device per week" or "1 per device per week,confidence=0.95"."""
        if found := re.search(r"\d,\d+", text):
            raise SettingError(
                f"There is a comma in the number {found[0]} of the budget.",
                remedy="Write fractions with a point, such as 0.5, and thousands without a sign.",
            )
        return super().parse(text)

    def fit(self, reference: Reference) -> Found:
        """Find the limit, and the number of windows in a row to wait for.

        Raises
        ------
        SettingError
            If the budget is one of time and the readings have no clock.
        InputError
            If the reference holds no score.
        """
        asked = Promise.parse(self.promise)
        evidence = self._evidence(asked, reference)
        raise_after, why = _wait(reference, evidence.allowed or 0)
        tally = Tally(reference, raise_after=raise_after, long=_long(evidence, reference))
        whole, own = _bursts(tally, evidence.allowed or 0)
        evidence = replace(evidence, bursts=whole, own=own)
        limit = tally.lowest_limit(evidence.allowed or 0)
        counts = tally.counts(limit)
        return Found(
            ConstantLimit(limit),
            raise_after=None if reference.stated else raise_after,
            said=words.said(asked, evidence, reference, int(counts.sum())) + words.sifted(reference, limit) + why,
            warnings=words.warnings(asked, evidence, reference, counts),
        )

    def _evidence(self, asked: Promise, reference: Reference) -> Evidence:
        rate = asked.rate(reference)
        if not len(reference):
            raise InputError("There is no score to find a limit from.", remedy="Give more normal readings.")
        watched = reference.device_periods
        return Evidence(rate=rate, watched=watched, month=month(reference), confidence=self.confidence)


def _long(evidence: Evidence, reference: Reference) -> float:
    """Return how many windows of ringing a person takes for another alarm: a day, or what one alarm may come in."""
    return min(1 / evidence.rate, np.inf if reference.row_clock else 1 / days(1, reference))


def _bursts(tally: Tally, allowed: int) -> tuple[float, float]:
    """Return how many incidents come at a time, on any device and on one, seen at a limit low enough to bring some."""
    low = float(tally.peaks[min(max(_SOME, 2 * allowed), len(tally.peaks) - 1)])
    return bursts(tally.reference, ringing_of(tally.reference)(low, tally.raise_after))


def _wait(reference: Reference, allowed: int) -> tuple[int, tuple[str, ...]]:
    """Return after how many anomalous windows in a row to ring, and why.

    It hangs on peaks well below the highest, because a number that is chosen for the sake of the few highest suits
    these, and not those to come.
    """
    if reference.stated:
        return reference.raise_after, ()

    place = max(2 * allowed, min(max(len(reference) // _WINDOWS, _PLACES[0]), _PLACES[1]))

    def height(windows: int) -> float:
        peaks = peaks_of(least_of_run(reference, windows))
        return float(peaks[min(place, len(peaks) - 1)])

    heights = {RAISE[0]: height(RAISE[0])}
    worth = WORTH * (heights[RAISE[0]] - float(np.median(reference.score)))
    for fewer, more in pairwise(RAISE):
        heights[more] = min(height(more), heights[fewer])
        if heights[fewer] - heights[more] <= worth * (more - fewer):
            return fewer, (words.waits(heights, fewer),)
    return RAISE[-1], (words.waits(heights, RAISE[-1]),)
