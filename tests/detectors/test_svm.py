"""The support vector machine against scikit-learn's, also where float32 has little room."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.svm import SVC

from tocsin.core.arrays import FloatArray
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors.svm import Svm
from tocsin.graph.run import Runner


def labelled(rows: int = 900, *, share: float = 0.1, length: int = 1, level: float = 0.0, spread: float = 1) -> Windows:
    """Return windows of which those that end far from the centre are mostly labelled."""
    rng = np.random.default_rng(0)
    series = rng.standard_normal((rows, 3))
    far = np.linalg.norm(series + rng.normal(0, 0.3, series.shape), axis=1)
    labels = far > np.quantile(far, 1 - share)
    end = np.arange(length - 1, rows)
    return Windows((spread * series + level).astype(np.float32), end, length, labels=labels[end])


def rows_of(windows: Windows) -> FloatArray:
    return windows.take(slice(None)).reshape(len(windows), -1).astype(np.float64)


def decision(detector: Svm, windows: Windows) -> FloatArray:
    """Return the decision values that the scores of ``windows`` stand for."""
    score = Runner(detector.fit(windows, seed=0).onnx)(windows.take(slice(None))).score.astype(np.float64)
    return np.asarray(np.log(score / (1 - score)))


def reference(windows: Windows, **settings: Any) -> FloatArray:
    rows = rows_of(windows)
    machine = SVC(class_weight="balanced", **settings).fit(rows - rows.mean(axis=0), windows.labels)
    return np.asarray(machine.decision_function(rows - rows.mean(axis=0)))


@pytest.mark.parametrize("length", [1, 4])
@pytest.mark.parametrize("gamma", [0.05, 0.5, 5.0])
def test_score_stands_for_scikit_learns_decision_value(length: int, gamma: float) -> None:
    windows = labelled(length=length)
    np.testing.assert_allclose(decision(Svm(gamma=gamma), windows), reference(windows, gamma=gamma, C=1.0), atol=1e-4)


@pytest.mark.parametrize(("level", "spread"), [(0, 1), (1e3, 1), (-7e4, 50), (0, 1e-3)])
def test_level_and_unit_cost_no_precision(level: float, spread: float) -> None:
    windows = labelled(level=level, spread=spread)
    expected = reference(windows, gamma="scale", C=1.0)
    np.testing.assert_allclose(decision(Svm(), windows), expected, atol=1e-4)


def test_a_high_price_stays_near_scikit_learn() -> None:
    windows = labelled()
    expected = reference(windows, gamma=0.5, C=100.0)
    assert np.abs(expected).max() < 15
    np.testing.assert_allclose(decision(Svm(c=100, gamma=0.5), windows), expected, atol=1e-3)


def test_scale_is_the_mean_variance_of_the_columns() -> None:
    """Not the variance of all values together, as scikit-learn has it: one high channel would drown the others."""
    windows = labelled()
    raised = Windows(windows.series + np.array([0, 0, 500], np.float32), windows.end, 1, labels=windows.labels)
    np.testing.assert_allclose(decision(Svm(), raised), decision(Svm(), windows), atol=1e-3)


def test_oversampling_moves_the_border_towards_the_normal() -> None:
    windows = labelled(share=0.02)
    assert windows.labels is not None
    plain, drawn = (decision(Svm(class_weight="none", oversample=share), windows) for share in (0, 0.5))
    assert drawn[windows.labels].mean() > plain[windows.labels].mean() + 0.5


def test_few_windows_keep_the_rare_anomalies() -> None:
    windows = labelled(share=0.02)
    assert windows.labels is not None
    found = decision(Svm(max_windows=60), windows)
    assert found[windows.labels].mean() > found[~windows.labels].mean() + 1


def test_what_never_moved_is_no_obstacle() -> None:
    still = Windows(np.full((40, 2), 3, np.float32), np.arange(40), 1, labels=np.arange(40) % 4 == 0)
    assert np.isfinite(decision(Svm(), still)).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [("c", 0), ("gamma", 0.0), ("gamma", -1.0), ("max_windows", 1), ("class_weight", "heavy"), ("oversample", 0.99)],
)
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    settings = {name: value}
    with pytest.raises(SettingError, match=name):
        Svm(**settings)
