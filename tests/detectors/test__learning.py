"""What all detectors with a network promise: settings, size, sameness, and that training is told and can be stopped."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from tocsin.core.contracts import Detector, Graph
from tocsin.core.discover import load, names
from tocsin.core.errors import SettingError
from tocsin.core.progress import listening
from tocsin.core.windows import Windows
from tocsin.detectors._learning import Learning
from tocsin.graph.run import Runner

Waves = Callable[..., Windows]
NAMES = tuple(name for name in names("detectors") if issubclass(load("detectors", name), Learning))


def small(name: str, **settings: Any) -> Detector:
    """Return the detector with a network of few units that learns for two epochs."""
    kind = load("detectors", name)
    made = kind(**{**kind.quick, "epochs": 2, "device": "cpu", **settings})
    assert isinstance(made, Detector)
    return made


def parameters(graph: Graph) -> int:
    weights = onnx.load_from_string(graph.onnx).graph.initializer
    return sum(int(np.prod(one.dims)) for one in weights if one.data_type == onnx.TensorProto.FLOAT)


def test_all_of_the_family_are_here() -> None:
    assert {"ae_lstm", "ae_then_lstm", "autoencoder", "cnn_autoencoder", "cnn_lstm", "cnn_predictor"} <= set(NAMES)
    assert {"denoising_autoencoder", "lstm_autoencoder", "lstm_predictor", "transformer"} <= set(NAMES)
    assert "variational_autoencoder" in NAMES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("length", [None, 64])
def test_the_default_has_fewer_than_100_000_parameters(name: str, length: int | None, waves: Waves) -> None:
    detector = load("detectors", name)(epochs=0)
    windows = waves(200, length=length or detector.default_window, channels=5)
    assert parameters(detector.fit(windows, seed=0)) < 100_000


@pytest.mark.parametrize("name", NAMES)
def test_the_docstring_states_the_size(name: str) -> None:
    kind = load("detectors", name)
    found = re.search(r"has ([\d,]+) parameters", " ".join((kind.__doc__ or "").split()))
    assert found, "it states no size"
    shape = (5,) if "length" not in kind.build.__annotations__ else (kind.default_window, 5)
    network = kind().build(*shape)
    assert int(found[1].replace(",", "")) == sum(w.numel() for w in network.parameters() if w.requires_grad)


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(name: str, waves: Waves) -> None:
    one, same, other = (small(name, epochs=1).fit(waves(), seed=seed).onnx for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize("name", NAMES)
def test_no_epoch_leaves_a_network_that_scores_all_the_same(name: str, waves: Waves) -> None:
    graph = small(name, epochs=0).fit(waves(), seed=1)
    assert not any(graph.curves.values())
    assert np.isfinite(Runner(graph.onnx)(waves().take(slice(None))).score).all()


@pytest.mark.parametrize(
    ("name", "own"), [("autoencoder", {}), ("cnn_predictor", {}), ("ae_lstm", {"combine": "errors"})]
)
def test_no_epoch_leaves_what_chance_made(name: str, own: dict[str, Any], waves: Waves) -> None:
    untrained = small(name, epochs=0, **own)
    assert untrained.fit(waves(), seed=1).onnx == untrained.fit(waves(seed=5), seed=1).onnx


@pytest.mark.parametrize("name", NAMES)
def test_losses_fall_and_are_remembered_by_epoch(name: str, waves: Waves) -> None:
    curves = small(name, epochs=10, learning_rate=5e-3).fit(waves(validation=waves(60, seed=9)), seed=0).curves
    assert {len(curve) for curve in curves.values()} == {10}
    assert curves["training_loss"][-1] < 0.8 * curves["training_loss"][0]


@pytest.mark.parametrize("name", NAMES)
def test_later_windows_stop_the_training(name: str, waves: Waves) -> None:
    windows = waves()
    unlike = Windows((1 - windows.series) * 3, windows.end, windows.length)
    curves = small(name, epochs=60, learning_rate=0.02, patience=1).fit(
        Windows(windows.series, windows.end, windows.length, validation=unlike), seed=0
    )
    losses = curves.curves["validation_loss"]
    assert len(losses) == int(np.argmin(losses)) + 2 < 60


@pytest.mark.parametrize("name", NAMES)
def test_extremes_without_scaling_yield_numbers(name: str, waves: Waves) -> None:
    wild = np.array([1e30, -1e30, np.inf, -np.inf, np.finfo(np.float32).max], np.float32)
    found = Runner(small(name, epochs=1).fit(waves(), seed=0).onnx)(np.broadcast_to(wild[:, None, None], (5, 7, 3)))
    assert found.by_channel is not None
    assert np.isfinite(found.score).all()
    assert np.isfinite(found.by_channel).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("epochs", -1),
        ("batch_size", 0),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("patience", -1),
        ("device", "tpu"),
        ("stride", 0),
        ("max_windows", 0),
    ],
)
def test_settings_that_cannot_work_are_refused(name: str, setting: str, value: object) -> None:
    with pytest.raises(SettingError, match=setting):
        small(name, **{setting: value})


def test_settings_are_read_without_torch_whose_extra_is_named() -> None:
    script = f"""
