"""Affiliation precision and recall: how near alarms are to events in time, against what a random place would reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.evaluation.metrics._f1 import harmonic
from tocsin.evaluation.metrics._given import given_flags
from tocsin.evaluation.metrics.points import flagged_runs


@dataclass(frozen=True)
class AffiliationMetrics:
    """Affiliation precision and recall, from 0 to 1; **a random score reaches some .70 of each**.

    Parameters
    ----------
    precision
        Mean over the events with anything flagged nearby of how near that is; None where nothing was flagged.
    recall
        Mean over the events of how near their readings are to a flagged one.
    """

    precision: float | None
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where nothing was flagged. A random score reaches some .70."""
        return harmonic(self.precision, self.recall) or 0.0


@dataclass(frozen=True, eq=False)
class _Zones:
    """The stretch of time that belongs to each event: all that is nearer to it than to any other.

    All are ndarrays of shape (events,), in readings; a reading i covers the time from i to i + 1.
    """

    start: FloatArray
    stop: FloatArray
    low: FloatArray
    high: FloatArray


def affiliation_metrics(labels: npt.ArrayLike, flagged: npt.ArrayLike) -> AffiliationMetrics | None:
    """Return affiliation precision and recall.

    Time is cut into one zone per event. Within a zone, the distance of a flagged moment to the event is turned into the
    probability that a random moment of the zone lies farther away; their mean is the zone's precision. The distance of
    each moment of the event to the nearest flagged one gives its recall in the same way. Huet et al. 2022, "Local
    Evaluation of Time Series Anomaly Detection Algorithms" (KDD), sections 3 and 4.

    Chance flatters: a random score reaches some .70, so show it only beside random's figure on the same labels.

    Parameters
    ----------
    labels, flagged
        Arrays of shape (n,), bool: readings of one device in order of time.

    Returns
    -------
    AffiliationMetrics or None
        None where nothing is labelled: then there are no zones.

    Raises
    ------
    ValueError
        If shapes differ.

    Examples
    --------
    One reading too late is nearly right:

    >>> found = affiliation_metrics([0, 0, 0, 0, 1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    >>> round(found.precision, 2), round(found.recall, 2)
    (0.8, 0.9)
    """
    truth, said = given_flags(labels, flagged)
    if not truth.any():
        return None
    zones = _zones(truth)
    near = _precision(said, zones)
    return AffiliationMetrics(float(near.mean()) if len(near) else None, float(_recall(truth, said, zones).mean()))


def _zones(truth: BoolArray) -> _Zones:
    starts, stops = flagged_runs(truth, np.zeros(len(truth), np.int64))
    start, stop = starts.astype(np.float64), stops.astype(np.float64)
    borders = np.concatenate([[0], (stop[:-1] + start[1:]) / 2, [len(truth)]])
    return _Zones(start, stop, borders[:-1], borders[1:])


def _precision(said: BoolArray, zones: _Zones) -> FloatArray:
    """Return the precision of each zone with anything flagged.

    Between multiples of half a reading the probability is a straight line: its mean is its middle value.
    """
    moment = _moments(said, 2)
    zone = np.searchsorted(zones.high, moment)
    start, stop, low, high = (part[zone] for part in (zones.start, zones.stop, zones.low, zones.high))
    away = np.maximum(np.maximum(start - moment, moment - stop), 0)
    farther = _farther(away, np.minimum(start - low, high - stop), high - low, stop - start)
    return _means(np.where(away > 0, farther, 1.0), zone, len(zones.low))


def _recall(truth: BoolArray, said: BoolArray, zones: _Zones) -> FloatArray:
    """Return the recall of each event.

    Between multiples of a quarter of a reading the probability is a straight line: its mean is its middle value.
    """
    moment = _moments(truth, 4)
    zone = np.searchsorted(zones.high, moment)
    low, high = zones.low[zone], zones.high[zone]
    away = _to_flagged(moment, said, low, high)
    farther = _farther(away, np.minimum(moment - low, high - moment), high - low, 0)
    return _means(np.where(away > 0, farther, 1.0), zone, len(zones.low))


def _farther(away: FloatArray, margin: FloatArray, width: FloatArray, core: FloatArray | float) -> FloatArray:
    """Return the probability that a random moment of a zone is farther from its core than ``away``; 0 at infinity.

    On one side the zone may end before that distance is reached: it ends ``margin`` away.
    """
    return np.maximum(1 - (core + away + np.minimum(away, margin)) / width, 0)


def _to_flagged(moment: FloatArray, said: BoolArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return how far the nearest flagged moment of the same zone is; infinite where there is none."""
    starts, stops = flagged_runs(said, np.zeros(len(said), np.int64))
    ended, begun = np.append(-np.inf, stops), np.append(starts, np.inf)
    after = np.searchsorted(starts, moment)
    before, behind = ended[after], begun[after]
    to_left = np.where(before > low, np.maximum(moment - before, 0), np.inf)
    return np.minimum(to_left, np.where(behind < high, behind - moment, np.inf))


def _moments(flags: BoolArray, parts: int) -> FloatArray:
    """Return the middles of the equal parts of each reading that is True."""
    return (np.flatnonzero(flags)[:, None] + (np.arange(parts) + 0.5) / parts).ravel()


def _means(value: FloatArray, zone: IntArray, zones: int) -> FloatArray:
    """Return the mean of each zone that has a value."""
    amount = np.bincount(zone, minlength=zones)
    return (np.bincount(zone, value, minlength=zones)[amount > 0] / amount[amount > 0]).astype(np.float64)
