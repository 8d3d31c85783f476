"""What a student learns from: normal windows as they were, blends, faults; and always what the teacher says of it."""

from __future__ import annotations

import numpy as np

from tocsin.core.windows import Windows
from tocsin.graph.network import Network
from tocsin.graph.run import Runner
from tocsin.graph.shares import mean_squared_error
from tocsin.training.smaller._lesson import lesson

SERIES = np.random.default_rng(1).normal([5.0, 100.0], [2.0, 10.0], (300, 2)).astype(np.float32)
WINDOWS = Windows(SERIES, np.arange(4, 300), 5)
UNITS = np.array([2.0, 10.0])


def teacher() -> Runner:
    network = Network(window=5, channels=2)
    last = network.op("Gather", network.input, network.integers(4), attributes={"axis": 1})
    shared = mean_squared_error(network, last, network.constant([5.0, 100.0]), steps=1)
    return Runner(network.seal(shared.score, shared.by_channel, expected=network.op("Neg", last)).onnx)


def test_the_answers_are_the_teachers() -> None:
    found = lesson(teacher(), WINDOWS, most=400, units=UNITS, blend=True, seed=0)
    away = (found.raw[:, -1] - np.array([5.0, 100.0])) ** 2 / 2
    np.testing.assert_allclose(found.score, away.sum(axis=1), rtol=1e-5)
    assert found.by_channel is not None
    assert found.expected is not None
    np.testing.assert_allclose(found.by_channel, away, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(found.expected, -found.raw[:, -1])


def test_without_blends_calm_windows_are_as_they_were_found() -> None:
    found = lesson(teacher(), WINDOWS, most=400, units=UNITS, blend=False, seed=0)
    known = {window.tobytes() for window in WINDOWS.take(slice(None))}
    assert all(window.tobytes() in known for window in found.raw[found.calm])
    strange = [window.tobytes() not in known for window in found.raw[~found.calm]]
    assert np.mean(strange) > 0.95


def test_blends_lie_between_two_windows() -> None:
    found = lesson(teacher(), WINDOWS, most=400, units=UNITS, blend=True, seed=0)
    low, high = SERIES.min(axis=0), SERIES.max(axis=0)
    calm = found.raw[found.calm]
    assert ((calm >= low - 1e-4) & (calm <= high + 1e-4)).all()


def test_faults_reach_every_channel_in_its_own_unit() -> None:
    found = lesson(teacher(), WINDOWS, most=2000, units=UNITS, blend=False, seed=0)
    beyond = np.abs(found.raw[~found.calm] - [5.0, 100.0]).max(axis=1) / UNITS
    assert (np.quantile(beyond, 0.95, axis=0) > 6).all()
    assert (np.quantile(beyond, 0.999, axis=0) < 40).all()


def test_the_same_seed_gives_the_same_lesson() -> None:
    one, same, other = (lesson(teacher(), WINDOWS, most=200, units=UNITS, blend=True, seed=k) for k in (3, 3, 4))
    assert one.raw.tobytes() == same.raw.tobytes()
    assert one.raw.tobytes() != other.raw.tobytes()
