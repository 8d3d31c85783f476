"""The CNN predictor against its own network in PyTorch, and on readings that are usual but come at a wrong time."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import InputError, SettingError
from tocsin.core.windows import Windows
from tocsin.detectors import _torch
from tocsin.detectors._forecast_networks import CNNForecast, forecast_loss
from tocsin.detectors.cnn_predictor import CNNPredictor
from tocsin.graph.run import Runner

LENGTH, CHANNELS = 12, 3


def waves(rows: int = 300, *, length: int = LENGTH, validation: Windows | None = None) -> Windows:
    """Return windows over three waves with a little noise."""
    rng = np.random.default_rng(0)
    wave = np.sin(np.arange(rows)[:, None] / 5 + np.arange(CHANNELS))
    series = (wave + 0.03 * rng.standard_normal((rows, CHANNELS))).astype(np.float32)
    return Windows(series, np.arange(length - 1, rows), length, validation=validation)


def small(**settings: Any) -> CNNPredictor:
    return CNNPredictor(**{"filters": (8, 6, 6), "kernel": 2, "batch_size": 32, "device": "cpu", **settings})


def by_torch(windows: Windows, *, epochs: int, seed: int) -> FloatArray:
    """Train the same network outside the detector, and return each channel's squared error over their number."""
    plan = _torch.Plan(
        epochs=epochs, batch_size=32, learning_rate=1e-3, patience=5, max_windows=10**6, device="cpu", seed=seed
    )
    trained = _torch.train(
        lambda: CNNForecast(channels=CHANNELS, filters=(8, 6, 6), kernel=2), forecast_loss, windows, plan=plan
    )
    every = torch.from_numpy(windows.take(slice(None)))
    with torch.no_grad():
        error = trained.network(every[:, :-1]) - every[:, -1]
    return np.asarray((error**2).double().numpy() / CHANNELS)


def at_a_wrong_time(windows: Windows, *, channel: int) -> Float32Array:
    """Return the windows with one channel's last value taken from half a wave earlier: usual, but not now."""
    changed = windows.take(slice(16, None))
    changed[:, -1, channel] = windows.series[windows.end[16:] - 16, channel]
    return changed


@pytest.mark.parametrize("length", [2, 5, 12])
def test_graph_equals_the_torch_network(length: int) -> None:
    windows = waves(length=length)
    found = Runner(small(epochs=2).fit(windows, seed=3).onnx)(windows.take(slice(None)))
    expected = by_torch(windows, epochs=2, seed=3)
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, expected, atol=1e-6, rtol=1e-5)
    np.testing.assert_allclose(found.score, expected.sum(axis=1), atol=1e-6, rtol=1e-5)


def test_usual_values_at_a_wrong_time_are_strange_and_the_channel_is_named() -> None:
    windows = waves(1000)
    runner = Runner(small(epochs=30, learning_rate=5e-3).fit(windows, seed=0).onnx)
    usual = runner(windows.take(slice(None))).score
    found = runner(at_a_wrong_time(windows, channel=1))
    assert found.by_channel is not None
    assert np.median(found.score) > 20 * np.median(usual)
    assert (found.by_channel.argmax(axis=1) == 1).mean() > 0.8


def test_what_it_expects_does_not_depend_on_the_reading_it_judges() -> None:
    """The error of one channel stays what it is when another channel's last value goes wild."""
    windows = waves()
    runner = Runner(small(epochs=1).fit(windows, seed=0).onnx)
    wild = windows.take(slice(None))
    wild[:, -1, 0] = 50
    changed, usual = runner(wild).by_channel, runner(windows.take(slice(None))).by_channel
    assert changed is not None
    assert usual is not None
    np.testing.assert_array_equal(changed[:, 1:], usual[:, 1:])


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    one, same, other = (small(epochs=1).fit(waves(), seed=seed).onnx for seed in (1, 1, 2))
    assert one == same != other


def test_losses_are_remembered_by_epoch() -> None:
    curves = small(epochs=6, learning_rate=5e-3).fit(waves(validation=waves(60)), seed=0).curves
    assert len(curves["training_loss"]) == len(curves["validation_loss"]) == 6
    assert curves["training_loss"][-1] < curves["training_loss"][0] / 2


def test_unscaled_extremes_yield_numbers() -> None:
    runner = Runner(small(epochs=1).fit(waves(), seed=0).onnx)
    wild = np.array([1e30, -1e30, np.inf, -np.inf, np.finfo(np.float32).max], np.float32)
    found = runner(np.broadcast_to(wild[:, None, None], (5, LENGTH, CHANNELS)))
    assert found.by_channel is not None
    assert np.isfinite(found.score).all()
    assert np.isfinite(found.by_channel).all()


def test_it_sees_as_far_back_as_its_convolutions_reach_and_no_farther() -> None:
    """Three layers of kernel 2 with dilations 1, 2, 4 see 8 readings: those from the ninth before the last on."""
    windows = waves(200)
    runner = Runner(small(epochs=1).fit(windows, seed=0).onnx)
    usual = runner(windows.take(slice(None))).score
    for back, seen in ((8, True), (9, False)):
        changed = windows.take(slice(None))
        changed[:, LENGTH - 1 - back] += 3
        assert bool((runner(changed).score != usual).any()) is seen


def test_default_network_has_the_stated_size() -> None:
    network = CNNForecast(channels=5, filters=CNNPredictor().filters, kernel=CNNPredictor().kernel)
    stated = sum(value.numel() for name, value in network.named_parameters() if "bias_hh" not in name)
    assert f"has {stated:,} parameters" in str(CNNPredictor.__doc__)


def test_a_window_of_one_reading_holds_nothing_to_predict_from() -> None:
    with pytest.raises(InputError, match="at least 2 readings"):
        small().fit(waves(length=1), seed=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("filters", ()),
        ("filters", (8, 0)),
        ("kernel", 1),
        ("epochs", 0),
        ("batch_size", 0),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("patience", -1),
        ("device", "tpu"),
        ("max_windows", 0),
    ],
)
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    with pytest.raises(SettingError, match=name):
        small(**{name: value})


def test_missing_torch_names_the_extra() -> None:
    script = """
import sys
sys.modules["torch"] = None
import numpy as np
from tocsin.core.errors import MissingExtraError
from tocsin.core.windows import Windows
from tocsin.detectors.cnn_predictor import CNNPredictor
try:
    CNNPredictor().fit(Windows(np.zeros((90, 1), np.float32), np.arange(39, 90), 40), seed=0)
except MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=60, capture_output=True, text=True, check=True)
    assert 'pip install "tocsin[train]"' in done.stdout
