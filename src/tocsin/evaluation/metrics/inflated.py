"""The point-adjusted F1 that many papers quote, under a name that says what it is: inflated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tocsin.evaluation.metrics._given import given_flags
from tocsin.evaluation.metrics.points import flagged_runs, point_metrics


def point_adjusted_f1_inflated(labels: npt.ArrayLike, flagged: npt.ArrayLike) -> float | None:
    """Return F1 after every reading of an event has been called found because one of them was flagged.

    **Inflated**: a long event is found by chance, and then counts with all of its readings. A random score reaches .73
    on usual benchmarks (Kim et al. 2022, "Towards a Rigorous Evaluation of Time-series Anomaly Detection", AAAI). Show
    it beside a random score's figure on the same labels, or not at all.

    Parameters
    ----------
    labels, flagged
        Arrays of shape (n,), bool: readings of one device in order of time.

    Returns
    -------
    float or None
        None where nothing is labelled and nothing flagged.

    Raises
    ------
    ValueError
        If shapes differ.

    Examples
    --------
    One reading of eight was flagged, and yet:

    >>> point_adjusted_f1_inflated([0, 1, 1, 1, 1, 1, 1, 1, 1, 0], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    1.0
    """
    truth, said = given_flags(labels, flagged)
    starts, stops = flagged_runs(truth, np.zeros(len(truth), np.int64))
    before = np.concatenate([[0], np.cumsum(said)])
    adjusted = said.copy()
    adjusted[truth] = np.repeat(before[stops] > before[starts], stops - starts)
    return point_metrics(truth, adjusted, scored=np.ones_like(truth)).f1
