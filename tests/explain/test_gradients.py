"""Integrated gradients from the graph against PyTorch's own derivatives, and against scores with known answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.discover import load
from tocsin.core.windows import Windows
from tocsin.detectors._learning import bounded
from tocsin.detectors._torch import train
from tocsin.explain.gradients import MOST, integrated_gradients
from tocsin.graph.fold import scaled
from tocsin.graph.network import Network
from tocsin.graph.run import Runner

LENGTH, CHANNELS = 8, 3
SMALL: dict[str, dict[str, Any]] = {
    "lstm_autoencoder": {"hidden": (12, 6)},
    "cnn_autoencoder": {"filters": (8, 6)},
}


def waves(rows: int = 300) -> Windows:
    angle = np.arange(rows)[:, None] / 6 + np.arange(CHANNELS)
    noise = np.random.default_rng(0).standard_normal((rows, CHANNELS))
    series = (np.sin(angle) + 0.05 * noise).astype(np.float32)
    return Windows(series, np.arange(LENGTH - 1, rows), LENGTH)


def strange(windows: Windows, place: int = 100) -> Float32Array:
    """Return a window whose second channel goes astray in its last three readings."""
    window: Float32Array = windows.take(np.array([place]))[0]
    window[-3:, 1] += np.float32(1.5)
    return window


def runner_of(score: str, network: Network) -> Runner:
    return Runner(network.seal(network.op("Reshape", score, network.integers([-1]))).onnx)


def by_torch(network: nn.Module, window: Float32Array, *, steps: int = 512) -> FloatArray:
    """Return integrated gradients of the mean squared error of the last step, from zero."""
    whole = torch.from_numpy(window)
    places = (torch.arange(steps)[:, None, None] + 0.5) / steps
    points = (places * whole).requires_grad_()
    ((network(points) - points)[:, -1] ** 2).mean(dim=1).sum().backward()
    assert points.grad is not None
    return np.asarray((whole * points.grad.mean(dim=0)).double().numpy())


@pytest.mark.parametrize("name", ["lstm_autoencoder", "cnn_autoencoder"])
def test_the_graph_has_the_gradients_of_the_network(name: str) -> None:
    detector = load("detectors", name)(**SMALL[name], epochs=4, batch_size=32, learning_rate=5e-3, device="cpu")

    def loss(network: nn.Module, seen: torch.Tensor) -> torch.Tensor:
        return nn.functional.mse_loss(network(seen), seen)

    windows = waves()
    trained = train(lambda: detector.build(LENGTH, CHANNELS), loss, windows, plan=detector.plan(0)).network
    graph = Network(window=LENGTH, channels=CHANNELS)
    judged = detector.judge(graph, trained, bounded(graph))
    runner = Runner(graph.seal(judged.score).onnx)
    window = strange(windows)
    found = integrated_gradients(runner, window, usual=np.zeros(CHANNELS))
    expected = by_torch(trained.eval(), window)
    assert found.complete
    np.testing.assert_allclose(found.parts, expected, atol=0.01 * np.abs(expected).max())


def quick(name: str) -> Runner:
    kind = load("detectors", name)
    learning = {"epochs": 3} if "epochs" in kind.quick else {}
    return Runner(kind(**{**kind.quick, **learning}).fit(waves(), seed=0).onnx)


@pytest.mark.parametrize("name", ["autoencoder", "lstm_autoencoder", "lstm_predictor", "variational_autoencoder"])
def test_the_parts_make_up_the_rise(name: str) -> None:
    runner, windows = quick(name), waves()
    for place in (50, 120):
        found = integrated_gradients(runner, strange(windows, place), usual=np.zeros(CHANNELS))
        assert found.complete
        assert found.parts.sum() == pytest.approx(found.score - found.base, rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "ae_lstm",
        "ae_then_lstm",
        "cnn_autoencoder",
        "cnn_lstm",
        "cnn_predictor",
        "denoising_autoencoder",
        "graph_deviation",
        "transformer",
    ],
)
def test_the_parts_make_up_the_rise_for_all_networks(name: str) -> None:
    test_the_parts_make_up_the_rise(name)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_units_do_not_matter(unit: float) -> None:
    """A channel in µV and one around 2e7 kWh: the move is in proportion, and as float32 can make it."""
    network = Network(window=2, channels=2)
    flat = network.op("Reshape", network.input, network.integers([-1, 4]))
    squared = network.op("Mul", flat, flat)
    graph = network.seal(
        network.op("Reshape", network.op("MatMul", squared, network.constant(np.ones((4, 1)))), network.integers([-1]))
    )
    offset = np.array([0.0, 2e7])
    folded = scaled(graph, offset=offset, factor=np.array([1 / unit, 0.1]), clip=100.0)
    window = (offset + np.array([[1.0 * unit, 0.0], [3.0 * unit, 40.0]])).astype(np.float32)
    found = integrated_gradients(Runner(folded.onnx), window, usual=offset)
    assert found.complete
    np.testing.assert_allclose(found.parts, [[1, 0], [9, 16]], rtol=0.02, atol=0.02)


def test_a_product_is_shared_as_the_path_has_it() -> None:
    network = Network(window=1, channels=2)
    a, b = (network.op("Gather", network.input, network.integers([k]), attributes={"axis": 2}) for k in (0, 1))
    runner = runner_of(network.op("Mul", a, network.op("Mul", b, b)), network)
    found = integrated_gradients(runner, np.array([[3, 2]], np.float32), usual=np.zeros(2))
    # ∫ 3 · (2t)² dt = 4 for a; ∫ 2 · 2 · (3t) · (2t) dt = 8 for b; together 3 · 2² = 12.
    np.testing.assert_allclose(found.parts, [[4, 8]], rtol=0.01)


def test_steps_are_doubled_only_where_they_must_be() -> None:
    network = Network(window=1, channels=1)
    smooth = runner_of(network.op("Mul", network.input, network.input), network)
    assert integrated_gradients(smooth, np.array([[5]], np.float32), usual=np.zeros(1)).steps == 8
    network = Network(window=1, channels=1)
    above = network.op("Relu", network.op("Sub", network.input, network.constant(4.7)))
    late = runner_of(above, network)
    found = integrated_gradients(late, np.array([[5]], np.float32), usual=np.zeros(1))
    assert found.complete
    assert 8 < found.steps < MOST


def test_what_jumps_is_told_to_be_incomplete() -> None:
    network = Network(window=1, channels=1)
    jump = network.op("Cast", network.op("Greater", network.input, network.constant(0.3)), attributes={"to": 1})
    found = integrated_gradients(runner_of(jump, network), np.array([[1]], np.float32), usual=np.zeros(1))
    assert not found.complete
    assert found.steps == MOST
    assert found.runs == 2 + 2 * (MOST + 1)


def test_a_window_of_usual_values_has_nothing_to_explain() -> None:
    network = Network(window=2, channels=1)
    runner = runner_of(
        network.op("Gather", network.op("Abs", network.input), network.integers([1]), attributes={"axis": 1}), network
    )
    found = integrated_gradients(runner, np.full((2, 1), 0.5, np.float32), usual=np.array([0.5]))
    assert (found.parts.tolist(), found.missed, found.runs) == ([[0.0], [0.0]], 0.0, 2)
