"""The yardstick that simulated events are held against: a detector that knows only each channel's mean and spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.evaluation.events import EventRecall, event_recall

TRAINING_SHARE = 0.7


def max_z_recall(
    values: FloatArray, *, label: BoolArray, kind: Sequence[str], size: FloatArray, false_alarm_rate: float = 0.005
) -> tuple[EventRecall, ...]:
    """Return which events ``max |z|`` catches, by kind and band of sizes.

    A reading's score is its channels' largest distance from their mean, in standard deviations; both are taken from
    the normal readings of the first 70 %. The limit is set in hindsight, where exactly ``false_alarm_rate`` of all
    normal readings lie above it: the baseline is given what a real detector has to estimate.

    Parameters
    ----------
    values
        ndarray of shape (n, channels), float64, in order of time.
    label
        ndarray of shape (n,), bool: does the reading lie in an event?
    kind
        n kinds of event, "" outside.
    size
        ndarray of shape (n,), float64: the event's size in σ, NaN outside.
    false_alarm_rate
        Share of the normal readings that may lie above the limit.
    """
    training = values[: int(TRAINING_SHARE * len(values))]
    normal = training[~label[: len(training)]]
    score = np.max(np.abs(values - normal.mean(axis=0)) / normal.std(axis=0), axis=1)
    limit = np.quantile(score[~label], 1 - false_alarm_rate)
    return event_recall(label, score > limit, scored=np.ones(len(label), bool), kind=kind, size=size)
