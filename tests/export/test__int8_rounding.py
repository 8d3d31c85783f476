"""Rounding to 8 bits: half a step at most each, and better than that for the layer as a whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import Float32Array
from tocsin.export._int8_rounding import REACH, Rounded, rounded, steps


def _weights(seed: int, outputs: int = 6, inputs: int = 12) -> Float32Array:
    return np.random.default_rng(seed).normal(size=(outputs, inputs)).astype(np.float32)


@given(st.integers(0, 10_000), st.floats(1e-20, 1e20))
def test_plain_rounding_is_half_a_step_off_at_most(seed: int, size: float) -> None:
    weight = _weights(seed) * np.float32(size)
    found = rounded(weight)
    assert np.abs(found.code).max() <= REACH
    off = np.abs(found.code * found.step[:, None].astype(np.float64) - weight)
    assert np.all(off <= found.step[:, None] * 0.5001)


@given(st.integers(0, 10_000))
def test_steps_are_as_small_as_half_precision_lets_them_be(seed: int) -> None:
    weight = _weights(seed)
    exact = np.abs(weight).max(axis=1) / REACH
    assert np.all(steps(weight) >= exact * (1 - 1e-6))
    assert np.all(steps(weight) <= exact * 1.002)


def test_an_output_without_weights_stays_so() -> None:
    found = rounded(np.zeros((2, 3), np.float32), np.ones((4, 3), np.float32))
    assert not found.code.any()
    assert np.isfinite(found.step).all()


def test_inputs_that_say_the_same_make_up_for_each_other() -> None:
    # two equal inputs: 0.4 steps each, which plain rounding loses twice, and which are 0.8 steps together
    weight = np.array([[127, 0.4, 0.4]], np.float32) / np.float32(100)
    both = np.random.default_rng(0).normal(size=(500, 1)).repeat(2, axis=1)
    seen = np.column_stack([np.zeros(500), both]).astype(np.float32)
    assert rounded(weight).code.tolist() == [[127, 0, 0]]
    assert rounded(weight, seen).code[0, 1:].sum() == 1


@pytest.mark.parametrize("seed", range(5))
def test_a_layer_answers_what_it_has_seen_more_closely(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weight = _weights(seed, 16, 40)
    seen = (rng.normal(size=(400, 5)) @ rng.normal(size=(5, 40)) + 0.1 * rng.normal(size=(400, 40))).astype(np.float32)

    def off(found: Rounded) -> float:
        return float(np.square(seen @ (found.code * found.step[:, None] - weight).T).mean())

    plain, made_up = (rounded(weight, given) for given in (None, seen))
    assert off(made_up) < 0.5 * off(plain)


def test_inputs_that_never_move_do_no_harm() -> None:
    weight, seen = _weights(3), np.zeros((50, 12), np.float32)
    assert np.array_equal(rounded(weight, seen).code, rounded(weight).code)
