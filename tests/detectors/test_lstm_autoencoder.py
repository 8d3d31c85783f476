from __future__ import annotations

import subprocess
import sys
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tocsin.core.arrays import Float32Array
from tocsin.core.contracts import Graph
from tocsin.core.errors import SettingError
from tocsin.core.progress import listening
from tocsin.core.windows import Windows
from tocsin.detectors import _torch
from tocsin.detectors._lstm_network import LSTMAutoencoder as TorchNetwork
from tocsin.detectors._lstm_network import reconstruction_loss, run
from tocsin.detectors.lstm_autoencoder import LSTMAutoencoder
from tocsin.graph.run import Runner

LENGTH, CHANNELS = 6, 3


def _windows(rows: int = 300, *, seed: int = 0, length: int = LENGTH, validation: Windows | None = None) -> Windows:
    rng = np.random.default_rng(seed)
    wave = 0.5 + 0.3 * np.sin(np.arange(rows)[:, None] / 7 + np.arange(CHANNELS))
    series = (wave + 0.02 * rng.standard_normal((rows, CHANNELS))).astype(np.float32)
    return Windows(series, np.arange(length - 1, rows), length, validation=validation)


def _small(**settings: object) -> LSTMAutoencoder:
    kept: dict[str, object] = {"hidden": (8, 4), "epochs": 2, "batch_size": 32, "device": "cpu"}
    return LSTMAutoencoder(**{**kept, **settings})  # type: ignore[arg-type]  # a test's settings come by name


def _by_torch(windows: Windows, *, score: str, seed: int) -> npt.NDArray[np.float64]:
    """Train the same network outside the detector, and return each channel's part of the error."""
    plan = _torch.Plan(
        epochs=2, batch_size=32, learning_rate=1e-3, patience=5, max_windows=10**6, device="cpu", seed=seed
    )
    trained = _torch.train(
        lambda: TorchNetwork(channels=CHANNELS, hidden=(8, 4)), reconstruction_loss, windows, plan=plan
    )
    every = torch.from_numpy(windows.take(slice(None)))
    with torch.no_grad():
        error = ((trained.network(every) - every) ** 2).double().numpy()
    part = error[:, -1] if score == "last" else error.mean(axis=1)
    return np.asarray(part / CHANNELS)


def _score(graph: Graph, windows: Float32Array) -> Float32Array:
    return Runner(graph.onnx)(windows).score


@pytest.mark.parametrize("score", ["last", "mean"])
def test_graph_equals_the_torch_network(score: Literal["last", "mean"]) -> None:
    windows = _windows()
    found = Runner(_small(score=score).fit(windows, seed=3).onnx)(windows.take(slice(None)))
    expected = _by_torch(windows, score=score, seed=3)
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, expected, atol=1e-6, rtol=1e-5)
    np.testing.assert_allclose(found.score, expected.sum(axis=1), atol=1e-6, rtol=1e-5)


def test_graph_of_gru_cells_equals_the_torch_network() -> None:
    windows, detector = _windows(), _small(cell="gru", score="mean")
    trained, _ = _torch.learn(
        detector,
        lambda: TorchNetwork(channels=CHANNELS, hidden=(8, 4), cell="gru"),
        _torch.reconstruction("squared"),
        windows,
        seed=3,
    )
    every = torch.from_numpy(windows.take(slice(None)))
    with torch.no_grad():
        expected = ((trained(every) - every) ** 2).double().mean(dim=1).numpy() / CHANNELS
    found = Runner(detector.fit(windows, seed=3).onnx)(every.numpy())
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, expected, atol=1e-6, rtol=1e-5)


def test_dropout_thins_out_what_layers_hand_on() -> None:
    steps = torch.ones(5, 400, CHANNELS)
    network = TorchNetwork(channels=CHANNELS, hidden=(8,), dropout=0.25)
    zeros = (run(network.encoder, steps, dropout=0.25) == 0).double().mean().item()
    assert zeros == pytest.approx(0.25, abs=0.02)
    assert (run(network.eval().encoder, steps, dropout=0.25) != 0).all()


def test_default_network_has_the_reference_size() -> None:
    network = TorchNetwork(channels=5, hidden=LSTMAutoencoder().hidden)
    assert sum(weight.numel() for weight in network.parameters() if weight.requires_grad) == 63_813


def test_last_looks_at_the_last_step_and_mean_at_all() -> None:
    windows = _windows()
    spiked = windows.take(slice(0, 50))
    spiked[:, 0] += 2
    usual = windows.take(slice(0, 50))
    gain = {
        score: np.median(_score(graph, spiked) - _score(graph, usual))
        for score in ("last", "mean")
        for graph in [_small(score=score, epochs=8).fit(windows, seed=0)]
    }
    assert gain["mean"] > 0.3
    assert gain["last"] < gain["mean"] / 3


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    windows = _windows()
    one, same, other = (_small().fit(windows, seed=seed).onnx for seed in (1, 1, 2))
    assert one == same != other


