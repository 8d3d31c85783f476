from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from tocsin.core.windows import Windows
from tocsin.detectors._transformer_network import TransformerAutoencoder
from tocsin.detectors.transformer import Transformer
from tocsin.graph.run import Runner

Waves = Callable[..., Windows]
LENGTH, CHANNELS = 7, 3


def _network(window: int, channels: int, width: int, *, heads: int, layers: int, code: int) -> TransformerAutoencoder:
    return TransformerAutoencoder(
        window=window, channels=channels, width=width, heads=heads, layers=layers, code=code, dropout=0
    )


def test_the_code_is_all_that_passes(waves: Waves) -> None:
    network = _network(LENGTH, CHANNELS, 8, heads=2, layers=1, code=3).eval()
    with torch.no_grad():
        network.code.weight.zero_()
        one, other = network(torch.from_numpy(waves().take(np.array([0, 90]))))
    assert torch.equal(one, other)


def test_steps_in_a_wrong_order_are_found(waves: Waves) -> None:
    windows = waves()
    strange = windows.take(slice(None))[:, ::-1]
    detector = Transformer(width=16, code=4, batch_size=16, learning_rate=5e-3, epochs=30, score="mean")
    runner = Runner(detector.fit(windows, seed=0).onnx)
    usual, found = runner(windows.take(slice(None))).score, runner(strange).score
    assert np.median(found) > 2 * np.median(usual)
