"""The angle of a point: NumPy's, all around, and the same in any company."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from tocsin.core.arrays import Float32Array
from tocsin.graph.circle import turns
from tocsin.graph.network import Network
from tocsin.graph.run import Runner


def angles(sine: npt.ArrayLike, cosine: npt.ArrayLike) -> Float32Array:
    """Return the angles of points, in turns."""
    network = Network(window=1, channels=2)
    row = network.op("Reshape", network.input, network.integers([-1, 2]))
    first, second = (network.op("Gather", row, network.integers(k), attributes={"axis": 1}) for k in range(2))
    points = np.stack([np.atleast_1d(sine), np.atleast_1d(cosine)], axis=1).astype(np.float32)
    return Runner(network.seal(turns(network, first, second)).onnx)(points[:, None]).score


@pytest.mark.parametrize("distance", [1e-6, 1.0, 1e6])
def test_angles_are_numpys(distance: float) -> None:
    exact = np.linspace(-0.4999, 0.4999, 5001)
    found = angles(distance * np.sin(2 * np.pi * exact), distance * np.cos(2 * np.pi * exact))
    np.testing.assert_allclose(found, exact, atol=2e-7)


@pytest.mark.parametrize(
    ("sine", "cosine", "turn"),
    [
        (0, 1, 0),
        (1, 1, 1 / 8),
        (1, 0, 1 / 4),
        (1, -1, 3 / 8),
        (0, -1, 1 / 2),
        (-1, 0, -1 / 4),
        (-2, 2, -1 / 8),
        (0, 0, 0),
    ],
)
def test_a_walk_around_the_origin(sine: float, cosine: float, turn: float) -> None:
    assert angles(sine, cosine)[0] == pytest.approx(turn, abs=1e-7)


def test_the_batch_does_not_matter() -> None:
    points = np.random.default_rng(0).standard_normal((2, 301))
    whole = angles(*points)
    np.testing.assert_array_equal(np.concatenate([angles(*points[:, k : k + 7]) for k in range(0, 301, 7)]), whole)
