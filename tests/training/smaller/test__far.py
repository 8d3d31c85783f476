"""What a teacher does far out is found by asking it: checked on teachers whose arithmetic is known."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.arrays import Float32Array
from tocsin.core.windows import Windows
from tocsin.graph.network import Network
from tocsin.graph.run import Runner
from tocsin.training.smaller._far import Far, probe
from tocsin.training.smaller._sight import Sight

SERIES = np.random.default_rng(0).normal([5.0, 100.0], [2.0, 10.0], (400, 2)).astype(np.float32)
WINDOWS = Windows(SERIES, np.arange(3, 400), 4)
SIGHT = Sight.of(WINDOWS, ())


def last_of(network: Network, step: int = 3) -> str:
    return network.op("Gather", network.input, network.integers(step), attributes={"axis": 1})


def scored(network: Network, values: str, weights: list[float]) -> Runner:
    """Return the teacher whose score is a weighted sum of ``values`` of shape (n, channels)."""
    score = network.op("MatMul", values, network.constant(np.array(weights)[:, None]))
    return Runner(network.seal(network.op("Reshape", score, network.integers([-1]))).onnx)


def asked(teacher: Runner, limit: float = 1e9) -> Far:
    raw: Float32Array = WINDOWS.take(slice(0, 32))
    return probe(teacher, raw, SIGHT, limit=limit)


def centred(network: Network, values: str) -> str:
    return network.op("Sub", values, network.constant([5.0, 100.0]))


def test_a_teacher_of_the_last_reading_counts_no_other() -> None:
    network = Network(window=4, channels=2)
    away = centred(network, last_of(network))
    found = asked(scored(network, network.op("Mul", away, away), [1.0, 0.0]))
    assert found.steps.tolist() == [0, 0, 0, 1]
    assert found.sees.all()
    assert found.departures.up[1] == found.departures.down[1] == 0
    # a squared deviation of 2 units: what is added at the distance asked about, over the distance beyond the range
    assert 4 < found.departures.up[0] < 16
    assert 4 < found.level.up[0] < 16


def test_a_teacher_of_one_side_counts_no_other() -> None:
    network = Network(window=4, channels=2)
    found = asked(scored(network, network.op("Relu", centred(network, last_of(network))), [1.0, 1.0]))
    assert (found.departures.up > 0).all()
    assert (found.level.up > 0).all()
    assert found.departures.down.tolist() == found.level.down.tolist() == [0, 0]


def test_a_teacher_of_changes_sees_no_level() -> None:
    network = Network(window=4, channels=2)
    change = network.op("Sub", last_of(network), last_of(network, 0))
    found = asked(scored(network, network.op("Mul", change, change), [1.0, 1.0]))
    assert not found.sees.any()
    assert found.level.up.tolist() == found.level.down.tolist() == [0, 0]
    # the first reading counts as much as the last
    assert found.steps[1] == found.steps[2] == 0
    assert found.steps[0] > 0.9


def test_where_the_teacher_rings_far_out_the_distance_alone_is_enough() -> None:
    network = Network(window=4, channels=2)
    away = network.op("Abs", centred(network, last_of(network)))
    teacher = scored(network, away, [1.0, 0.0])
    calm, ringing = (asked(teacher, limit) for limit in (1e6, 20.0))
    reach = 2 * np.abs(SIGHT(WINDOWS.take(slice(0, 32)))).max(axis=(0, 1)) + 8
    for near, far in ((calm.departures, ringing.departures), (calm.level, ringing.level)):
        assert far.up[0] > near.up[0]
        assert far.up[0] * (reach[0] - far.high[0]) ** 2 == pytest.approx(2 * 20.0)


def test_most_normal_values_lie_within_the_ranges() -> None:
    network = Network(window=4, channels=2)
    found = asked(scored(network, last_of(network), [1.0, 1.0]))
    seen = SIGHT(WINDOWS.take(slice(None)))
    level = seen.mean(axis=1, keepdims=True)
    for values, beyond in ((seen - level, found.departures), (level, found.level)):
        assert np.mean((values > beyond.low) & (values < beyond.high)) > 0.99
