from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tocsin.core.windows import Windows
from tocsin.detectors._cnn_network import CNNAutoencoder as TorchNetwork
from tocsin.detectors.cnn_autoencoder import CNNAutoencoder
from tocsin.graph.run import Runner

CHANNELS = 3


def _network(window: int, channels: int, filters: tuple[int, ...], *, kernel: int = 3, code: int = 2) -> TorchNetwork:
    return TorchNetwork(window=window, channels=channels, filters=filters, kernel=kernel, code=code, dropout=0)


@pytest.mark.parametrize("window", [1, 2, 5, 8, 33])
def test_any_length_is_redrawn_in_full(window: int, waves: Callable[..., Windows]) -> None:
    windows = waves(length=window)
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
