"""Shapley values against their definition by brute force, and against games whose answer is known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.explain.shapley import shapley
from tocsin.graph.network import Network
from tocsin.graph.run import Runner


def additive(weights: FloatArray) -> Runner:
    """A graph of two readings whose score is the sum over both of weight times value."""
    network = Network(window=2, channels=len(weights))
    flat = network.op("Reshape", network.input, network.integers([-1, 2 * len(weights)]))
    summed = network.op("MatMul", flat, network.constant(np.tile(weights, 2)[:, None]))
    return Runner(network.seal(network.op("Reshape", summed, network.integers([-1]))).onnx)


def tangled(channels: int, seed: int) -> Runner:
    """A graph in which no channel's effect stands by itself: the square of a sum, and the greatest of some others."""
    network, rng = Network(window=1, channels=channels), np.random.default_rng(seed)
    flat = network.op("Reshape", network.input, network.integers([-1, channels]))
    one, two = (network.op("MatMul", flat, network.constant(rng.normal(size=(channels, 1)))) for _ in range(2))
    score = network.op("Max", network.op("Mul", one, one), two)
    return Runner(network.seal(network.op("Reshape", score, network.integers([-1]))).onnx)


def by_definition(runner: Runner, window: Float32Array, usual: FloatArray) -> FloatArray:
    """Average over all orders what each channel raises the score by when its turn comes."""
    n = window.shape[1]
    dues = np.zeros(n)
    for order in itertools.permutations(range(n)):
        shown = np.broadcast_to(usual, window.shape).astype(np.float32).copy()
        before = float(runner(shown[None]).score[0])
        for channel in order:
            shown[:, channel] = window[:, channel]
            after = float(runner(shown[None]).score[0])
            dues[channel] += after - before
            before = after
    return dues / math.factorial(n)


@pytest.mark.parametrize("seed", range(4))
def test_exact_values_are_those_of_the_definition(seed: int) -> None:
    runner, rng = tangled(4, seed), np.random.default_rng(seed)
    window, usual = rng.normal(size=(1, 4)).astype(np.float32), rng.normal(size=4)
    found = shapley(runner, window, usual=usual)
    np.testing.assert_allclose(found.values, by_definition(runner, window, usual), atol=1e-5)
    assert found.exact
    assert not found.error.any()
    assert found.runs == 16


@pytest.mark.parametrize("channels", [3, 14])
def test_of_an_additive_score_each_term_is_its_channels_due(channels: int) -> None:
    rng = np.random.default_rng(0)
    weights, usual = rng.normal(size=channels), rng.normal(size=channels)
    window = rng.normal(size=(2, channels)).astype(np.float32)
    found = shapley(additive(weights), window, usual=usual)
    terms = weights * (window.astype(np.float64) - usual).sum(axis=0)
    np.testing.assert_allclose(found.values, terms, atol=1e-5)
    assert found.exact is (channels == 3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_values_sum_to_the_rise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    runner, window, usual = tangled(5, seed), rng.normal(size=(1, 5)).astype(np.float32), rng.normal(size=5)
    for exact in (10, 1):
        found = shapley(runner, window, usual=usual, exact=exact, pairs=5)
        assert found.values.sum() == pytest.approx(found.score - found.base, abs=1e-4)


def test_drawn_orders_come_close_and_say_how_close() -> None:
    runner, rng = tangled(8, 1), np.random.default_rng(1)
    window, usual = rng.normal(size=(1, 8)).astype(np.float32), np.zeros(8)
    exact = shapley(runner, window, usual=usual)
    drawn = shapley(runner, window, usual=usual, exact=1, pairs=400)
    assert not drawn.exact
    assert (np.abs(drawn.values - exact.values) < 4 * drawn.error + 1e-6).all()
    assert drawn.error.max() < 0.1 * abs(exact.score - exact.base)
    assert drawn.runs == 2 + 400 * 2 * 8


def test_the_same_seed_draws_the_same_orders() -> None:
    runner = tangled(12, 2)
    window = np.random.default_rng(2).normal(size=(1, 12)).astype(np.float32)
    found = [shapley(runner, window, usual=np.zeros(12), pairs=3, seed=seed).values for seed in (0, 0, 1)]
    np.testing.assert_array_equal(found[0], found[1])
    assert (found[0] != found[2]).any()


def test_a_channel_at_its_usual_value_gets_nothing() -> None:
    runner = tangled(4, 3)
    window = np.array([[1.0, 2.0, 0.5, -1.0]], np.float32)
    assert shapley(runner, window, usual=np.array([0, 2.0, 0, 0])).values[1] == 0
