"""What all detectors that redraw a window have in common."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tocsin.core.arrays import Float32Array
from tocsin.core.contracts import Detector
from tocsin.core.discover import load
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._reconstruction import redrawing_error
from tocsin.detectors._torch import distance, train
from tocsin.graph.network import Network
from tocsin.graph.run import Runner

LENGTH, CHANNELS = 6, 3
NAMES = (
    "autoencoder",
    "cnn_autoencoder",
    "cnn_lstm",
    "denoising_autoencoder",
    "lstm_autoencoder",
    "transformer",
    "variational_autoencoder",
)
LOSSES = ("squared", "absolute", "huber")


def _windows(rows: int = 150, *, seed: int = 0, length: int = LENGTH, channels: int = CHANNELS) -> Windows:
    rng = np.random.default_rng(seed)
    wave = 0.5 + 0.3 * np.sin(np.arange(rows)[:, None] / 7 + np.arange(channels))
    series = (wave + 0.02 * rng.standard_normal((rows, channels))).astype(np.float32)
    return Windows(series, np.arange(length - 1, rows), length)


def _small(name: str, **settings: object) -> Detector:
    kind: Callable[..., Detector] = load("detectors", name)
    return kind(**{**load("detectors", name).quick, "epochs": 2, "device": "cpu", **settings})


def _score(detector: Detector, windows: Windows, *, scored: Float32Array | None = None) -> Float32Array:
    runner = Runner(detector.fit(windows, seed=1).onnx)
    return runner(windows.take(slice(None)) if scored is None else scored).score


@pytest.mark.parametrize("name", NAMES)
def test_every_loss_trains_another_network(name: str) -> None:
    windows = _windows()
    found = [_score(_small(name, loss=loss), windows) for loss in LOSSES]
    assert all(np.isfinite(score).all() for score in found)
    assert not np.array_equal(found[0], found[1])
    assert not np.array_equal(found[1], found[2])


@pytest.mark.parametrize("name", NAMES)
def test_dropout_is_for_training_alone(name: str) -> None:
    windows = _windows()
    one, same = (_score(_small(name, dropout=0.3), windows) for _ in range(2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, _score(_small(name), windows))


@pytest.mark.parametrize("name", NAMES)
def test_the_default_has_fewer_than_100_000_parameters(name: str) -> None:
    import onnx

    for length in (10, 64):
        detector = load("detectors", name)(epochs=1, max_windows=2)
        graph = onnx.load_from_string(detector.fit(_windows(80, length=length, channels=5), seed=0).onnx).graph
        weights = [tensor for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT]
        assert sum(int(np.prod(tensor.dims)) for tensor in weights) < 100_000


@pytest.mark.parametrize("name", NAMES)
def test_training_finds_out_a_spike(name: str) -> None:
    windows = _windows(400)
    strange = windows.take(slice(None))
    strange[:, -1, 1] += 0.5
    runner = Runner(_small(name, epochs=40).fit(windows, seed=0).onnx)
    usual, found = runner(windows.take(slice(None))), runner(strange)
    assert found.by_channel is not None
    assert (found.score > np.quantile(usual.score, 0.95)).mean() > 0.9
    assert (found.by_channel.argmax(axis=1) == 1).mean() > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_later_windows_stop_the_training(name: str) -> None:
    windows = _windows()
    unlike = Windows((1 - windows.series) * 3, windows.end, LENGTH)
    with_validation = Windows(windows.series, windows.end, LENGTH, validation=unlike)
    curves = _small(name, epochs=60, learning_rate=0.02, patience=1).fit(with_validation, seed=0).curves
    assert len(curves["validation_loss"]) == int(np.argmin(curves["validation_loss"])) + 2 < 60


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("score", ["last", "mean"])
def test_extremes_without_scaling_yield_numbers(name: str, score: str) -> None:
    wild = np.array([1e30, -1e30, np.inf, -np.inf, np.finfo(np.float32).max], np.float32)
    scored = np.broadcast_to(wild[:, None, None], (5, LENGTH, CHANNELS))
    assert np.isfinite(_score(_small(name, epochs=1, score=score), _windows(), scored=scored)).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("epochs", 0),
        ("batch_size", 0),
        ("learning_rate", float("nan")),
        ("patience", -1),
        ("loss", "cubic"),
        ("dropout", 1.0),
        ("dropout", -0.1),
        ("score", "first"),
        ("device", "tpu"),
        ("stride", 0),
        ("max_windows", 0),
    ],
)
def test_settings_that_cannot_work_are_refused(name: str, setting: str, value: object) -> None:
    with pytest.raises(SettingError, match=setting):
        _small(name, **{setting: value})


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("autoencoder", {"hidden": ()}),
        ("denoising_autoencoder", {"hidden": (4, 0)}),
        ("denoising_autoencoder", {"noise": -0.1}),
        ("denoising_autoencoder", {"swapped": 1.0}),
        ("variational_autoencoder", {"hidden": ()}),
        ("variational_autoencoder", {"code": 0}),
        ("variational_autoencoder", {"floor": 0.0}),
        ("variational_autoencoder", {"floor": 1.0}),
        ("cnn_autoencoder", {"filters": ()}),
        ("cnn_autoencoder", {"kernel": 4}),
        ("cnn_autoencoder", {"code": 0}),
        ("cnn_lstm", {"filters": 0}),
        ("cnn_lstm", {"kernel": 2}),
        ("cnn_lstm", {"hidden": ()}),
        ("cnn_lstm", {"cell": "rnn"}),
        ("lstm_autoencoder", {"cell": "rnn"}),
        ("transformer", {"width": 30, "heads": 4}),
        ("transformer", {"heads": 0}),
        ("transformer", {"layers": 0}),
        ("transformer", {"code": 0}),
    ],
)
def test_own_settings_that_cannot_work_are_refused(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=next(iter(settings))):
        _small(name, **settings)


@pytest.mark.parametrize("name", NAMES)
def test_settings_are_read_without_torch(name: str) -> None:
    script = f"""
