"""The unit computes what its paper says, and the same bits in whatever company."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.graph.elu import elu
from tocsin.graph.network import Network
from tocsin.graph.run import Runner


def runner(width: int) -> Runner:
    network = Network(window=1, channels=width)
    rows = elu(network, network.op("Reshape", network.input, network.integers([-1, width])))
    total = network.op("MatMul", rows, network.constant(np.ones((width, 1))))
    return Runner(network.seal(network.op("Reshape", total, network.integers([-1])), rows).onnx)


def test_it_is_the_line_above_and_the_exponential_below() -> None:
    values = np.array([[[-100, -1, -1e-3, 0, 1e-3, 5]]], np.float32)
    expected = np.where(values > 0, values, np.expm1(values.astype(np.float64)))[0]
    found = runner(6)(values).by_channel
    assert found is not None
    np.testing.assert_allclose(found, expected, atol=6e-8)


@pytest.mark.parametrize("width", [1, 3, 5, 6, 7, 9, 11])
def test_company_changes_nothing(width: int) -> None:
    run = runner(width)
    windows = np.random.default_rng(width).normal(size=(300, 1, width)).astype(np.float32)
    whole = np.asarray(run(windows).by_channel)
    for size in (1, 7):
        parts = [np.asarray(run(windows[k : k + size]).by_channel) for k in range(0, len(windows), size)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)