import sys
sys.modules["torch"] = None
import numpy as np
from tocsin.core.discover import load
from tocsin.core.errors import MissingExtraError
from tocsin.core.windows import Windows
for name in {NAMES!r}:
    try:
        load("detectors", name)().fit(Windows(np.zeros((90, 1), np.float32), np.arange(39, 90), 40), seed=0)
    except MissingExtraError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=60, capture_output=True, text=True, check=True)
    assert done.stdout.count('pip install "tocsin[train]"') == len(NAMES)


def test_torch_is_left_as_it_was_found(waves: Waves) -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state(), torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    small("autoencoder", epochs=1, augment_faults=0.5).fit(waves(), seed=0)
    after = torch.get_rng_state(), torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def test_the_best_epochs_weights_are_taken(waves: Waves) -> None:
    unlike = Windows((1 - waves(80).series) * 3, waves(80).end, 7)
    windows = waves(validation=unlike)
    stopped = small("autoencoder", epochs=60, learning_rate=1e-2, patience=2).fit(windows, seed=0)
    best = int(np.argmin(stopped.curves["validation_loss"])) + 1
    again = small("autoencoder", epochs=best, learning_rate=1e-2, patience=0).fit(windows, seed=0)
    assert stopped.onnx == again.onnx


def test_no_patience_means_all_epochs_and_the_last_weights(waves: Waves) -> None:
    unlike = Windows((1 - waves(80).series) * 3, waves(80).end, 7)
    whole = small("autoencoder", epochs=8, learning_rate=1e-2, patience=0).fit(waves(validation=unlike), seed=0)
    assert len(whole.curves["validation_loss"]) == 8


def test_no_validation_windows_leave_no_validation_curve(waves: Waves) -> None:
    assert set(small("autoencoder").fit(waves(), seed=0).curves) == {"training_loss"}


def test_progress_is_told_each_epoch(waves: Waves) -> None:
    heard: list[tuple[str, int, int]] = []
    with listening(lambda what, done, total, _: heard.append((what, done, total))):
        small("autoencoder", epochs=3).fit(waves(), seed=0)
    assert heard == [("training", 1, 3), ("training", 2, 3), ("training", 3, 3)]


@pytest.mark.parametrize("name", ["autoencoder", "cnn_predictor", "ae_lstm"])
def test_stride_and_cap_learn_from_a_part(name: str, waves: Waves) -> None:
    windows = waves(306)
    own: dict[str, Any] = {"combine": "errors"} if name == "ae_lstm" else {}
    every_third = Windows(windows.series, windows.end[::3], 7)
    assert small(name, stride=3, **own).fit(windows, seed=0).onnx == small(name, **own).fit(every_third, seed=0).onnx
    spaced = Windows(windows.series, windows.end[[0, 100, 199, 299]], 7)
    assert small(name, max_windows=4, **own).fit(windows, seed=0).onnx == small(name, **own).fit(spaced, seed=0).onnx


def test_divergence_is_said_with_a_remedy(waves: Waves) -> None:
    huge = Windows(waves().series * np.float32(1e30), waves().end, 7)
    with pytest.raises(SettingError, match="diverged"):
        small("autoencoder").fit(huge, seed=0)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_missing_cuda_is_said(waves: Waves) -> None:
    with pytest.raises(SettingError, match="no CUDA device"):
        small("autoencoder", device="cuda").fit(waves(), seed=0)
