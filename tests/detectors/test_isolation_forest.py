from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tocsin.core.errors import InputError, SettingError
from tocsin.core.windows import Windows
from tocsin.detectors.isolation_forest import IsolationForest, expected_path
from tocsin.graph.run import Runner


def _windows(series: npt.NDArray[np.generic], length: int = 1) -> Windows:
    return Windows(series.astype(np.float32), np.arange(length - 1, len(series)), length)


def _sklearn(rows: npt.NDArray[np.float32], *, trees: int, random_state: int) -> npt.NDArray[np.float64]:
    from sklearn.ensemble import IsolationForest as Reference

    return np.asarray(-Reference(n_estimators=trees, random_state=random_state).fit(rows).score_samples(rows))


@pytest.mark.parametrize("length", [1, 4])
@pytest.mark.parametrize("seed", [0, 5])
def test_score_is_that_of_scikit_learn(length: int, seed: int) -> None:
    series = np.random.default_rng(0).standard_normal((900, 3)) * [1, 100, 1e-3] + [0, 1e5, 7]
    windows = _windows(series, length)
    every = windows.take(slice(None))
    found = Runner(IsolationForest(trees=40).fit(windows, seed=seed).onnx)(every)
    expected = _sklearn(every.reshape(len(every), -1), trees=40, random_state=42 + seed)
    np.testing.assert_allclose(found.score, expected, atol=1e-6)


def test_score_is_that_of_scikit_learn_where_values_repeat() -> None:
    series = np.random.default_rng(1).integers(0, 4, (700, 2)) / 10
    windows = _windows(series)
    found = Runner(IsolationForest(trees=40).fit(windows, seed=0).onnx)(windows.take(slice(None)))
    np.testing.assert_allclose(found.score, _sklearn(windows.series, trees=40, random_state=42), atol=1e-6)


def test_few_readings_are_enough() -> None:
    windows = _windows(np.array([[0.0], [1.0], [1.5]]))
    found = Runner(IsolationForest(trees=10).fit(windows, seed=0).onnx)(windows.take(slice(None)))
    np.testing.assert_allclose(found.score, _sklearn(windows.series, trees=10, random_state=42), atol=1e-6)


def test_graph_tells_no_shares() -> None:
    assert not Runner(IsolationForest(trees=2).fit(_windows(np.eye(9)), seed=0).onnx).attributes


def test_seeds_make_a_difference() -> None:
    windows = _windows(np.random.default_rng(2).standard_normal((300, 2)))
    one, same, other = (IsolationForest(trees=5).fit(windows, seed=seed).onnx for seed in (1, 1, 2))
    assert one == same != other


def test_many_windows_are_thinned_over_the_whole_time() -> None:
    series = np.arange(1000.0)[:, None]
    thinned = IsolationForest(trees=5, max_windows=11).fit(_windows(series), seed=0)
    chosen = IsolationForest(trees=5).fit(_windows(np.linspace(0, 999, 11).round()[:, None]), seed=0)
    assert thinned.onnx == chosen.onnx


@pytest.mark.parametrize("rows", [2, 3, 10, 256])
def test_expected_path_is_that_of_the_paper(rows: int) -> None:
    harmonic = np.log(rows - 1) + 0.5772156649015329
    equation = 1.0 if rows == 2 else 2 * harmonic - 2 * (rows - 1) / rows
    assert expected_path(np.array([rows])) == pytest.approx([equation])


@pytest.mark.parametrize(
    ("name", "value"), [("trees", 0), ("max_samples", 1), ("max_windows", 0), ("random_state", -1)]
)
def test_settings_that_cannot_work_are_refused(name: str, value: int) -> None:
    settings = {name: value}
    with pytest.raises(SettingError, match=name):
        IsolationForest(**settings)


def test_nothing_to_learn_from_is_an_input_error() -> None:
    with pytest.raises(InputError, match="0 complete windows"):
        IsolationForest().fit(_windows(np.zeros((0, 1))), seed=0)


def test_occupancy_is_that_of_scikit_learn(shared_data: Path) -> None:
    path = next(shared_data.glob("occupancy/**/datatraining.txt"))
    series = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(2, 3, 4, 5, 6))
    windows = _windows(series)
    found = Runner(IsolationForest().fit(windows, seed=0).onnx)(windows.take(slice(None)))
    np.testing.assert_allclose(found.score, _sklearn(windows.series, trees=200, random_state=42), atol=1e-6)
