"""A limit for people who have a few labelled events: the one that serves them best, and how it fares on later ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.core.arrays import BoolArray
from tocsin.core.contracts import Found, Threshold
from tocsin.core.errors import InputError, SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds import _labelled_words as words
from tocsin.thresholds._constant import ConstantLimit
from tocsin.thresholds._labelled_events import Events, Outcome, events_of, judge, labels_of
from tocsin.thresholds._runs import least_of_run, peaks_of

EARLIER = 0.6
"""The share of the events, and of the normal readings, on which the limit is chosen that the others check."""

_TRIED = 100
"""Limits that are tried where there are more events than that."""

_EXAMPLE = "For example: labelled:beta=2, which counts a missed event as four times as bad as a false alarm."


@dataclass(frozen=True)
class Labelled(Threshold):
    """The limit that catches the most labelled events for the fewest false alarms, checked on later events.

    Every limit that lies just below the peak of an event is judged by the event-wise F-beta: an event is caught if the
    policy rings in it, and an incident that touches no event is a false alarm. False alarms are counted on held-out
    normal readings, and weighed as if all of the time between the first event and the last reading had been held out.
    The limit lies midway to the next lower peak, of an event or of normal readings. Of equally good limits, the one
    with fewer false alarms is taken.

    The evidence is found in order of time: a limit that is chosen on the earlier three fifths of the events and of the
    normal readings is judged on the later ones. The limit itself is then chosen on all.

    Parameters
    ----------
    beta
        How many times as much a caught event counts as an alarm that is right; from 0.1 to 10.

    Examples
    --------
    >>> from dataclasses import replace
    >>> scores = np.tile(np.r_[np.ones(40), np.full(5, 4.0)], 4)
    >>> reference = replace(Reference.of(scores), labels=scores > 3)
    >>> found = Labelled().fit(reference)
    >>> found.limits
    ConstantLimit(limit=2.5)
    >>> print(found.said[0].partition(";")[0])
    Limit 2.5 chosen on 2 earlier events, caught 2 of the 2 later ones with no false alarms in 64 normal readings
    """

    beta: float = 1.0
    fitted = ConstantLimit
    needs_labels: ClassVar[bool] = True
    share: ClassVar[float] = 0.30

    def __post_init__(self) -> None:
        if not 0.1 <= self.beta <= 10:
            raise SettingError(f"beta of labelled lies from 0.1 to 10, not at {self.beta:g}.", remedy=_EXAMPLE)

    def fit(self, reference: Reference) -> Found:
        """Find the limit.

        Raises
        ------
        InputError
            If no event is labelled, or no normal reading is there to tell false alarms by.
        """
        events, normal = events_of(reference), ~labels_of(reference)
        _check(reference, events, normal)
        best = self._best(reference, events, normal)
        checked = self._check(reference, events, normal) if len(events) > 1 else None
        return Found(
            ConstantLimit(best.limit),
            said=words.said(best, checked, reference, self.beta),
            warnings=words.warnings(best, events, reference.raise_after),
        )

    def _best(self, reference: Reference, events: Events, normal: BoolArray) -> Outcome:
        """Return the best outcome that a limit has on ``events`` and those readings that ``normal`` says."""
        weight = _weight(reference, normal)
        found = [judge(reference, events, limit, normal) for limit in _limits(reference, events, normal)]
        return max(found, key=lambda each: (each.f(beta=self.beta, weight=weight), -each.false_alarms, each.limit))

    def _check(self, reference: Reference, events: Events, normal: BoolArray) -> words.Checked:
        """Choose on what came earlier, and judge by what came later."""
        cut = max(round(EARLIER * len(events)), 1)
        until = np.quantile(reference.time[normal], EARLIER)
        sooner = normal & (reference.time <= until)
        chosen = self._best(reference, events.part(slice(cut)), sooner)
        return words.Checked(
            chosen,
            judge(reference, events.part(slice(cut, None)), chosen.limit, normal & ~sooner),
            int((normal & ~sooner).sum()),
        )


def _check(reference: Reference, events: Events, normal: BoolArray) -> None:
    if reference.labels is None or not len(events):
        raise InputError(
            "The threshold is to be tuned on labelled events, and "
            + ("the readings have no labels." if reference.labels is None else "no window with a score ends in one."),
            remedy="Name the label column with --label, or choose another threshold, such as --budget "
            '"1 per device per week".',
        )
    if not normal.any():
        raise InputError(
            "All readings are labelled anomalous, so that nothing tells what false alarms a limit would bring.",
            remedy="Give normal readings too.",
        )
    if not np.isfinite(events.peak).any():
        raise InputError(
            f"No labelled event lasts for {reference.raise_after} windows, after which the alarm rings.",
            remedy="Ring sooner: --raise-after 1",
        )


def _limits(reference: Reference, events: Events, normal: BoolArray) -> list[float]:
    """Return the limits worth trying: each below the peak of an event, midway to whatever comes next."""
    peaks = np.unique(events.peak[np.isfinite(events.peak)])
    if len(peaks) > _TRIED:
        peaks = np.quantile(peaks, np.linspace(0, 1, _TRIED), method="nearest")
    least = np.where(normal, least_of_run(reference, reference.raise_after), -np.inf)
    others = np.concatenate([peaks_of(least), peaks])
    return [float((peak + others[others < peak].max(initial=min(peak, 0.0))) / 2) for peak in peaks] or [0.0]


def _weight(reference: Reference, normal: BoolArray) -> float:
    """Return how many times the held-out normal readings go into the normal time that the reference reaches over."""
    steps = np.diff(reference.time)[np.diff(reference.device) == 0]
    period = max(reference.period_ns, float(np.median(steps)) if len(steps) else 1.0)
    reach = np.maximum(steps, 0).sum() / period + reference.devices - np.count_nonzero(~normal)
    return max(float(reach) / int(normal.sum()), 1.0)
