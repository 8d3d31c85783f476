from __future__ import annotations

from collections.abc import Callable

from tocsin.core.windows import Windows
from tocsin.detectors.lstm_predictor import LSTMPredictor
from tocsin.graph.run import Runner


def test_it_sees_the_whole_window(waves: Callable[..., Windows]) -> None:
    windows = waves(length=12)
    runner = Runner(LSTMPredictor(hidden=(8,), epochs=1, device="cpu").fit(windows, seed=0).onnx)
    changed = windows.take(slice(None))
    changed[:, 0] += 3
    assert (runner(changed).score != runner(windows.take(slice(None))).score).all()
