"""What the detectors that predict a window's last reading have in common, each held to its own network in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tocsin.core.discover import load, names
from tocsin.core.errors import InputError, SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._forecast import Forecast
from tocsin.detectors._torch import train
from tocsin.graph.run import Runner

Waves = Callable[..., Windows]
CHANNELS = 3
NAMES = tuple(name for name in names("detectors") if issubclass(load("detectors", name), Forecast))


def small(name: str, **settings: Any) -> Forecast:
    kind = load("detectors", name)
    made = kind(**{**kind.quick, "epochs": 2, "device": "cpu", **settings})
    assert isinstance(made, Forecast)
    return made


def test_both_are_here() -> None:
    assert {"cnn_predictor", "lstm_predictor"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("length", [2, 5, 12])
def test_graph_equals_the_torch_network(name: str, length: int, waves: Waves) -> None:
    windows, detector = waves(length=length), small(name)

    def loss(network: torch.nn.Module, seen: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.mse_loss(network(seen[:, :-1]), seen[:, -1])

    network = train(lambda: detector.build(CHANNELS), loss, windows, plan=detector.plan(3)).network
    every = torch.from_numpy(windows.take(slice(None)))
    with torch.no_grad():
        predicted = network(every[:, :-1])
        expected = ((predicted - every[:, -1]) ** 2).double().numpy() / CHANNELS
    found = Runner(detector.fit(windows, seed=3).onnx)(every.numpy())
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, expected, atol=1e-6, rtol=1e-4)
    np.testing.assert_allclose(found.score, expected.sum(axis=1), atol=1e-6, rtol=1e-4)
    assert found.expected is not None
    np.testing.assert_allclose(found.expected, predicted.numpy(), atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_usual_values_at_a_wrong_time_are_strange_and_the_channel_is_named(name: str, waves: Waves) -> None:
    """One channel's last value is that of half a wave earlier: usual, but not now."""
    windows = waves(1000, length=12)
    runner = Runner(small(name, epochs=30, learning_rate=5e-3).fit(windows, seed=0).onnx)
    changed = windows.take(slice(19, None))
    changed[:, -1, 1] = windows.series[windows.end[19:] - 19, 1]
    found, usual = runner(changed), runner(windows.take(slice(None))).score
    assert found.by_channel is not None
    assert np.median(found.score) > 20 * np.median(usual)
    assert (found.by_channel.argmax(axis=1) == 1).mean() > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_what_it_expects_does_not_depend_on_the_reading_it_judges(name: str, waves: Waves) -> None:
    """The error of one channel stays what it is when another channel's last value goes wild."""
    windows = waves()
    runner = Runner(small(name, epochs=1).fit(windows, seed=0).onnx)
    wild = windows.take(slice(None))
    wild[:, -1, 0] = 50
    changed, usual = runner(wild).by_channel, runner(windows.take(slice(None))).by_channel
    assert changed is not None
    assert usual is not None
    np.testing.assert_array_equal(changed[:, 1:], usual[:, 1:])
    expected = runner(windows.take(slice(None))).expected
    assert expected is not None
    np.testing.assert_array_equal(runner(wild).expected, expected)


@pytest.mark.parametrize("name", NAMES)
def test_a_window_of_one_reading_holds_nothing_to_predict_from(name: str, waves: Waves) -> None:
    with pytest.raises(InputError, match="at least 2 readings"):
        small(name).fit(waves(length=1), seed=0)


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("lstm_predictor", "hidden", ()),
        ("lstm_predictor", "hidden", (8, 0)),
        ("cnn_predictor", "filters", ()),
        ("cnn_predictor", "filters", (8, 0)),
        ("cnn_predictor", "kernel", 1),
    ],
)
def test_own_settings_that_cannot_work_are_refused(name: str, setting: str, value: Any) -> None:
    with pytest.raises(SettingError, match=setting):
        small(name, **{setting: value})
