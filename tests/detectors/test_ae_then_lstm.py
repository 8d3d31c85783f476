"""The hybrid's ablation: its two parts are trained one after the other, and nothing else differs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tocsin.core.windows import Windows
from tocsin.detectors._hybrid_network import (
    Hybrid,
    frozen_autoencoder,
    last_errors,
    prediction_loss,
    redrawing_loss,
)
from tocsin.detectors._torch import train
from tocsin.detectors.ae_lstm import AutoencoderLSTM
from tocsin.detectors.ae_then_lstm import AutoencoderThenLSTM
from tocsin.graph.run import Runner

Waves = Callable[..., Windows]
CHANNELS = 3


def small(**settings: Any) -> AutoencoderThenLSTM:
    kept = {"span": 3, "hidden": 8, "latent": 4, "lstm": (8, 6), "epochs": 2, "batch_size": 32, "device": "cpu"}
    return AutoencoderThenLSTM(**{**kept, **settings})


def autoencoder(windows: Windows) -> Hybrid:
    """Train the autoencoder alone, outside the detector."""
    return train(lambda: small().build(CHANNELS), redrawing_loss, windows, plan=small().plan(3)).network


def test_graph_equals_two_trainings_in_pytorch(waves: Waves) -> None:
    windows = waves()
    first = autoencoder(windows)
    encoder = [value.clone() for name, value in first.state_dict().items() if name.startswith("encoder")]
    both = train(lambda: frozen_autoencoder(first), prediction_loss, windows, plan=small().plan(3)).network
    after = [value for name, value in both.state_dict().items() if name.startswith("encoder")]
    assert all(torch.equal(one, other) for one, other in zip(encoder, after, strict=True))
    expected = last_errors(both, torch.from_numpy(windows.take(slice(None)))).double().numpy().sum(axis=1)
    graph = small(combine="errors", alpha=1.0, beta=1.0).fit(windows, seed=3)
    found = Runner(graph.onnx)(windows.take(slice(None)))
    np.testing.assert_allclose(found.score, expected, atol=1e-6, rtol=1e-5)


def test_what_redraws_knows_nothing_of_the_lstm(waves: Waves) -> None:
    """The autoencoder's part of the score is that of one that was trained alone."""
    windows = waves()
    every = torch.from_numpy(windows.take(slice(None)))
    expected = last_errors(autoencoder(windows), every)[:, 0].double().numpy()
    graph = small(combine="errors", alpha=1.0, beta=0.0).fit(windows, seed=3)
    np.testing.assert_allclose(Runner(graph.onnx)(every.numpy()).score, expected, atol=1e-6, rtol=1e-5)


def test_settings_and_defaults_are_those_of_the_hybrid() -> None:
    assert vars(AutoencoderThenLSTM()) == vars(AutoencoderLSTM())


def test_losses_of_both_are_remembered(waves: Waves) -> None:
    curves = small(epochs=3).fit(waves(validation=waves()), seed=0).curves
    assert {name: len(curve) for name, curve in curves.items()} == {
        "training_loss": 3,
        "validation_loss": 3,
        "autoencoder_training_loss": 3,
        "autoencoder_validation_loss": 3,
    }
