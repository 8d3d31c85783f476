"""How well alarms match events: a long event counts once, like a short one, and so does a long false alarm."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, IntArray
from tocsin.evaluation.metrics._f1 import harmonic
from tocsin.evaluation.metrics._given import given_flags
from tocsin.evaluation.metrics.points import flagged_runs

NS_PER_S = 10**9


@dataclass(frozen=True)
class EventMetrics:
    """Alarms against events, one count per run of readings.

    An event is a maximal run of labelled readings of one device, an alarm a maximal run of flagged ones.

    Parameters
    ----------
    events
        Events with at least one scored reading.
    caught
        Those of them with at least one flagged reading.
    alarms
        Alarms; readings without a score neither end nor split one.
    false_alarms
        Those of them that touch no event.
    left_out
        Events without any scored reading; not among ``events``.
    delays
        Of each caught event, in order: readings from its start to its first flagged reading; 0 is at once.
    delays_ns
        The same in ns; empty where row numbers are the clock.

    Examples
    --------
    >>> found = EventMetrics(events=4, caught=3, alarms=5, false_alarms=2, delays=(0, 2, 7))
    >>> found.precision, found.recall, round(found.f1, 3), found.median_delay
    (0.6, 0.75, 0.667, 2.0)
    """

    events: int
    caught: int
    alarms: int
    false_alarms: int
    left_out: int = 0
    delays: tuple[int, ...] = ()
    delays_ns: tuple[int, ...] = ()

    @property
    def precision(self) -> float | None:
        """Share of the alarms that touch an event; None where there was no alarm."""
        return (self.alarms - self.false_alarms) / self.alarms if self.alarms else None

    @property
    def recall(self) -> float | None:
        """Share of the events that were caught; None where there are none."""
        return self.caught / self.events if self.events else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None where there are neither events nor alarms."""
        return harmonic(self.precision, self.recall)

    @property
    def median_delay(self) -> float | None:
        """Median of the caught events' delays, in readings; None where none was caught."""
        return float(median(self.delays)) if self.delays else None

    @property
    def median_delay_s(self) -> float | None:
        """Median of the caught events' delays, in seconds; None where none was caught or where there is no clock."""
        return median(self.delays_ns) / NS_PER_S if self.delays_ns else None


def event_metrics(
    labels: npt.ArrayLike,
    flagged: npt.ArrayLike,
    *,
    scored: npt.ArrayLike,
    time: IntArray,
    device: IntArray | None = None,
    row_clock: bool = False,
) -> EventMetrics:
    """Count how alarms match events, and how late they ring.

    A flag on a reading without a score does not count. One alarm may touch several events, and several alarms one
    event, so precision counts alarms and recall counts events.

    Parameters
    ----------
    labels, flagged, scored
        Arrays of shape (n,), bool: labelled anomalous, flagged (``Outcome.told``: what people hear; or
        ``Outcome.anomaly``), has a score.
    time
        ndarray of shape (n,), int64: ns since the epoch, or row numbers; in order within each device.
    device
        ndarray of shape (n,), int64, or None for one device. Runs never span two devices.
    row_clock
        Are the times row numbers? Then there are no delays in seconds.

    Raises
    ------
    ValueError
        If shapes differ.
    """
    truth, said, known = given_flags(labels, flagged, scored)
    owner = np.zeros(len(truth), np.int64) if device is None else np.asarray(device)
    if np.shape(time) != truth.shape or owner.shape != truth.shape:
        raise ValueError(f"labels have shape {truth.shape}, times {np.shape(time)}, devices {owner.shape}")
    order = np.argsort(owner, kind="stable")
    truth, said, known, owner, stamp = truth[order], said[order], known[order], owner[order], np.asarray(time)[order]
    starts, stops = flagged_runs(truth, owner)
    judged = _any(known, starts, stops)
    first = _first(said & known, starts, stops)
    caught = first < stops
    alarms, false = _alarms(truth[known], said[known], owner[known])
    return EventMetrics(
        events=int(np.count_nonzero(judged)),
        caught=int(np.count_nonzero(caught)),
        alarms=alarms,
        false_alarms=false,
        left_out=int(np.count_nonzero(~judged)),
        delays=tuple((first - starts)[caught].tolist()),
        delays_ns=() if row_clock else tuple((stamp[first[caught]] - stamp[starts[caught]]).tolist()),
    )


def _alarms(truth: BoolArray, said: BoolArray, owner: IntArray) -> tuple[int, int]:
    starts, stops = flagged_runs(said, owner)
    return len(starts), int(np.count_nonzero(~_any(truth, starts, stops)))


def _any(flags: BoolArray, starts: IntArray, stops: IntArray) -> BoolArray:
    before = np.concatenate([[0], np.cumsum(flags)])
    return np.asarray(before[stops] > before[starts])


def _first(flags: BoolArray, starts: IntArray, stops: IntArray) -> IntArray:
    """Return where the first flag of each run is, its stop where there is none."""
    where = np.append(np.flatnonzero(flags), len(flags))
    return np.asarray(np.minimum(where[np.searchsorted(where, starts)], stops))
