"""The strangest channel's score, also at the ends of float32."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.detectors._greatest import greatest
from tocsin.graph.network import Network
from tocsin.graph.run import Runner


@pytest.mark.parametrize(
    ("values", "score", "shares"),
    [([3, 4, 0], 4, [1.44, 2.56, 0]), ([0, 0, 0], 0, [0, 0, 0]), ([2e15, 0, 2e15], 2e15, [1e15, 0, 1e15])],
)
def test_score_is_the_greatest_and_shares_go_by_squares(values: list[float], score: float, shares: list[float]) -> None:
    network = Network(window=1, channels=3)
    row = network.op("Reshape", network.input, network.integers([-1, 3]))
    found = Runner(network.seal(*greatest(network, row)).onnx)(np.array([[values]], np.float32))
    assert found.score == pytest.approx([score])
    assert found.by_channel == pytest.approx(np.array([shares]))
