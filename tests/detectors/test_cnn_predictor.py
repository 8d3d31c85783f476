from __future__ import annotations

from collections.abc import Callable

from tocsin.core.windows import Windows
from tocsin.detectors.cnn_predictor import CNNPredictor
from tocsin.graph.run import Runner

LENGTH = 12


def test_it_sees_as_far_back_as_its_convolutions_reach_and_no_farther(waves: Callable[..., Windows]) -> None:
    """Three layers of kernel 2 with dilations 1, 2, 4 see 8 readings: those from the ninth before the last on."""
    windows = waves(length=LENGTH)
    detector = CNNPredictor(filters=(8, 6, 6), kernel=2, epochs=1, device="cpu")
    runner = Runner(detector.fit(windows, seed=0).onnx)
    usual = runner(windows.take(slice(None))).score
    for back, seen in ((8, True), (9, False)):
        changed = windows.take(slice(None))
        changed[:, LENGTH - 1 - back] += 3
        assert bool((runner(changed).score != usual).any()) is seen
