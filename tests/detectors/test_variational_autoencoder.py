from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from tocsin.core.windows import Windows
from tocsin.detectors._redrawing import lesson
from tocsin.detectors._torch import train
from tocsin.detectors._variational_network import VariationalAutoencoder as TorchNetwork
from tocsin.detectors._variational_network import evidence, penalty
from tocsin.detectors.variational_autoencoder import VariationalAutoencoder
from tocsin.graph.run import Runner

Waves = Callable[..., Windows]
LENGTH, CHANNELS = 7, 3


def _trained(windows: Windows, loss: str) -> TorchNetwork:
    told = lesson(evidence(loss), lambda seen: seen, faults=0.0, flattest=None)
    plan = VariationalAutoencoder(epochs=2).plan(3)
    return train(lambda: _network(LENGTH, CHANNELS, (6,)), told, windows, plan=plan).network


def _network(window: int, channels: int, hidden: tuple[int, ...], *, code: int = 2) -> TorchNetwork:
    return TorchNetwork(window=window, channels=channels, hidden=hidden, code=code, floor=0.05, dropout=0)


@pytest.mark.parametrize("loss", ["squared", "absolute", "huber"])
@pytest.mark.parametrize("score", ["last", "mean"])
def test_graph_equals_the_torch_network(
    loss: Literal["squared", "absolute", "huber"], score: Literal["last", "mean"], waves: Waves
) -> None:
    windows, detector = waves(), VariationalAutoencoder(score=score, loss=loss, hidden=(6,), code=2, epochs=2)
    trained = _trained(windows, loss)
    every = torch.from_numpy(windows.take(slice(None)))
    with torch.no_grad():
        mean, surprise, _ = trained(every)
        deviation = 0.05 * (surprise / 2).exp()
        parts = (penalty(loss, (every - mean) / deviation) + surprise / 2).double().numpy()
    expected = (parts[:, -1] if score == "last" else parts.mean(axis=1)) / CHANNELS
    found = Runner(detector.fit(windows, seed=3).onnx)(every.numpy())
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.score, expected.sum(axis=1), rtol=1e-4, atol=1e-5)
    assert found.expected is not None
    np.testing.assert_allclose(found.expected, mean[:, -1].numpy(), atol=1e-5)


def test_score_ranks_as_the_probability_of_a_normal_distribution_does(waves: Waves) -> None:
    windows, detector = waves(), VariationalAutoencoder(hidden=(6,), code=2, epochs=2, score="mean")
    trained = _trained(windows, "squared")
    every = torch.from_numpy(windows.take(slice(None)))
    with torch.no_grad():
        mean, surprise, _ = trained(every)
        noise = Normal(mean, 0.05 * (surprise / 2).exp())
        improbable = -noise.log_prob(every).mean(dim=(1, 2)).numpy()  # type: ignore[no-untyped-call]  # PyTorch leaves it so
    least = np.log(0.05 * np.sqrt(2 * np.pi))
    found = Runner(detector.fit(windows, seed=3).onnx)(every.numpy()).score
    np.testing.assert_allclose(found, improbable - least, rtol=1e-4, atol=1e-5)
    assert found.min() >= 0


@pytest.mark.parametrize(("loss", "expected"), [("squared", 2.0), ("absolute", 2.0), ("huber", 1.7855)])
def test_penalty_of_two_deviations_by_hand(loss: str, expected: float) -> None:
    assert penalty(loss, torch.tensor([2.0])).item() == pytest.approx(expected, rel=1e-5)


def test_divergence_is_that_from_a_standard_normal() -> None:
    network = _network(1, 1, (4,), code=3).eval()
    means_and_log_variances = torch.tensor([1.0, 0, -2, 0, np.log(4), 0])
    network.encoder[-1].load_state_dict({"weight": torch.zeros(6, 4), "bias": means_and_log_variances})
    with torch.no_grad():
        divergence = network(torch.zeros(1, 1, 1))[2]
    code = Normal(torch.tensor([1.0, 0, -2]), torch.tensor([1.0, 2, 1]))
    expected = kl_divergence(code, Normal(torch.zeros(3), torch.ones(3)))
    assert divergence.item() == pytest.approx(expected.sum().item(), rel=1e-5)


def test_it_knows_which_channel_is_noisy() -> None:
    rng = np.random.default_rng(4)
    series = (rng.standard_normal((2000, 2)) * [1.0, 0.1]).astype(np.float32)
    windows = Windows(series, np.arange(len(series)), 1)
    detector = VariationalAutoencoder(hidden=(8,), code=1, epochs=20, learning_rate=5e-3)
    runner = Runner(detector.fit(windows, seed=0).onnx)
    usual, noisy, quiet = runner(np.array([[[0, 0]], [[1, 0]], [[0, 1]]], np.float32)).score
    assert noisy - usual < 1
    assert quiet - usual > 10
