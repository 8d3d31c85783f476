"""How well scores alone put anomalies above normal readings, whatever the limit: areas under curves, and the curves."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.errors import MissingExtraError
from tocsin.evaluation.metrics._given import given_flags, given_scores

POINTS = 2_000
"""Points of a curve at most: more than a picture has columns."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve over all limits, thinned to what a picture can show; from the highest limit to the lowest.

    Parameters
    ----------
    x, y
        ndarrays of shape (points,), float64, from 0 to 1: false-positive rate and recall of a ROC curve, recall and
        precision of a precision-recall curve.
    limit
        ndarray of shape (points,), float64: who scores this much or more is flagged; infinite where nobody is.
    """

    x: FloatArray
    y: FloatArray
    limit: FloatArray

    def __len__(self) -> int:
        return len(self.x)


def base_rate(labels: npt.ArrayLike) -> float | None:
    """Return the share of labelled readings, which is the average precision of chance. None without readings.

    >>> base_rate([0, 0, 0, 1])
    0.25
    """
    (truth,) = given_flags(labels)
    return float(truth.mean()) if len(truth) else None


def roc_auc(labels: npt.ArrayLike, scores: npt.ArrayLike) -> float | None:
    """Return how likely a labelled reading scores higher than a normal one; .5 is chance, ties count half.

    Parameters
    ----------
    labels
        Array of shape (n,), bool.
    scores
        Array of shape (n,), finite; higher is stranger.

    Returns
    -------
    float or None
        None where no reading is labelled or all are.

    Raises
    ------
    ValueError
        If shapes differ, or a score is NaN or infinite.
    MissingExtraError
        If scikit-learn is not installed.

    Examples
    --------
    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    truth, score = given_scores(labels, scores)
    if not truth.any() or truth.all():
        return None
    _need_sklearn()
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(truth, score))


def average_precision(labels: npt.ArrayLike, scores: npt.ArrayLike) -> float | None:
    """Return the area under the precision-recall curve, taken step-wise: Σ (Rₙ − Rₙ₋₁) Pₙ.

    Read it beside the base rate (:func:`base_rate`), which is what chance reaches. Straight lines between the points
    would flatter (Davis & Goadrich 2006, "The relationship between Precision-Recall and ROC curves", ICML).

    Parameters
    ----------
    labels
        Array of shape (n,), bool.
    scores
        Array of shape (n,), finite; higher is stranger.

    Returns
    -------
    float or None
        None where no reading is labelled.

    Raises
    ------
    ValueError
        If shapes differ, or a score is NaN or infinite.
    MissingExtraError
        If scikit-learn is not installed.

    Examples
    --------
    >>> round(average_precision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 3)
    0.833
    """
    truth, score = given_scores(labels, scores)
    if not truth.any():
        return None
    _need_sklearn()
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(truth, score))


def roc_curve(labels: npt.ArrayLike, scores: npt.ArrayLike) -> Curve | None:
    """Return recall (y) over the false-positive rate (x); None where no reading is labelled or all are.

    Parameters and errors are those of :func:`roc_auc`.

    >>> curve = roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> curve.x.tolist(), curve.y.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    truth, score = given_scores(labels, scores)
    if not truth.any() or truth.all():
        return None
    _need_sklearn()
    from sklearn import metrics

    return _thinned(*metrics.roc_curve(truth, score))


def precision_recall_curve(labels: npt.ArrayLike, scores: npt.ArrayLike) -> Curve | None:
    """Return precision (y) over recall (x); None where no reading is labelled.

    It starts at precision 1 and recall 0, where nothing is flagged. Parameters and errors are those of
    :func:`average_precision`.

    >>> curve = precision_recall_curve([0, 1, 1], [0.1, 0.4, 0.8])
    >>> curve.x.tolist(), curve.y.round(2).tolist(), curve.limit.tolist()
    ([0.0, 0.5, 1.0, 1.0], [1.0, 1.0, 1.0, 0.67], [inf, 0.8, 0.4, 0.1])
    """
    truth, score = given_scores(labels, scores)
    if not truth.any():
        return None
    _need_sklearn()
    from sklearn import metrics

    precision, recall, limit = metrics.precision_recall_curve(truth, score)
    return _thinned(recall[::-1], precision[::-1], np.append(limit, np.inf)[::-1])


def _thinned(x: FloatArray, y: FloatArray, limit: FloatArray) -> Curve:
    """Keep points that lie evenly along the curve, its ends among them: steep parts keep their shape."""
    if len(x) > POINTS:
        keep = _even(np.concatenate([[0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))]))
        x, y, limit = x[keep], y[keep], limit[keep]
    return Curve(np.asarray(x, np.float64), np.asarray(y, np.float64), np.asarray(limit, np.float64))


def _even(along: FloatArray) -> IntArray:
    marks = np.searchsorted(along, np.linspace(0, along[-1], POINTS - 1))
    return np.unique(np.append(marks, len(along) - 1))


def _need_sklearn() -> None:
    if find_spec("sklearn") is None:
        raise MissingExtraError("This metric", extra="train", library="scikit-learn")
