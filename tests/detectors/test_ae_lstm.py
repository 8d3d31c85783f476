"""The hybrid against its own network in PyTorch: both errors, how they are combined, and what each part finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tocsin.core.arrays import FloatArray
from tocsin.core.errors import InputError, SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._hybrid_network import Hybrid, joint_loss, last_errors
from tocsin.detectors._tail import rarity
from tocsin.detectors._torch import train
from tocsin.detectors.ae_lstm import AutoencoderLSTM
from tocsin.graph.run import Runner

Waves = Callable[..., Windows]
LENGTH, CHANNELS = 7, 3


def small(**settings: Any) -> AutoencoderLSTM:
    kept = {"span": 3, "hidden": 8, "latent": 4, "lstm": (8, 6), "epochs": 2, "batch_size": 32, "device": "cpu"}
    return AutoencoderLSTM(**{**kept, **settings})


def network_of(windows: Windows, *, seed: int) -> Hybrid:
    """Train the same network outside the detector."""
    return train(lambda: small().build(CHANNELS), joint_loss, windows, plan=small().plan(seed)).network


def errors_of(network: Hybrid, windows: Windows) -> FloatArray:
    return last_errors(network, torch.from_numpy(windows.take(slice(None)))).double().numpy()


def score(detector: AutoencoderLSTM, windows: Windows, *, seed: int = 3) -> FloatArray:
    found = Runner(detector.fit(windows, seed=seed).onnx)(windows.take(slice(None)))
    return found.score.astype(np.float64)


@pytest.mark.parametrize("length", [4, 10])
@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 0.0), (0.0, 1.0), (0.3, 2.0)])
def test_errors_add_up_as_the_paper_says(alpha: float, beta: float, length: int, waves: Waves) -> None:
    windows = waves(length=length)
    expected = errors_of(network_of(windows, seed=3), windows) @ [alpha, beta]
    found = score(small(combine="errors", alpha=alpha, beta=beta), windows)
    np.testing.assert_allclose(found, expected, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("beta", [0.5, 0.0])
def test_what_is_expected_is_predicted_and_without_the_lstm_redrawn(beta: float, waves: Waves) -> None:
    windows = waves()
    found = Runner(small(beta=beta).fit(windows, seed=3).onnx)(windows.take(slice(None))).expected
    network = network_of(windows, seed=3)
    with torch.no_grad():
        read = network(torch.from_numpy(windows.take(slice(None))))
    expected = read.predicted[:, -1] if beta else read.redrawn[:, -1, -CHANNELS:]
    assert found is not None
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-5)


def test_both_losses_are_those_of_the_paper(waves: Waves) -> None:
    """Mean squared errors of every patch redrawn and of every reading predicted, from what lies before it."""
    windows = torch.from_numpy(waves(length=10).take(slice(0, 20)))
    network = Hybrid(channels=CHANNELS, span=3, hidden=8, latent=4, lstm=(8,)).eval()
    with torch.no_grad():
        read = network(windows)
        loss = joint_loss(network, windows).item()
        changed = windows.clone()
        changed[:, 6:] += 1
        later = network(changed)
    patch = windows[:, 2:5].reshape(20, -1)
    np.testing.assert_array_equal(read.patches[:, 2].numpy(), patch.numpy())
    np.testing.assert_array_equal(read.following[:, 2].numpy(), windows[:, 5].numpy())
    expected = ((read.redrawn - read.patches) ** 2).mean() + ((read.predicted - read.following) ** 2).mean()
    assert loss == pytest.approx(expected.item(), rel=1e-6)
    same = (later.predicted - read.predicted).abs().amax(dim=(0, 2)) == 0
    assert same.tolist() == [True] * 4 + [False] * 3


def test_by_default_both_speak_in_rarity_among_held_out_readings(waves: Waves) -> None:
    held_out = waves(200, seed=9)
    windows = waves(validation=held_out)
    network = network_of(windows, seed=3)
    learned, judged = errors_of(network, held_out), errors_of(network, windows)
    expected = 0.25 * rarity(learned[:, 0])(judged[:, 0]) + 0.5 * rarity(learned[:, 1])(judged[:, 1])
    np.testing.assert_allclose(score(small(alpha=0.25, beta=0.5), windows), expected, atol=1e-4, rtol=1e-4)


def test_one_in_a_hundred_new_readings_scores_two(waves: Waves) -> None:
    """With one part alone, the score is −log10 of the share of normal readings that are stranger."""
    held_out, windows = waves(4000, seed=1), waves(4000, seed=2)
    detector = small(alpha=0.0, beta=1.0, epochs=3, learning_rate=5e-3)
    learned = Windows(windows.series, windows.end[:2000], LENGTH, validation=held_out)
    found = Runner(detector.fit(learned, seed=0).onnx)(windows.take(slice(2000, None))).score
    assert 0.005 < (found > 2).mean() < 0.02
    assert 0.05 < (found > 1).mean() < 0.2


def test_without_held_out_windows_the_training_windows_serve(waves: Waves) -> None:
    windows = waves()
    learned = errors_of(network_of(windows, seed=3), windows)
    expected = sum(0.5 * rarity(learned[:, k])(learned[:, k]) for k in range(2))
    np.testing.assert_allclose(score(small(), windows), expected, atol=1e-4, rtol=1e-4)


def test_shares_follow_the_squared_errors_of_each_part(waves: Waves) -> None:
    windows = waves()
    each = [Runner(small(alpha=a, beta=1.0 - a).fit(windows, seed=3).onnx) for a in (1.0, 0.0, 0.5)]
    taken = windows.take(slice(None))
    redrawn, predicted, both = (runner(taken).by_channel for runner in each)
    assert redrawn is not None
    assert predicted is not None
    assert both is not None
    np.testing.assert_allclose(both, (redrawn + predicted) / 2, atol=1e-5)


@pytest.mark.parametrize("combine", ["rarity", "errors"])
def test_usual_values_at_a_wrong_time_are_strange_and_the_channel_is_named(combine: str, waves: Waves) -> None:
    windows = waves(1000)
    runner = Runner(small(epochs=25, learning_rate=5e-3, combine=combine).fit(windows, seed=0).onnx)
    changed = windows.take(slice(16, None))
    changed[:, -1, 1] = windows.series[windows.end[16:] - 16, 1]
    found = runner(changed)
    assert found.by_channel is not None
    assert np.median(found.score) > np.quantile(runner(windows.take(slice(None))).score, 0.999)
    assert (found.by_channel.argmax(axis=1) == 1).mean() > 0.8


def test_a_greater_error_never_scores_less(waves: Waves) -> None:
    windows = waves()
    runner = Runner(small(alpha=0.0, beta=1.0).fit(windows, seed=0).onnx)
    grown = np.repeat(windows.take(slice(0, 1)), 400, axis=0)
    grown[:, -1] = np.geomspace(3, 100, 400)[:, None]
    found = runner(grown).score
    assert (np.diff(found) >= 0).all()
    assert found[-1] > 2 * found[0] > 0


def test_the_representation_is_a_quarter_of_what_it_holds_unless_stated() -> None:
    assert AutoencoderLSTM().build(5).encoder[1].out_features == 6
    assert AutoencoderLSTM(span=1).build(1).encoder[1].out_features == 1
    assert AutoencoderLSTM(latent=9).build(5).encoder[1].out_features == 9


def test_a_window_must_be_longer_than_the_span(waves: Waves) -> None:
    with pytest.raises(InputError, match="at least 4 readings"):
        small().fit(waves(length=3), seed=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alpha", -0.1),
        ("beta", float("nan")),
        ("alpha", float("inf")),
        ("combine", "sum"),
        ("span", 0),
        ("hidden", 0),
        ("latent", 0),
        ("lstm", ()),
        ("lstm", (8, 0)),
    ],
)
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    with pytest.raises(SettingError, match=name):
        small(**{name: value})


def test_weights_of_nothing_are_refused() -> None:
    with pytest.raises(SettingError, match="alpha is 0"):
        small(alpha=0, beta=0)
