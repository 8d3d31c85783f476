from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch

from tocsin.core.windows import Windows
from tocsin.detectors._torch import learn, reconstruction
from tocsin.detectors._transformer_network import TransformerAutoencoder
from tocsin.detectors.transformer import Transformer
from tocsin.graph.run import Runner

LENGTH, CHANNELS = 7, 3


def _windows() -> Windows:
    angle = np.arange(200)[:, None] / 7 + np.arange(CHANNELS)
    noise = np.random.default_rng(0).standard_normal((200, CHANNELS))
    series = (np.sin(angle) + 0.05 * noise).astype(np.float32)
    return Windows(series, np.arange(LENGTH - 1, 200), LENGTH)


@pytest.mark.parametrize("score", ["last", "mean"])
def test_graph_equals_the_torch_network(score: Literal["last", "mean"]) -> None:
    windows, detector = _windows(), Transformer(score=score, width=8, heads=2, layers=2, code=3, epochs=2)

    def build() -> TransformerAutoencoder:
        return _network(LENGTH, CHANNELS, 8, heads=2, layers=2, code=3)

    trained, _ = learn(detector, build, reconstruction("squared"), windows, seed=3)
    every = torch.from_numpy(windows.take(slice(None)))
    with torch.no_grad():
        error = ((trained(every) - every) ** 2).double().numpy()
    expected = (error[:, -1] if score == "last" else error.mean(axis=1)) / CHANNELS
    found = Runner(detector.fit(windows, seed=3).onnx)(every.numpy())
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, expected, atol=1e-6, rtol=1e-4)
    np.testing.assert_allclose(found.score, expected.sum(axis=1), atol=1e-6, rtol=1e-4)


def test_default_network_has_the_stated_size() -> None:
    settings, windows = Transformer(), Transformer.default_window
    network = _network(windows, 5, settings.width, heads=settings.heads, layers=settings.layers, code=settings.code)
    assert sum(weight.numel() for weight in network.parameters() if weight.requires_grad) == 19_985


def _network(window: int, channels: int, width: int, *, heads: int, layers: int, code: int) -> TransformerAutoencoder:
    return TransformerAutoencoder(
        window=window, channels=channels, width=width, heads=heads, layers=layers, code=code, dropout=0
    )


def test_the_code_is_all_that_passes() -> None:
    network = _network(LENGTH, CHANNELS, 8, heads=2, layers=1, code=3).eval()
    with torch.no_grad():
        network.code.weight.zero_()
        one, other = network(torch.from_numpy(_windows().take(np.array([0, 90]))))
    assert torch.equal(one, other)


def test_steps_in_a_wrong_order_are_found() -> None:
    windows = _windows()
    strange = windows.take(slice(None))[:, ::-1]
    detector = Transformer(width=16, code=4, batch_size=16, learning_rate=5e-3, epochs=30, score="mean")
    runner = Runner(detector.fit(windows, seed=0).onnx)
    usual, found = runner(windows.take(slice(None))).score, runner(strange).score
    assert np.median(found) > 2 * np.median(usual)
