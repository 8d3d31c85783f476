from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch

from tocsin.core.windows import Windows
from tocsin.detectors._dense_network import DenseAutoencoder, write_autoencoder
from tocsin.detectors._reconstruction import redrawing_error
from tocsin.detectors._torch import learn, reconstruction
from tocsin.detectors.autoencoder import Autoencoder
from tocsin.graph.network import Network
from tocsin.graph.run import Runner

LENGTH, CHANNELS = 7, 3


def _windows() -> Windows:
    angle = np.arange(200)[:, None] / 7 + np.arange(CHANNELS)
    noise = np.random.default_rng(0).standard_normal((200, CHANNELS))
    series = (np.sin(angle) + 0.05 * noise).astype(np.float32)
    return Windows(series, np.arange(LENGTH - 1, 200), LENGTH)


@pytest.mark.parametrize("score", ["last", "mean"])
def test_graph_equals_the_torch_network(score: Literal["last", "mean"]) -> None:
    windows, detector = _windows(), Autoencoder(score=score, hidden=(6, 2), epochs=2)
    trained, _ = learn(detector, _network, reconstruction("squared"), windows, seed=3)
    every = torch.from_numpy(windows.take(slice(None)))
    with torch.no_grad():
        error = ((trained(every) - every) ** 2).double().numpy()
    expected = (error[:, -1] if score == "last" else error.mean(axis=1)) / CHANNELS
    found = Runner(detector.fit(windows, seed=3).onnx)(every.numpy())
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, expected, atol=1e-6, rtol=1e-4)
    np.testing.assert_allclose(found.score, expected.sum(axis=1), atol=1e-6, rtol=1e-4)


def _network() -> DenseAutoencoder:
    return DenseAutoencoder(window=LENGTH, channels=CHANNELS, hidden=(6, 2), dropout=0)


def test_default_network_has_the_stated_size() -> None:
    settings, windows = Autoencoder(), Autoencoder.default_window
    network = DenseAutoencoder(window=windows, channels=5, hidden=settings.hidden, dropout=0)
    assert sum(weight.numel() for weight in network.parameters() if weight.requires_grad) == 7_610


def test_score_by_hand() -> None:
    network = DenseAutoencoder(window=1, channels=2, hidden=(1,), dropout=0)
    network.encoder[0].load_state_dict({"weight": torch.tensor([[0.6, 0.8]]), "bias": torch.zeros(1)})
    network.decoder[0].load_state_dict({"weight": torch.tensor([[0.6], [0.8]]), "bias": torch.zeros(2)})
    graph = Network(window=1, channels=2)
    redrawn = write_autoencoder(graph, network, graph.input)
    found = Runner(graph.seal(*redrawing_error(graph, graph.input, redrawn, score="last")).onnx)
    # What lies along (.6, .8) is redrawn; (−8, 6) is 10 away from it, as a mean over two channels 50.
    scores = found(np.array([[[3, 4]], [[-8, 6]], [[-5, 10]]], np.float32))
    np.testing.assert_allclose(scores.score, [0, 50, 50], atol=1e-4)
    assert scores.by_channel is not None
    np.testing.assert_allclose(scores.by_channel[1], [32, 18], rtol=1e-5)


def test_channels_that_no_longer_agree_are_found() -> None:
    windows = _windows()
    strange = windows.take(slice(None))
    strange[:, :, 1] = np.roll(strange[:, :, 1], 22, axis=0)
    runner = Runner(Autoencoder(hidden=(16, 3), batch_size=16, learning_rate=5e-3).fit(windows, seed=0).onnx)
    usual, found = runner(windows.take(slice(None))).score, runner(strange).score
    assert np.median(found) > 5 * np.median(usual)
