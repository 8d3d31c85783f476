"""How well flags match labels, reading by reading: what could not be scored is left out, and counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import BoolArray, IntArray

NS_PER_DAY = 86_400 * 10**9


@dataclass(frozen=True)
class PointMetrics:
    """Flags against labels, one count per reading.

    A ratio whose denominator is zero is None: nothing flagged says nothing about precision.

    Parameters
    ----------
    tp, fp, fn, tn
        Scored readings: flagged and labelled, flagged only, labelled only, neither.
    left_out
        Readings without a score (warming, gap, late, …); they are in none of the four counts.
    left_out_labelled
        How many of those left out are labelled anomalous: what the figures cannot speak of.

    Examples
    --------
    >>> metrics = PointMetrics(tp=6, fp=2, fn=3, tn=89, left_out=9)
    >>> metrics.precision, round(metrics.recall, 3), round(metrics.f1, 3), metrics.accuracy
    (0.75, 0.667, 0.706, 0.95)
    >>> round(metrics.false_positive_rate, 3), round(metrics.false_negative_rate, 3)
    (0.022, 0.333)
    """

    tp: int
    fp: int
    fn: int
    tn: int
    left_out: int = 0
    left_out_labelled: int = 0

    @property
    def scored(self) -> int:
        """Readings that the four counts speak of."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def precision(self) -> float | None:
        """Share of the flagged readings that are labelled."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        """Share of the labelled readings that were flagged."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall, 2 tp / (2 tp + fp + fn)."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def accuracy(self) -> float | None:
        """Share of the readings that were judged right. Flattering where anomalies are rare."""
        return _ratio(self.tp + self.tn, self.scored)

    @property
    def false_positive_rate(self) -> float | None:
        """Share of the normal readings that were flagged, fp / (fp + tn); also called false-alarm rate."""
        return _ratio(self.fp, self.fp + self.tn)

    @property
    def false_negative_rate(self) -> float | None:
        """Share of the labelled readings that were not flagged, fn / (fn + tp); also called missed-alarm rate."""
        return _ratio(self.fn, self.fn + self.tp)


def point_metrics(labels: BoolArray, anomaly: BoolArray, *, scored: BoolArray) -> PointMetrics:
    """Count how flags match labels among the readings that have a score.

    Parameters
    ----------
    labels
        ndarray of shape (n,), bool: labelled anomalous?
    anomaly
        ndarray of shape (n,), bool: flagged?
    scored
        ndarray of shape (n,), bool: did the reading get a score (status ``ok``)?

    Raises
    ------
    ValueError
        If the three differ in shape.
    """
    _same_shape(labels, anomaly, scored)
    true, flagged = labels[scored], anomaly[scored]
    tp = int(np.count_nonzero(true & flagged))
    fp = int(np.count_nonzero(flagged)) - tp
    fn = int(np.count_nonzero(true)) - tp
    return PointMetrics(
        tp=tp,
        fp=fp,
        fn=fn,
        tn=len(true) - tp - fp - fn,
        left_out=len(labels) - len(true),
        left_out_labelled=int(np.count_nonzero(labels & ~scored)),
    )


def false_alarms_per_day(
    flagged: BoolArray, labels: BoolArray, *, time: IntArray | None, device: IntArray | None = None
) -> float | None:
    """Return how often a day an alarm rings for nothing: runs of flagged readings that touch no labelled one.

    Parameters
    ----------
    flagged
        ndarray of shape (n,), bool: what rings, such as ``Verdicts.told``, or ``Verdicts.anomaly`` without a policy.
    labels
        ndarray of shape (n,), bool.
    time
        ndarray of shape (n,), int64 ns, or None where the row number is the clock.
    device
        ndarray of shape (n,), int64, or None for one device. Alarms of all devices are added up.

    Returns
    -------
    float or None
        Alarms per day of the span covered; None without a clock or where nothing but one instant is covered.
    """
    _same_shape(labels, flagged)
    span_ns = 0 if time is None or not len(time) else int(time.max()) - int(time.min())
    if span_ns <= 0:
        return None
    order = slice(None) if device is None else np.argsort(device, kind="stable")
    of_device = np.zeros(len(flagged), np.int64) if device is None else device[order]
    starts, stops = flagged_runs(flagged[order], of_device)
    labelled = np.concatenate([[0], np.cumsum(labels[order])])
    false = int(np.count_nonzero(labelled[stops] == labelled[starts]))
    return false * NS_PER_DAY / span_ns


def flagged_runs(flagged: BoolArray, group: IntArray) -> tuple[IntArray, IntArray]:
    """Return starts and stops (exclusive) of the maximal runs of True that stay within one value of ``group``.

    >>> starts, stops = flagged_runs(np.array([True, True, False, True, True]), np.array([0, 0, 0, 0, 1]))
    >>> starts.tolist(), stops.tolist()
    ([0, 3, 4], [2, 4, 5])
    """
    if not len(flagged):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    cut = np.concatenate([[True], (flagged[1:] != flagged[:-1]) | (group[1:] != group[:-1])])
    starts = np.flatnonzero(cut)
    stops = np.append(starts[1:], len(flagged))
    return starts[flagged[starts]], stops[flagged[starts]]


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _same_shape(labels: BoolArray, *others: BoolArray) -> None:
    for other in others:
        if other.shape != labels.shape:
            raise ValueError(f"labels have shape {labels.shape}, flags have shape {other.shape}")
