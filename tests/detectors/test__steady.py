from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.windows import Windows
from tocsin.detectors._steady import Steady, steady
from tocsin.graph.network import Network
from tocsin.graph.run import Runner


def _windows(series: np.ndarray, length: int = 12) -> Windows:
    return Windows(series.astype(np.float32), np.arange(length - 1, len(series)), length)


def test_a_random_walk_wanders_and_noise_around_a_level_does_not() -> None:
    rng = np.random.default_rng(0)
    series = np.stack([rng.normal(size=800), np.cumsum(rng.normal(size=800)), np.zeros(800)], axis=1)
    assert steady(_windows(series), back=4, most=1.0).wanders.tolist() == [False, True, False]


def test_what_is_taken_off_is_the_weighted_mean_of_the_readings_before() -> None:
    window = np.array([[1.0], [2.0], [4.0]], np.float32)
    found = Steady(np.array([True]), 2).windows(window[None])
    # weights 1 and .9, the nearest first, over 1.9
    assert found[0, 0, 0] == pytest.approx(4 - (2 + 0.9 * 1) / 1.9)


def test_series_windows_and_graph_agree() -> None:
    rng = np.random.default_rng(1)
    windows = _windows(np.cumsum(rng.normal(size=(60, 3)), axis=0))
    steadied = Steady(np.array([True, False, True]), 5)
    by_series = steadied.of(windows).take(slice(None))
    np.testing.assert_allclose(steadied.windows(windows.take(slice(None))), by_series, atol=1e-5)
    network = Network(window=12, channels=3)
    newest = network.op("Gather", steadied.write(network), network.integers(6), attributes={"axis": 1})
    graph = network.seal(network.op("ReduceMax", newest, network.integers([1]), attributes={"keepdims": 0}), newest)
    found = Runner(graph.onnx)(windows.take(slice(None))).by_channel
    assert found is not None
    np.testing.assert_allclose(found, by_series[:, -1], rtol=1e-5, atol=1e-5)


def test_without_looking_back_nothing_changes() -> None:
    windows = _windows(np.cumsum(np.ones((60, 1)), axis=0))
    found = steady(windows, back=0, most=1.0)
    assert found.of(windows).take(slice(None)).tolist() == windows.take(slice(None)).tolist()


def test_what_is_expected_of_a_steadied_reading_is_raised_to_its_level() -> None:
    """The steadied reading itself, raised, is the reading."""
    windows = _windows(np.cumsum(np.random.default_rng(1).normal(size=(60, 3)), axis=0))
    steadied = Steady(np.array([True, False, True]), 5)
    network = Network(window=12, channels=3)
    newest = network.op("Gather", steadied.write(network), network.integers(6), attributes={"axis": 1})
    score = network.op("ReduceMax", newest, network.integers([1]), attributes={"keepdims": 0})
    graph = network.seal(score, expected=steadied.raised(network, newest))
    found = Runner(graph.onnx)(windows.take(slice(None))).expected
    assert found is not None
    np.testing.assert_allclose(found, windows.take(slice(None))[:, -1], rtol=1e-5, atol=1e-5)


def test_without_wandering_channels_nothing_is_raised() -> None:
    network = Network(window=12, channels=3)
    assert Steady(np.zeros(3, np.bool_), 5).raised(network, "row") == "row"
