"""What limits would make of labelled events: which of them ring, and how many false alarms that costs."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.reference import Reference
from tocsin.thresholds._runs import apart, least_of_run, ringing_of


@dataclass(frozen=True, eq=False)
class Events:
    """Labelled events, in order of time.

    Parameters
    ----------
    time
        ndarray of shape (events,), int64: when each begins.
    peak
        ndarray of shape (events,), float64: below which limit it rings; -inf where it is too short to ring at all.
    windows
        ndarray of shape (events,), int64: how many labelled windows it has.
    """

    time: IntArray
    peak: FloatArray
    windows: IntArray

    def __len__(self) -> int:
        return len(self.time)

    def part(self, index: slice) -> Events:
        """Return some of them."""
        return Events(**{f.name: getattr(self, f.name)[index] for f in fields(Events)})


@dataclass(frozen=True)
class Outcome:
    """What a limit makes of labelled events and normal readings.

    Parameters
    ----------
    limit
        The limit.
    events, caught
        Labelled events, and those that ring.
    false_alarms
        Incidents that belong to no labelled event; one that lasts counts once for each median event's length.

    Examples
    --------
    >>> round(Outcome(2.5, events=4, caught=3, false_alarms=2).f(beta=1, weight=1), 3)
    0.667
    """

    limit: float
    events: int
    caught: int
    false_alarms: int

    def f(self, *, beta: float, weight: float) -> float:
        """Return the event-wise F-beta, in which each false alarm counts ``weight`` times."""
        caught = (1 + beta**2) * self.caught
        return caught / (caught + beta**2 * (self.events - self.caught) + weight * self.false_alarms) if caught else 0.0


def labels_of(reference: Reference) -> BoolArray:
    """Return which windows end in a labelled anomaly."""
    return np.zeros(len(reference), np.bool_) if reference.labels is None else reference.labels


def events_of(reference: Reference) -> Events:
    """Return the labelled events of a reference: runs of labelled windows of one device, without a pause in between."""
    first, last = _ends(labels_of(reference), apart(reference))
    least = least_of_run(reference, reference.raise_after)
    peak = np.array([least[a : b + 1].max() for a, b in zip(first, last, strict=True)])
    order = np.argsort(reference.time[first], kind="stable")
    return Events(reference.time[first][order], peak[order], (last - first + 1)[order])


def judge(reference: Reference, events: Events, limit: float, normal: BoolArray) -> Outcome:
    """Return what a limit makes of ``events``, and of those readings that ``normal`` says.

    An incident that begins before an event is no false one if it does so by no more than the median event's length.
    """
    usual = float(np.median(events.windows))
    places = ringing_of(reference)(limit, reference.raise_after)
    false = normal[places] & (_until_labelled(reference)[places] > usual)
    ringing = normal & (least_of_run(reference, reference.raise_after) > limit)
    count = max(int(false.sum()), round(int(ringing.sum()) / usual))
    return Outcome(limit, len(events), int((events.peak > limit).sum()), count)


def _until_labelled(reference: Reference) -> FloatArray:
    """Return how many windows on the next labelled one lies; infinite where there is a pause in between, or none."""
    labelled, part = np.flatnonzero(labels_of(reference)), np.cumsum(apart(reference))
    here = np.arange(len(reference))
    place = np.append(labelled, 0)[np.searchsorted(labelled, here)]
    return np.where((place >= here) & (part[place] == part), place - here, np.inf)


def _ends(flags: BoolArray, first: BoolArray) -> tuple[IntArray, IntArray]:
    """Return where runs of flags begin and end; none reaches over a place in ``first``."""
    before = np.append(False, flags[:-1]) & ~first
    after = np.append(flags[1:] & ~first[1:], False)
    return np.flatnonzero(flags & ~before), np.flatnonzero(flags & ~after)
