from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch

from tocsin.core.windows import Windows
from tocsin.detectors._dense_network import DenseAutoencoder, denoising
from tocsin.detectors._torch import distance, learn
from tocsin.detectors.denoising_autoencoder import DenoisingAutoencoder
from tocsin.graph.run import Runner

LENGTH, CHANNELS = 7, 3


def _windows() -> Windows:
    angle = np.arange(200)[:, None] / 7 + np.arange(CHANNELS)
    noise = np.random.default_rng(0).standard_normal((200, CHANNELS))
    series = (np.sin(angle) + 0.05 * noise).astype(np.float32)
    return Windows(series, np.arange(LENGTH - 1, 200), LENGTH)


@pytest.mark.parametrize("score", ["last", "mean"])
def test_graph_equals_the_torch_network(score: Literal["last", "mean"]) -> None:
    windows, detector = _windows(), DenoisingAutoencoder(score=score, hidden=(6, 2), epochs=2)
    loss = denoising(distance("squared"), noise=detector.noise, swapped=detector.swapped)
    trained, _ = learn(detector, _network, loss, windows, seed=3)
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
    settings, windows = DenoisingAutoencoder(), DenoisingAutoencoder.default_window
    network = DenseAutoencoder(window=windows, channels=5, hidden=settings.hidden, dropout=0)
    assert sum(weight.numel() for weight in network.parameters() if weight.requires_grad) == 8_642


class _Copy(torch.nn.Module):
    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        return windows


@pytest.mark.parametrize(("noise", "swapped", "expected"), [(0.5, 0.0, 0.25), (0.0, 0.5, 1.0), (0.5, 0.5, 1.25)])
def test_windows_are_spoiled_as_stated(noise: float, swapped: float, expected: float) -> None:
    # Two values of a standard normal channel differ by 2 in the mean square, and half of the channels are swapped.
    windows = torch.from_numpy(np.random.default_rng(1).standard_normal((4000, 3, 4)).astype(np.float32))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        loss = denoising(distance("squared"), noise=noise, swapped=swapped)(_Copy().train(), windows)
    assert loss.item() == pytest.approx(expected, rel=0.05)


def test_nothing_is_spoiled_outside_training() -> None:
    loss = denoising(distance("squared"), noise=0.5, swapped=0.5)
    assert loss(_Copy().eval(), torch.ones(5, 2, 3)).item() == 0


def test_a_channel_of_another_time_is_restored_from_the_others() -> None:
    windows = _windows()
    strange = windows.take(slice(None))
    strange[:, :, 1] = np.roll(strange[:, :, 1], 22, axis=0)
    detector = DenoisingAutoencoder(hidden=(32, 8), batch_size=16, learning_rate=5e-3, swapped=0.3)
    runner = Runner(detector.fit(windows, seed=0).onnx)
    usual, found = runner(windows.take(slice(None))), runner(strange)
    assert np.median(found.score) > 5 * np.median(usual.score)
    assert found.by_channel is not None
    assert found.by_channel.mean(axis=0).argmax() == 1
