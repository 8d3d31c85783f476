"""The hybrid's ablation: its two parts are trained one after the other, and nothing else differs."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tocsin.core.windows import Windows
from tocsin.detectors import _torch
from tocsin.detectors._hybrid_network import (
    Hybrid,
    frozen_autoencoder,
    last_errors,
    prediction_loss,
    redrawing_loss,
)
from tocsin.detectors.ae_lstm import AutoencoderLSTM
from tocsin.detectors.ae_then_lstm import AutoencoderThenLSTM
from tocsin.graph.run import Runner

LENGTH, CHANNELS = 10, 3
PLAN = _torch.Plan(epochs=2, batch_size=32, learning_rate=1e-3, patience=5, max_windows=10**6, device="cpu", seed=3)


def waves(*, validation: Windows | None = None) -> Windows:
    """Return windows over three waves with a little noise."""
    rng = np.random.default_rng(0)
    wave = np.sin(np.arange(300)[:, None] / 5 + np.arange(CHANNELS))
    series = (wave + 0.03 * rng.standard_normal(wave.shape)).astype(np.float32)
    return Windows(series, np.arange(LENGTH - 1, 300), LENGTH, validation=validation)


def small(**settings: Any) -> AutoencoderThenLSTM:
    kept = {"span": 3, "hidden": 8, "latent": 4, "lstm": (8, 6), "epochs": 2, "batch_size": 32, "device": "cpu"}
    return AutoencoderThenLSTM(**{**kept, **settings})


def autoencoder(windows: Windows) -> torch.nn.Module:
    """Train the autoencoder alone, outside the detector."""
    return _torch.train(
        lambda: Hybrid(channels=CHANNELS, span=3, hidden=8, latent=4, lstm=(8, 6)), redrawing_loss, windows, plan=PLAN
    ).network


def test_graph_equals_two_trainings_in_pytorch() -> None:
    windows = waves()
    first = autoencoder(windows)
    encoder = [value.clone() for name, value in first.state_dict().items() if name.startswith("encoder")]
    both = _torch.train(lambda: frozen_autoencoder(first), prediction_loss, windows, plan=PLAN).network
    after = [value for name, value in both.state_dict().items() if name.startswith("encoder")]
    assert all(torch.equal(one, other) for one, other in zip(encoder, after, strict=True))
    expected = last_errors(both, torch.from_numpy(windows.take(slice(None)))).double().numpy().sum(axis=1)
    graph = small(combine="errors", alpha=1.0, beta=1.0).fit(windows, seed=3)
    found = Runner(graph.onnx)(windows.take(slice(None)))
    np.testing.assert_allclose(found.score, expected, atol=1e-6, rtol=1e-5)


def test_what_redraws_knows_nothing_of_the_lstm() -> None:
    """The autoencoder's part of the score is that of one that was trained alone."""
    windows = waves()
    every = torch.from_numpy(windows.take(slice(None)))
    expected = last_errors(autoencoder(windows), every)[:, 0].double().numpy()
    graph = small(combine="errors", alpha=1.0, beta=0.0).fit(windows, seed=3)
    np.testing.assert_allclose(Runner(graph.onnx)(every.numpy()).score, expected, atol=1e-6, rtol=1e-5)


def test_settings_and_defaults_are_those_of_the_hybrid() -> None:
    assert vars(AutoencoderThenLSTM()) == vars(AutoencoderLSTM())


def test_losses_of_both_are_remembered() -> None:
    curves = small(epochs=3).fit(waves(validation=waves()), seed=0).curves
    assert {name: len(curve) for name, curve in curves.items()} == {
        "training_loss": 3,
        "validation_loss": 3,
        "autoencoder_training_loss": 3,
        "autoencoder_validation_loss": 3,
    }


def test_default_network_has_the_stated_size() -> None:
    network = AutoencoderThenLSTM().build(5)
    stated = sum(value.numel() for value in network.parameters() if value.requires_grad)
    assert f"has {stated:,} parameters" in str(AutoencoderThenLSTM.__doc__)
