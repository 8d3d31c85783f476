from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch

from tocsin.core.windows import Windows
from tocsin.detectors._cnn_lstm_network import ConvolutionalLSTM
from tocsin.detectors._torch import learn, reconstruction
from tocsin.detectors.cnn_lstm import CNNLSTM
from tocsin.graph.run import Runner

LENGTH, CHANNELS = 7, 3


def _windows() -> Windows:
    angle = np.arange(200)[:, None] / 7 + np.arange(CHANNELS)
    noise = np.random.default_rng(0).standard_normal((200, CHANNELS))
    series = (np.sin(angle) + 0.05 * noise).astype(np.float32)
    return Windows(series, np.arange(LENGTH - 1, 200), LENGTH)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("score", ["last", "mean"])
def test_graph_equals_the_torch_network(cell: Literal["lstm", "gru"], score: Literal["last", "mean"]) -> None:
    windows, detector = _windows(), CNNLSTM(score=score, filters=6, hidden=(5, 4), cell=cell, epochs=2)
    loss = reconstruction("squared")
    trained, _ = learn(detector, lambda: _network(CHANNELS, 6, (5, 4), cell), loss, windows, seed=3)
    every = torch.from_numpy(windows.take(slice(None)))
    with torch.no_grad():
        error = ((trained(every) - every) ** 2).double().numpy()
    expected = (error[:, -1] if score == "last" else error.mean(axis=1)) / CHANNELS
    found = Runner(detector.fit(windows, seed=3).onnx)(every.numpy())
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, expected, atol=1e-6, rtol=1e-4)
    np.testing.assert_allclose(found.score, expected.sum(axis=1), atol=1e-6, rtol=1e-4)


def test_default_network_has_the_stated_size() -> None:
    settings = CNNLSTM()
    network = _network(5, settings.filters, settings.hidden, settings.cell)
    assert sum(weight.numel() for weight in network.parameters() if weight.requires_grad) == 34_933


def _network(channels: int, filters: int, hidden: tuple[int, ...], cell: str) -> ConvolutionalLSTM:
    return ConvolutionalLSTM(channels=channels, filters=filters, kernel=3, hidden=hidden, cell=cell, dropout=0)


def test_a_wave_that_stands_still_is_found() -> None:
    windows = _windows()
    strange = windows.take(slice(None))
    strange[:] = strange[:, :1]
    detector = CNNLSTM(filters=8, hidden=(16,), batch_size=16, learning_rate=1e-2, epochs=30, score="mean")
    runner = Runner(detector.fit(windows, seed=0).onnx)
    usual, found = runner(windows.take(slice(None))).score, runner(strange).score
    assert np.median(found) > 2 * np.median(usual)
