from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tocsin.core.windows import Windows
from tocsin.detectors._dense_network import spoiled
from tocsin.detectors.denoising_autoencoder import DenoisingAutoencoder
from tocsin.graph.run import Runner


@pytest.mark.parametrize(("noise", "swapped", "expected"), [(0.5, 0.0, 0.25), (0.0, 0.5, 1.0), (0.5, 0.5, 1.25)])
def test_windows_are_spoiled_as_stated(noise: float, swapped: float, expected: float) -> None:
    # Two values of a standard normal channel differ by 2 in the mean square, and half of the channels are swapped.
    windows = torch.from_numpy(np.random.default_rng(1).standard_normal((4000, 3, 4)).astype(np.float32))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found = ((spoiled(windows, noise=noise, swapped=swapped) - windows) ** 2).mean()
    assert found.item() == pytest.approx(expected, rel=0.05)


def test_a_channel_of_another_time_is_restored_from_the_others(waves: Callable[..., Windows]) -> None:
    windows = waves()
    strange = windows.take(slice(None))
    strange[:, :, 1] = np.roll(strange[:, :, 1], 22, axis=0)
    detector = DenoisingAutoencoder(hidden=(32, 8), batch_size=16, learning_rate=5e-3, swapped=0.3)
    runner = Runner(detector.fit(windows, seed=0).onnx)
    usual, found = runner(windows.take(slice(None))), runner(strange)
    assert np.median(found.score) > 5 * np.median(usual.score)
    assert found.by_channel is not None
    assert found.by_channel.mean(axis=0).argmax() == 1
