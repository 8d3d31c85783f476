"""The one-class support vector machine against scikit-learn's, also where that says 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.svm import OneClassSVM

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors.one_class_svm import OneClassSvm
from tocsin.graph.run import Runner


def ring(rows: int = 700, *, length: int = 1, level: float = 0.0, unit: float = 1.0) -> Windows:
    """Return windows of two channels whose readings lie on a ring."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, rows)
    series = np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.05 * rng.standard_normal((rows, 2))
    return Windows((unit * series + level).astype(np.float32), np.arange(length - 1, rows), length)


def scores(detector: OneClassSvm, windows: Windows, scored: Float32Array | None = None) -> FloatArray:
    found = Runner(detector.fit(windows, seed=0).onnx)(windows.take(slice(None)) if scored is None else scored)
    return found.score.astype(np.float64)


def reference(windows: Windows, *, nu: float, gamma: float) -> FloatArray:
    """Return −log of scikit-learn's weighted likeness, divided by the sum of the weights."""
    rows = windows.take(slice(None)).reshape(len(windows), -1).astype(np.float64)
    machine = OneClassSVM(nu=nu, gamma=gamma).fit(rows - rows.mean(axis=0))
    return np.asarray(-np.log(machine.score_samples(rows - rows.mean(axis=0)) / machine.dual_coef_.sum()))


@pytest.mark.parametrize("length", [1, 4])
@pytest.mark.parametrize(("nu", "gamma"), [(0.05, 0.5), (0.3, 5.0)])
@pytest.mark.parametrize("level", [0.0, 300.0])
def test_score_stands_for_scikit_learns(length: int, nu: float, gamma: float, level: float) -> None:
    windows = ring(length=length, level=level)
    found = scores(OneClassSvm(nu=nu, gamma=gamma), windows)
    np.testing.assert_allclose(found, reference(windows, nu=nu, gamma=gamma), atol=2e-3)


def test_the_middle_of_a_ring_is_strange() -> None:
    windows = ring()
    middle, on, far = (np.array([[[x, 0]]], np.float32) for x in (0, 1, 3))
    detector = OneClassSvm(gamma=5.0)
    assert scores(detector, windows, on) < scores(detector, windows, middle) < scores(detector, windows, far)


def test_the_farther_the_stranger_also_where_likeness_vanishes() -> None:
    far = np.array([[[10.0 * k, 0]] for k in range(1, 8)], np.float32)
    found = scores(OneClassSvm(), ring(), far)
    assert (np.diff(found) > 10).all()


def test_scale_makes_the_unit_irrelevant() -> None:
    windows, small = ring(), ring(unit=1 / 1024)
    np.testing.assert_allclose(scores(OneClassSvm(), small), scores(OneClassSvm(), windows), atol=1e-3)


def test_graph_tells_no_shares() -> None:
    assert not Runner(OneClassSvm().fit(ring(60), seed=0).onnx).attributes


def test_readings_that_never_moved_are_no_obstacle() -> None:
    still = Windows(np.full((40, 2), 3, np.float32), np.arange(40), 1)
    assert scores(OneClassSvm(), still) == pytest.approx(np.zeros(40), abs=1e-5)
    assert scores(OneClassSvm(), still, np.array([[[3, 5]]], np.float32)) == pytest.approx([4])


def test_many_windows_are_thinned_over_the_whole_time() -> None:
    windows = ring(400)
    few = Windows(windows.series, windows.end[np.linspace(0, 399, 50).round().astype(int)], 1)
    assert OneClassSvm(max_windows=50).fit(windows, seed=0).onnx == OneClassSvm().fit(few, seed=0).onnx


@pytest.mark.parametrize(("name", "value"), [("nu", 0), ("nu", 1.5), ("gamma", 0.0), ("max_windows", 1)])
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    settings = {name: value}
    with pytest.raises(SettingError, match=name):
        OneClassSvm(**settings)