def test_torch_is_left_as_it_was_found() -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state(), torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    _small(epochs=1).fit(_windows(), seed=0)
    after = torch.get_rng_state(), torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def test_loss_falls_and_is_remembered_by_epoch() -> None:
    curves = _small(epochs=12, learning_rate=1e-2).fit(_windows(validation=_windows(60, seed=9)), seed=0).curves
    assert len(curves["training_loss"]) == len(curves["validation_loss"]) == 12
    assert curves["training_loss"][-1] < curves["training_loss"][0] / 2


def test_no_validation_windows_leave_no_validation_curve() -> None:
    assert set(_small().fit(_windows(), seed=0).curves) == {"training_loss"}


def _unlike() -> Windows:
    """Validation windows that learning makes worse after a while: the mirror image of what is learned."""
    series = (1 - _windows(80).series) * 3
    return Windows(series, np.arange(LENGTH - 1, 80), LENGTH)


def test_training_stops_after_patience_and_takes_the_best_epoch() -> None:
    windows = _windows(validation=_unlike())
    stopped = _small(epochs=60, learning_rate=1e-2, patience=2).fit(windows, seed=0)
    validation = stopped.curves["validation_loss"]
    best = int(np.argmin(validation)) + 1
    assert len(validation) == best + 2 < 60
    again = _small(epochs=best, learning_rate=1e-2, patience=0).fit(windows, seed=0)
    assert stopped.onnx == again.onnx


def test_no_patience_means_all_epochs_and_the_last_weights() -> None:
    windows = _windows(validation=_unlike())
    whole = _small(epochs=8, learning_rate=1e-2, patience=0).fit(windows, seed=0)
    assert len(whole.curves["validation_loss"]) == 8


def test_progress_is_told_each_epoch() -> None:
    heard: list[tuple[str, int, int]] = []
    with listening(lambda what, done, total, _: heard.append((what, done, total))):
        _small(epochs=3).fit(_windows(), seed=0)
    assert heard == [("training", 1, 3), ("training", 2, 3), ("training", 3, 3)]


def test_stride_and_cap_learn_from_a_part() -> None:
    windows = _windows(304, length=5)
    every_third = Windows(windows.series, windows.end[::3], 5)
    assert _small(stride=3).fit(windows, seed=0).onnx == _small().fit(every_third, seed=0).onnx
    spaced = Windows(windows.series, windows.end[[0, 100, 199, 299]], 5)
    assert _small(max_windows=4).fit(windows, seed=0).onnx == _small().fit(spaced, seed=0).onnx


def test_unscaled_extremes_yield_numbers() -> None:
    runner = Runner(_small().fit(_windows(), seed=0).onnx)
    wild = np.array([1e30, -1e30, np.inf, -np.inf, np.finfo(np.float32).max], np.float32)
    found = runner(np.broadcast_to(wild[:, None, None], (5, LENGTH, CHANNELS)))
    assert found.by_channel is not None
    assert np.isfinite(found.score).all()
    assert np.isfinite(found.by_channel).all()


def test_divergence_is_said_with_a_remedy() -> None:
    windows = _windows()
    huge = Windows(windows.series * np.float32(1e30), windows.end, LENGTH)
    with pytest.raises(SettingError, match="diverged"):
        _small().fit(huge, seed=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden", ()),
        ("hidden", (8, 0)),
        ("epochs", 0),
        ("batch_size", 0),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("patience", -1),
        ("score", "first"),
        ("device", "tpu"),
        ("stride", 0),
        ("max_windows", 0),
    ],
)
def test_settings_that_cannot_work_are_refused(name: str, value: object) -> None:
    with pytest.raises(SettingError, match=name):
        _small(**{name: value})


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_missing_cuda_is_said() -> None:
    with pytest.raises(SettingError, match="no CUDA device"):
        _small(device="cuda").fit(_windows(), seed=0)


def test_missing_torch_names_the_extra_and_settings_need_none() -> None:
    script = """
import sys
sys.modules["torch"] = None
import numpy as np
from tocsin.core.errors import MissingExtraError
from tocsin.core.windows import Windows
from tocsin.detectors.lstm_autoencoder import LSTMAutoencoder
detector = LSTMAutoencoder(epochs=3)
try:
    detector.fit(Windows(np.zeros((30, 1), np.float32), np.arange(9, 30), 10), seed=0)
except MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=60, capture_output=True, text=True, check=True)
    assert 'pip install "tocsin[train]"' in done.stdout
