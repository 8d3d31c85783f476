from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tocsin.evaluation import metrics

OF_FLAGS: tuple[Callable[..., Any], ...] = (
    metrics.range_metrics,
    metrics.affiliation_metrics,
    metrics.point_adjusted_f1_inflated,
)
OF_SCORES: tuple[Callable[..., Any], ...] = (
    metrics.roc_auc,
    metrics.average_precision,
    metrics.roc_curve,
    metrics.precision_recall_curve,
    lambda labels, scores: metrics.vus_pr(labels, scores, 2),
    lambda labels, scores: metrics.vus_roc(labels, scores, 2),
)


@pytest.mark.parametrize("measure", OF_FLAGS + OF_SCORES)
def test_shapes_must_agree(measure: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=r"labels have shape \(3,\)"):
        measure(np.array([True, False, True]), np.array([1, 0]))


@pytest.mark.parametrize("measure", OF_FLAGS + OF_SCORES)
def test_one_entry_a_reading(measure: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="one entry a reading"):
        measure(np.eye(2, dtype=bool), np.eye(2))


@pytest.mark.parametrize("measure", OF_SCORES)
@pytest.mark.parametrize("unknown", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_none_is_refused(measure: Callable[..., Any], unknown: float) -> None:
    with pytest.raises(ValueError, match="1 scores are NaN or infinite"):
        measure([True, False, True], [0.1, unknown, 0.3])


@pytest.mark.parametrize("measure", OF_FLAGS)
def test_flags_are_true_or_false(measure: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="more than true and false"):
        measure([1, 0, 2], [1, 0, 0])
    with pytest.raises(ValueError, match="more than true and false"):
        measure([1, 0, 0], [0.4, 0.0, 0.0])


@pytest.mark.parametrize("measure", OF_FLAGS + OF_SCORES)
def test_ones_and_zeros_are_labels_too(measure: Callable[..., Any]) -> None:
    given = np.array([0, 1, 1, 0, 0])
    plain, counted = measure(given > 0, [0, 1, 0, 1, 0]), measure(given, [0, 1, 0, 1, 0])
    if isinstance(plain, metrics.Curve):
        np.testing.assert_array_equal(plain.y, counted.y)
    else:
        assert plain == counted


@pytest.mark.parametrize("measure", OF_FLAGS + OF_SCORES)
def test_nothing_given_is_changed(measure: Callable[..., Any]) -> None:
    labels, flags = np.array([False, True, True, False]), np.array([1.0, 0.0, 1.0, 0.0])
    labels.setflags(write=False)
    flags.setflags(write=False)
    measure(labels, flags)
