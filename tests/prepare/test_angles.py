"""Angles become sine and cosine: right, the same bits in the graph, and their shares added up again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tocsin.core.contracts import Graph
from tocsin.graph.network import Network
from tocsin.graph.run import Runner
from tocsin.prepare.angles import Angles, usual
from tocsin.prepare.scale import Scaling


def last_values(window: int, channels: int) -> Graph:
    """Return a graph whose shares are the window's last reading."""
    network = Network(window=window, channels=channels)
    last = network.op("Gather", network.input, network.integers(window - 1), attributes={"axis": 1})
    return network.seal(network.op("ReduceSum", last, network.integers([1]), attributes={"keepdims": 0}), last)


def columns_in_the_graph(angles: Angles, series: np.ndarray) -> np.ndarray:
    """Return the columns of ``series`` as a graph has them: each by itself, as the only share of a channel."""
    found = []
    width = len(angles.turns) + len(angles.which)
    for column in range(width):
        network = Network(window=1, channels=width)
        own = network.op("Gather", network.input, network.integers([column]), attributes={"axis": 2})
        score = network.op("Reshape", own, network.integers([-1]))
        folded = angles.fold(network.seal(score), window=1)
        found.append(Runner(folded.onnx)(series[:, None]).score)
    return np.stack(found, axis=1)


@pytest.mark.parametrize(("kind", "turn"), [("degrees", 360.0), ("radians", 2 * np.pi)])
def test_sine_and_cosine_are_right(kind: str, turn: float) -> None:
    series = np.linspace(-2 * turn, 3 * turn, 20_001).astype(np.float32)[:, None]
    found = Angles.of([kind])(series)  # type: ignore[list-item]
    exact = 2 * np.pi * series[:, 0].astype(np.float64) / turn
    np.testing.assert_allclose(found, np.stack([np.sin(exact), np.cos(exact)], axis=1), atol=3e-6)


@pytest.mark.parametrize("rows", [1, 7, 64, 1001])
def test_the_graph_has_the_same_bits_as_the_training_in_any_company(rows: int) -> None:
    series = np.random.default_rng(rows).uniform(-400, 800, (rows, 3)).astype(np.float32)
    angles = Angles.of(["degrees", "real", "radians"])
    np.testing.assert_array_equal(columns_in_the_graph(angles, series), angles(series))


def test_full_turns_change_next_to_nothing() -> None:
    angles = Angles((360.0,))
    near = angles(np.array([[359.0], [-1.0], [719.0]], np.float32))
    np.testing.assert_allclose(near - near[0], 0, atol=2e-6)


@pytest.mark.parametrize("wild", [np.inf, -np.inf, 3e38, -3e38])
def test_whatever_comes_lies_on_the_circle(wild: float) -> None:
    found = Angles((360.0,))(np.array([[wild]], np.float32))
    assert np.hypot(*found[0]) == pytest.approx(1, abs=1e-5)


def test_shares_of_sine_and_cosine_are_the_angles() -> None:
    angles = Angles.of(["degrees", "real"])
    runner = Runner(angles.fold(last_values(2, 3), window=2).onnx)
    found = runner(np.array([[[0, 0], [90, 5]], [[0, 0], [180, 7]]], np.float32))
    np.testing.assert_allclose(found.by_channel, [[1, 5], [-1, 7]], atol=1e-6)  # type: ignore[arg-type]  # it has shares


def test_what_the_detector_remembers_is_kept() -> None:
    graph = replace(last_values(2, 2), curves={"training_loss": (1.0,)}, why=("seen",))
    folded = Angles.of(["degrees"]).fold(graph, window=2)
    assert (folded.curves, folded.why) == (graph.curves, graph.why)


def test_without_angles_the_graph_is_the_same_object() -> None:
    graph, series = last_values(2, 1), np.zeros((3, 1), np.float32)
    angles = Angles.of(["counter"])
    assert angles.fold(graph, window=2) is graph
    assert angles(series) is series


def test_both_columns_of_an_angle_are_scaled_alike_and_not_steeply() -> None:
    scaling = Scaling(np.zeros(5), np.array([9.0, 50.0, 1e4, 2.0, 1e5]))
    found = Angles((0.0, 360.0, 360.0)).even(scaling)
    assert found.factor.tolist() == [9, 2, 100, 2, 100]


def test_the_usual_direction_is_the_mean_one_across_north() -> None:
    rows = np.array([[350, 1], [10, 2], [20, 9]], np.float32)
    np.testing.assert_allclose(usual(rows, ["degrees", "real"]), [6.67, 2], atol=0.1)
    np.testing.assert_array_equal(usual(rows, []), np.median(rows, axis=0))


def as_before(columns: int) -> Graph:
    """Return a graph that expects the reading before."""
    network = Network(window=2, channels=columns)
    before = network.op("Gather", network.input, network.integers(0), attributes={"axis": 1})
    score = network.op("ReduceMax", before, network.integers([1]), attributes={"keepdims": 0})
    return network.seal(score, expected=before)


@pytest.mark.parametrize(
    ("before", "last", "expected"),
    [(90, 100, 90), (1, 359, 361), (359, 1, -1), (-170, 170, 190), (10, 730, 730), (180, 0, 180), (30, 29.5, 30)],
)
def test_what_is_expected_of_an_angle_lies_nearest_to_the_reading(before: float, last: float, expected: float) -> None:
    angles = Angles.of(["real", "degrees", "real", "radians"])
    runner = Runner(angles.fold(as_before(6), window=2).onnx)
    turned = np.deg2rad(before), np.deg2rad(last)
    found = runner(np.array([[[5, before, -7, turned[0]], [6, last, -8, turned[1]]]], np.float32)).expected
    assert found is not None
    assert found[0, [0, 2]].tolist() == [5, -7]
    assert found[0, 1] == pytest.approx(expected, abs=2e-3)
    assert np.rad2deg(found[0, 3]) == pytest.approx(expected, abs=2e-3)


def test_of_an_angle_without_a_direction_something_finite_is_expected() -> None:
    network = Network(window=2, channels=2)
    nowhere = network.op(
        "Mul", network.op("Gather", network.input, network.integers(0), attributes={"axis": 1}), network.constant(0)
    )
    score = network.op("ReduceMax", nowhere, network.integers([1]), attributes={"keepdims": 0})
    graph = Angles.of(["degrees"]).fold(network.seal(score, expected=nowhere), window=2)
    found = Runner(graph.onnx)(np.array([[[0], [50]], [[0], [3e38]]], np.float32)).expected
    assert found is not None
    assert found[0, 0] == pytest.approx(50, abs=1e-3)
    assert np.isfinite(found).all()
