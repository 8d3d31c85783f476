from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import BoolArray
from tocsin.evaluation.metrics.inflated import point_adjusted_f1_inflated
from tocsin.evaluation.metrics.points import point_metrics


def bools(text: str) -> BoolArray:
    return np.array([mark == "x" for mark in text], dtype=bool)


@pytest.mark.parametrize(
    ("labels", "flagged", "expected"),
    [
        (".xxxx..", "..x....", 1.0),
        (".xxxx..", "x.x....", 2 * 4 / (2 * 4 + 1)),
        (".xx.xx.", ".x....x", 2 * 2 / (2 * 2 + 1 + 2)),
        ("xxx", "..x", 1.0),
        (".xx", "x..", 0.0),
        (".x.", "...", 0.0),
        ("...", "...", None),
        ("", "", None),
    ],
)
def test_by_hand(labels: str, flagged: str, expected: float | None) -> None:
    assert point_adjusted_f1_inflated(bools(labels), bools(flagged)) == pytest.approx(expected)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_never_less_than_plain_f1(rows: list[tuple[bool, bool]]) -> None:
    labels, flagged = (np.array([row[k] for row in rows], dtype=bool) for k in range(2))
    honest = point_metrics(labels, flagged, scored=np.ones(len(rows), bool)).f1
    inflated = point_adjusted_f1_inflated(labels, flagged)
    assert (inflated is None) == (honest is None)
    if honest is not None and inflated is not None:
        assert honest <= inflated + 1e-12 <= 1 + 1e-9


def test_a_random_score_looks_good() -> None:
    random = np.random.default_rng(0)
    labels = np.zeros(20_000, bool)
    for start in range(1_000, 20_000, 2_000):
        labels[start : start + 200] = True
    flagged = random.random(20_000) < 0.03
    honest = point_metrics(labels, flagged, scored=np.ones_like(labels)).f1
    inflated = point_adjusted_f1_inflated(labels, flagged)
    assert honest is not None
    assert inflated is not None
    assert honest < 0.06
    assert inflated > 0.73


def test_equals_the_package_behind_published_tables(tsb_ad: Any) -> None:
    random = np.random.default_rng(0)
    for _ in range(200):
        labels, flagged = random.random((2, 40)) < random.uniform(0.1, 0.8, (2, 1))
        labels[0], flagged[0] = False, True  # tsb-ad leaves the first reading as it is
        expected = tsb_ad.metrics.metric_PointF1PA(labels.astype(int), flagged.astype(int), flagged.astype(int))
        assert point_adjusted_f1_inflated(labels, flagged) == pytest.approx(expected, abs=1e-12)
