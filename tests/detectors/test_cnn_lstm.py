from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tocsin.core.windows import Windows
from tocsin.detectors.cnn_lstm import CNNLSTM
from tocsin.graph.run import Runner


def test_a_wave_that_stands_still_is_found(waves: Callable[..., Windows]) -> None:
    windows = waves()
    strange = windows.take(slice(None))
    strange[:] = strange[:, :1]
    detector = CNNLSTM(filters=8, hidden=(16,), batch_size=16, learning_rate=1e-2, epochs=30, score="mean")
    runner = Runner(detector.fit(windows, seed=0).onnx)
    usual, found = runner(windows.take(slice(None))).score, runner(strange).score
    assert np.median(found) > 2 * np.median(usual)
