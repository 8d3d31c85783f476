"""What all detectors that redraw a window have in common, each held to its own network in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.contracts import Detector
from tocsin.core.discover import load, names
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._reconstruction import FLATTEST, Reconstruction, levelled, redrawing_error
from tocsin.detectors._torch import Plan, train
from tocsin.graph.network import Network
from tocsin.graph.run import Runner

Waves = Callable[..., Windows]
LENGTH, CHANNELS = 7, 3
NAMES = tuple(name for name in names("detectors") if issubclass(load("detectors", name), Reconstruction))
PLAIN = tuple(name for name in NAMES if name not in ("denoising_autoencoder", "variational_autoencoder"))
"""Those that learn from windows as they are, and score by the squared error."""
LONG = ("cnn_autoencoder", "cnn_lstm", "lstm_autoencoder")
"""Those that learn for seconds; of networks that go by time, ``transformer`` is always asked."""
WITH_CELLS = tuple(name for name in PLAIN if hasattr(load("detectors", name), "cell"))


def small(name: str, **settings: Any) -> Reconstruction:
    kind = load("detectors", name)
    made = kind(**{**kind.quick, "epochs": 2, "device": "cpu", **settings})
    assert isinstance(made, Reconstruction)
    return made


def score(detector: Detector, windows: Windows, *, scored: Float32Array | None = None) -> Float32Array:
    runner = Runner(detector.fit(windows, seed=1).onnx)
    return runner(windows.take(slice(None)) if scored is None else scored).score


def by_window(windows: FloatArray) -> FloatArray:
    level, deviation = windows.mean(axis=1, keepdims=True), windows.std(axis=1, keepdims=True)
    return np.asarray((windows - level) / np.maximum(deviation, FLATTEST))


def raised(rows: FloatArray, windows: Windows, detector: Reconstruction) -> FloatArray:
    """Return last rows as drawn brought back to the level of their windows, where the detector goes by window."""
    if detector.normalisation == "none":
        return rows
    every = windows.take(slice(None)).astype(np.float64)
    return np.asarray(rows * np.maximum(every.std(axis=1), FLATTEST) + every.mean(axis=1))


@pytest.mark.parametrize(
    ("name", "settings"),
    [*product(PLAIN, ({}, {"score": "mean"}, {"normalisation": "window"})), *product(WITH_CELLS, ({"cell": "gru"},))],
    ids=str,
)
def test_graph_equals_the_torch_network(name: str, settings: dict[str, Any], waves: Waves) -> None:
    windows, detector = waves(), small(name, **settings)
    every = windows.take(slice(None))
    if detector.normalisation == "window":
        every = by_window(every.astype(np.float64)).astype(np.float32)
    series = Windows(every.reshape(-1, CHANNELS), np.arange(LENGTH - 1, every.size // CHANNELS, LENGTH), LENGTH)

    def loss(network: nn.Module, seen: torch.Tensor) -> torch.Tensor:
        return nn.functional.mse_loss(network(seen), seen)

    network = train(lambda: detector.build(LENGTH, CHANNELS), loss, series, plan=detector.plan(3)).network
    with torch.no_grad():
        redrawn = network(torch.from_numpy(every)).double().numpy()
    error = (redrawn - every) ** 2
    expected = (error[:, -1] if detector.score == "last" else error.mean(axis=1)) / CHANNELS
    found = Runner(detector.fit(windows, seed=3).onnx)(windows.take(slice(None)))
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, expected, atol=1e-5, rtol=1e-3)
    np.testing.assert_allclose(found.score, expected.sum(axis=1), atol=1e-5, rtol=1e-3)
    assert found.expected is not None
    np.testing.assert_allclose(found.expected, raised(redrawn[:, -1], windows, detector), atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "settings",
    [{"loss": "absolute"}, {"loss": "huber"}, {"dropout": 0.3}, {"normalisation": "window"}, {"augment_faults": 0.5}],
    ids=str,
)
def test_every_option_trains_another_network_and_draws_no_chance_in_scoring(
    name: str, settings: dict[str, Any], waves: Waves
) -> None:
    one, same = (score(small(name, **settings), waves()) for _ in range(2))
    assert np.isfinite(one).all()
    assert np.array_equal(one, same)
    assert not np.array_equal(one, score(small(name), waves()))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in NAMES]
)
def test_training_finds_out_a_spike(name: str, waves: Waves) -> None:
    windows = waves(400)
    strange = windows.take(slice(None))
    strange[:, -1, 1] += 1.5
    runner = Runner(small(name, epochs=40).fit(windows, seed=0).onnx)
    usual, found = runner(windows.take(slice(None))), runner(strange)
    assert found.by_channel is not None
    assert (found.score > np.quantile(usual.score, 0.95)).mean() > 0.9
    assert (found.by_channel.argmax(axis=1) == 1).mean() > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_level_and_size_do_not_matter_to_what_goes_by_window(name: str, waves: Waves) -> None:
    windows = waves(length=21)
    runner = Runner(small(name, normalisation="window").fit(windows, seed=0).onnx)
    usual = runner(windows.take(slice(None))).score
    moved = runner(windows.take(slice(None)) * np.float32(4) + np.float32(16)).score
    np.testing.assert_allclose(moved, usual, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("size", [1, 3, 64])
@pytest.mark.parametrize("score", ["last", "mean"])
def test_what_goes_by_window_is_the_same_bit_for_bit_in_any_batch(score: str, size: int, waves: Waves) -> None:
    windows = waves()
    runner = Runner(small("autoencoder", normalisation="window", score=score).fit(windows, seed=0).onnx)
    every = windows.take(slice(None))
    parts = [runner(every[start : start + size]).score for start in range(0, len(every), size)]
    np.testing.assert_array_equal(np.concatenate(parts), runner(every).score)


def test_faults_are_not_learnt_to_be_redrawn(waves: Waves) -> None:
    """A wide network copies half of an offset, unless it was shown faults and asked for windows without them."""
    windows = waves(600)
    strange = windows.take(slice(None))
    strange[:, 3:, 1] += 1.5
    whole = 1.5**2 * 4 / (7 * 3)
    left = []
    for share in (0.0, 0.5):
        detector = small("autoencoder", hidden=(32, 18), epochs=60, augment_faults=share, score="mean")
        left.append(np.median(Runner(detector.fit(windows, seed=0).onnx)(strange).score) / whole)
    assert left[0] < 0.7
    assert 0.85 < left[1] < 1.15


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("loss", "cubic"),
        ("dropout", 1.0),
        ("dropout", -0.1),
        ("normalisation", "series"),
        ("augment_faults", -0.1),
        ("augment_faults", 1.1),
        ("augment_faults", float("nan")),
        ("score", "first"),
    ],
)
def test_settings_that_cannot_work_are_refused(name: str, setting: str, value: object) -> None:
    with pytest.raises(SettingError, match=setting):
        small(name, **{setting: value})


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
        ("lstm_autoencoder", {"hidden": (8, 0)}),
        ("lstm_autoencoder", {"cell": "rnn"}),
        ("transformer", {"width": 30, "heads": 4}),
        ("transformer", {"heads": 0}),
        ("transformer", {"layers": 0}),
        ("transformer", {"code": 0}),
    ],
)
def test_own_settings_that_cannot_work_are_refused(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=next(iter(settings))):
        small(name, **settings)


@pytest.mark.parametrize(("judged", "expected"), [("last", [1.0, 0.5]), ("mean", [2.25, 0.25])])
def test_error_by_hand(judged: str, expected: list[float]) -> None:
    network = Network(window=2, channels=2)
    redrawn = network.op("Mul", network.input, network.constant(0))
    graph = network.seal(*redrawing_error(network, network.input, redrawn, score=judged))
    found = Runner(graph.onnx)(np.array([[[np.sqrt(7), 0], [np.sqrt(2), 1]]], np.float32))
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, [expected], rtol=1e-6)
    np.testing.assert_allclose(found.score, [sum(expected)], rtol=1e-6)


@pytest.mark.parametrize(("step", "expected"), [(0, -np.sqrt(1.5)), (1, 0), (2, np.sqrt(1.5))])
def test_going_by_window_by_hand(step: int, expected: float) -> None:
    """1, 2, 3 have mean 2 and deviation √(2/3); what hardly moves is divided by a tenth of a unit."""
    network = Network(window=3, channels=2)
    window = levelled(network, network.input).window
    place = network.op("Gather", window, network.integers(step), attributes={"axis": 1})
    graph = network.seal(network.op("Gather", place, network.integers(0), attributes={"axis": 1}), place)
    found = Runner(graph.onnx)(np.array([[[1, 5.00], [2, 5.03], [3, 5.06]]], np.float32)).by_channel
    assert found is not None
    np.testing.assert_allclose(found, [[expected, (step - 1) * 0.3]], atol=1e-5)


def test_absolute_loss_learns_the_median_and_squared_the_mean() -> None:
    from tocsin.detectors._redrawing import redrawn_apart

    class Level(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.level = nn.Parameter(torch.zeros(1))

        def forward(self, windows: torch.Tensor) -> torch.Tensor:
            return self.level.expand(windows.shape)

    series = np.array([[0.0], [0], [0], [1], [1], [1], [1], [1], [5]], np.float32)
    windows = Windows(series, np.arange(len(series)), 1)
    plan = Plan(epochs=400, batch_size=9, learning_rate=0.02, patience=0, max_windows=9, device="cpu", seed=0)
    found = []
    for name in ("squared", "absolute"):
        apart = redrawn_apart(name)
        trained = train(Level, lambda network, seen, apart=apart: apart(network, seen, seen), windows, plan=plan)  # type: ignore[misc]  # bound now
        found.append(trained.network.level.item())
    assert found == pytest.approx([10 / 9, 1], abs=0.02)
