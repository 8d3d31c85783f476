from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.evaluation.metrics.ranking import (
    POINTS,
    average_precision,
    base_rate,
    precision_recall_curve,
    roc_auc,
    roc_curve,
)

pytest.importorskip("sklearn")
rows = st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=1, max_size=40)


def test_by_hand() -> None:
    labels, scores = [0, 0, 1, 1], [1.0, 3.0, 2.0, 4.0]
    assert base_rate(labels) == 0.5
    assert roc_auc(labels, scores) == 3 / 4
    assert average_precision(labels, scores) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_what_is_undefined_is_none() -> None:
    assert base_rate([]) is None
    for measure in (roc_auc, roc_curve):
        assert measure([0, 0], [1, 2]) is None
        assert measure([1, 1], [1, 2]) is None
    for other in (average_precision, precision_recall_curve):
        assert other([0, 0], [1, 2]) is None
    assert average_precision([1, 1], [1, 2]) == 1.0


@settings(deadline=None)  # the first call imports scikit-learn
@given(rows)
def test_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[bool, int]]) -> None:
    high = [score for label, score in rows if label]
    low = [score for label, score in rows if not label]
    pairs = [(a > b) + (a == b) / 2 for a in high for b in low]
    found = roc_auc([label for label, _ in rows], [score for _, score in rows])
    assert found == (pytest.approx(np.mean(pairs)) if pairs else None)


@settings(deadline=None)
@given(rows)
def test_only_the_order_of_scores_matters(rows: list[tuple[bool, int]]) -> None:
    labels, scores = np.array([row[0] for row in rows]), np.array([row[1] for row in rows], np.float64)
    for measure in (roc_auc, average_precision):
        assert measure(labels, scores) == measure(labels, np.exp(5 * scores) - 7)


@settings(deadline=None)
@given(rows)
def test_average_precision_is_the_area_of_steps_below_its_curve(rows: list[tuple[bool, int]]) -> None:
    labels, scores = [row[0] for row in rows], [row[1] for row in rows]
    curve, area = precision_recall_curve(labels, scores), average_precision(labels, scores)
    if curve is None:
        assert area is None
        return
    assert area == pytest.approx(np.sum(np.diff(curve.x) * curve.y[1:]))


def test_a_long_curve_keeps_its_ends_its_area_and_its_steep_start() -> None:
    random = np.random.default_rng(0)
    labels = random.random(200_000) < 0.1
    scores = random.normal(size=200_000) + 4 * labels
    roc, area = roc_curve(labels, scores), roc_auc(labels, scores)
    assert roc is not None
    assert len(roc) <= POINTS
    assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0, 0, 1, 1)
    assert np.sum(np.diff(roc.x) * (roc.y[1:] + roc.y[:-1]) / 2) == pytest.approx(area, abs=1e-3)
    assert np.count_nonzero((roc.y > 0.2) & (roc.y < 0.8)) > 100  # where the false-positive rate is below a thousandth
    pr, precision = precision_recall_curve(labels, scores), average_precision(labels, scores)
    assert pr is not None
    assert len(pr) <= POINTS
    assert (pr.x[0], pr.y[0], pr.x[-1]) == (0, 1, 1)
    assert np.sum(np.diff(pr.x) * pr.y[1:]) == pytest.approx(precision, abs=5e-3)


def test_points_of_a_curve_carry_the_limit_they_stand_for() -> None:
    labels, scores = np.array([0, 0, 1, 0, 1, 1], bool), np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    roc = roc_curve(labels, scores)
    assert roc is not None
    for x, y, limit in zip(roc.x, roc.y, roc.limit, strict=True):
        flagged = scores >= limit
        assert (x, y) == (flagged[~labels].mean(), flagged[labels].mean())
    pr = precision_recall_curve(labels, scores)
    assert pr is not None
    for x, y, limit in zip(pr.x[1:], pr.y[1:], pr.limit[1:], strict=True):
        flagged = scores >= limit
        assert (x, y) == (flagged[labels].mean(), pytest.approx(labels[flagged].mean()))


def test_without_scikit_learn_the_error_names_the_extra() -> None:
    code = """
import sys
sys.modules["sklearn"] = None
import importlib.util as util
find = util.find_spec
util.find_spec = lambda name, *rest: None if name == "sklearn" else find(name, *rest)
from tocsin.core.errors import MissingExtraError
from tocsin.evaluation import metrics
assert metrics.vus_pr([0, 1, 0], [1, 2, 3], 2) is not None
for name in ("roc_auc", "average_precision", "roc_curve", "precision_recall_curve"):
    try:
        getattr(metrics, name)([0, 1], [1, 2])
    except MissingExtraError as error:
        print(error)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.count('scikit-learn, which is not installed. Install it with: pip install "tocsin[train]"') == 4


def test_importing_the_metrics_loads_no_heavy_library() -> None:
    code = (
        "import sys, tocsin.evaluation.metrics as m; print(sorted({'sklearn', 'scipy', 'polars'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