import sys
sys.modules["torch"] = None
import numpy as np
from tocsin.core.discover import load
from tocsin.core.errors import MissingExtraError
from tocsin.core.windows import Windows
try:
    load("detectors", {name!r})().fit(Windows(np.zeros((30, 1), np.float32), np.arange(9, 30), 10), seed=0)
except MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=60, capture_output=True, text=True, check=True)
    assert 'pip install "tocsin[train]"' in done.stdout


@pytest.mark.parametrize(("score", "expected"), [("last", [1.0, 0.5]), ("mean", [2.25, 0.25])])
def test_error_by_hand(score: str, expected: list[float]) -> None:
    network = Network(window=2, channels=2)
    redrawn = network.op("Mul", network.input, network.constant(0))
    graph = network.seal(*redrawing_error(network, network.input, redrawn, score=score))
    found = Runner(graph.onnx)(np.array([[[np.sqrt(7), 0], [np.sqrt(2), 1]]], np.float32))
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, [expected], rtol=1e-6)
    np.testing.assert_allclose(found.score, [sum(expected)], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "expected"), [("squared", (0.04 + 0.0025) / 2), ("absolute", 0.125), ("huber", (0.015 + 0.00125) / 2)]
)
def test_losses_by_hand(name: str, expected: float) -> None:
    found = distance(name)(torch.tensor([0.2, 0.0]), torch.tensor([0.0, 0.05]))
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_absolute_loss_learns_the_median_and_squared_the_mean() -> None:
    class Level(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.level = nn.Parameter(torch.zeros(1))

        def forward(self, windows: torch.Tensor) -> torch.Tensor:
            return self.level.expand(windows.shape)

    from tocsin.detectors._torch import Plan, reconstruction

    series = np.array([[0.0], [0], [0], [1], [1], [1], [1], [1], [5]], np.float32)
    windows = Windows(series, np.arange(len(series)), 1)
    plan = Plan(epochs=400, batch_size=9, learning_rate=0.02, patience=0, max_windows=9, device="cpu", seed=0)
    found = [
        next(train(Level, reconstruction(name), windows, plan=plan).network.parameters()).item()
        for name in ("squared", "absolute")
    ]
    assert found == pytest.approx([10 / 9, 1], abs=0.02)
