from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch

from tocsin.core.windows import Windows
from tocsin.detectors._cnn_network import CNNAutoencoder as TorchNetwork
from tocsin.detectors._torch import learn, reconstruction
from tocsin.detectors.cnn_autoencoder import CNNAutoencoder
from tocsin.graph.run import Runner

LENGTH, CHANNELS = 7, 3


def _windows() -> Windows:
    angle = np.arange(200)[:, None] / 7 + np.arange(CHANNELS)
    noise = np.random.default_rng(0).standard_normal((200, CHANNELS))
    series = (np.sin(angle) + 0.05 * noise).astype(np.float32)
    return Windows(series, np.arange(LENGTH - 1, 200), LENGTH)


@pytest.mark.parametrize("score", ["last", "mean"])
def test_graph_equals_the_torch_network(score: Literal["last", "mean"]) -> None:
    windows, detector = _windows(), CNNAutoencoder(score=score, filters=(6, 4), kernel=3, code=2, epochs=2)
    trained, _ = learn(detector, lambda: _network(LENGTH, CHANNELS, (6, 4)), reconstruction("squared"), windows, seed=3)
    every = torch.from_numpy(windows.take(slice(None)))
    with torch.no_grad():
        error = ((trained(every) - every) ** 2).double().numpy()
    expected = (error[:, -1] if score == "last" else error.mean(axis=1)) / CHANNELS
    found = Runner(detector.fit(windows, seed=3).onnx)(every.numpy())
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, expected, atol=1e-6, rtol=1e-4)
    np.testing.assert_allclose(found.score, expected.sum(axis=1), atol=1e-6, rtol=1e-4)


def test_default_network_has_the_stated_size() -> None:
    settings, windows = CNNAutoencoder(), CNNAutoencoder.default_window
    network = _network(windows, 5, settings.filters, kernel=settings.kernel, code=settings.code)
    assert sum(weight.numel() for weight in network.parameters() if weight.requires_grad) == 12_552


def _network(window: int, channels: int, filters: tuple[int, ...], *, kernel: int = 3, code: int = 2) -> TorchNetwork:
    return TorchNetwork(window=window, channels=channels, filters=filters, kernel=kernel, code=code, dropout=0)


@pytest.mark.parametrize("window", [1, 2, 5, 8, 33])
def test_any_length_is_redrawn_in_full(window: int) -> None:
    series = _windows().series
    windows = Windows(series, np.arange(window - 1, len(series)), window)
    graph = CNNAutoencoder(filters=(6, 4, 3), epochs=1, score="mean").fit(windows, seed=0)
    assert np.isfinite(Runner(graph.onnx)(windows.take(slice(0, 3))).score).all()


def test_each_layer_halves_the_window() -> None:
    network = _network(9, CHANNELS, (6, 4))
    lengths = [9]
    steps = torch.zeros(1, CHANNELS, 9)
    for layer in network.encoder:
        steps = layer(steps)
        lengths.append(steps.shape[2])
    assert lengths == [9, 5, 3]
