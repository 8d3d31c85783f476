from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.graph.curve import Curve, rising, rising_each
from tocsin.graph.network import Network
from tocsin.graph.run import Runner

CURVE = Curve(np.array([0.0, 1.0, 3.0, 3.5]), np.array([0.0, 4.0, 4.0, 5.0]))


def _scored(curve: Curve, values: FloatArray) -> FloatArray:
    network = Network(window=1, channels=1)
    column = network.op("Reshape", network.input, network.integers([-1, 1]))
    graph = network.seal(network.op("Reshape", rising(network, column, curve), network.integers([-1])))
    return np.asarray(Runner(graph.onnx)(values.astype(np.float32)[:, None, None]).score, np.float64)


def test_pieces_are_straight_level_before_and_straight_on_after() -> None:
    at = np.array([-7.0, 0.0, 0.25, 1.0, 2.0, 3.25, 3.5, 13.5])
    expected = [0.0, 0.0, 1.0, 4.0, 4.0, 4.5, 5.0, 25.0]
    assert _scored(CURVE, at).tolist() == expected
    assert CURVE(at).tolist() == expected


def test_rounding_never_lets_it_fall() -> None:
    rng = np.random.default_rng(0)
    curve = Curve(np.cumsum(rng.uniform(1e-6, 1, 60)), np.append(0, np.cumsum(rng.uniform(0, 1, 59))))
    neighbours = np.nextafter(np.float32(0), np.float32(1)) + np.sort(rng.uniform(0, 40, 5000)).astype(np.float32)
    steps = np.concatenate([neighbours, np.nextafter(neighbours, np.float32(99))])
    assert (np.diff(_scored(curve, np.sort(steps))) >= 0).all()


def test_the_end_of_float32_stays_finite() -> None:
    assert np.isfinite(_scored(CURVE, np.array([1e30, 3e38, -3e38]))).all()


def test_each_channel_climbs_its_own_curve() -> None:
    rng = np.random.default_rng(1)
    curves = [Curve(np.cumsum(rng.uniform(0.1, 1, 9)), np.append(0, np.cumsum(rng.uniform(0, 1, 8)))) for _ in range(3)]
    network = Network(window=1, channels=3)
    values = network.op("Reshape", network.input, network.integers([-1, 3]))
    each = rising_each(network, values, curves)
    graph = network.seal(network.op("ReduceMax", each, network.integers([1]), attributes={"keepdims": 0}), each)
    given = rng.uniform(-1, 20, (50, 3)).astype(np.float32)
    found = Runner(graph.onnx)(given[:, None, :]).by_channel
    expected = np.stack([curve(given[:, k].astype(np.float64)) for k, curve in enumerate(curves)], axis=1)
    assert found is not None
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
