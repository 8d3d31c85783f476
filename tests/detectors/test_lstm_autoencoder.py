from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tocsin.core.windows import Windows
from tocsin.detectors._lstm_network import LSTMAutoencoder as TorchNetwork
from tocsin.detectors._lstm_network import run
from tocsin.detectors.lstm_autoencoder import LSTMAutoencoder
from tocsin.graph.run import Runner

CHANNELS = 3


def test_dropout_thins_out_what_layers_hand_on() -> None:
    steps = torch.ones(5, 400, CHANNELS)
    network = TorchNetwork(channels=CHANNELS, hidden=(8,), dropout=0.25)
    zeros = (run(network.encoder, steps, dropout=0.25) == 0).double().mean().item()
    assert zeros == pytest.approx(0.25, abs=0.02)
    assert (run(network.eval().encoder, steps, dropout=0.25) != 0).all()


def test_last_looks_at_the_last_step_and_mean_at_all(waves: Callable[..., Windows]) -> None:
    windows = waves(300)
    usual, spiked = windows.take(slice(0, 50)), windows.take(slice(0, 50))
    spiked[:, 0] += 2
    gain = []
    for score in ("last", "mean"):
        detector = LSTMAutoencoder(hidden=(8, 4), epochs=8, device="cpu", score=score)
        runner = Runner(detector.fit(windows, seed=0).onnx)
        gain.append(np.median(runner(spiked).score - runner(usual).score))
    assert gain[1] > 0.3
    assert gain[0] < gain[1] / 3
