from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from tocsin.core.windows import Windows
from tocsin.detectors._dense_network import DenseAutoencoder
from tocsin.detectors._reconstruction import redrawing_error
from tocsin.detectors.autoencoder import Autoencoder
from tocsin.graph.network import Network
from tocsin.graph.run import Runner


def test_score_by_hand() -> None:
    network = DenseAutoencoder(window=1, channels=2, hidden=(1,), dropout=0)
    network.encoder[0].load_state_dict({"weight": torch.tensor([[0.6, 0.8]]), "bias": torch.zeros(1)})
    network.decoder[0].load_state_dict({"weight": torch.tensor([[0.6], [0.8]]), "bias": torch.zeros(2)})
    graph = Network(window=1, channels=2)
    redrawn = network.write(graph, graph.input)
    found = Runner(graph.seal(*redrawing_error(graph, graph.input, redrawn, score="last")).onnx)
    # What lies along (.6, .8) is redrawn; (−8, 6) is 10 away from it, as a mean over two channels 50.
    scores = found(np.array([[[3, 4]], [[-8, 6]], [[-5, 10]]], np.float32))
    np.testing.assert_allclose(scores.score, [0, 50, 50], atol=1e-4)
    assert scores.by_channel is not None
    np.testing.assert_allclose(scores.by_channel[1], [32, 18], rtol=1e-5)


def test_channels_that_no_longer_agree_are_found(waves: Callable[..., Windows]) -> None:
    windows = waves()
    strange = windows.take(slice(None))
    strange[:, :, 1] = np.roll(strange[:, :, 1], 22, axis=0)
    runner = Runner(Autoencoder(hidden=(16, 3), batch_size=16, learning_rate=5e-3).fit(windows, seed=0).onnx)
    usual, found = runner(windows.take(slice(None))).score, runner(strange).score
    assert np.median(found) > 5 * np.median(usual)
