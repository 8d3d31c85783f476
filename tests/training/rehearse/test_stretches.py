"""Stretches lie in normal readings of one device without a pause, and rhythms are found."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.core.arrays import BoolArray
from tocsin.training.rehearse._stretches import Ground


def ground(normal: BoolArray, apart: BoolArray) -> Ground:
    rows = len(normal)
    return Ground(
        np.zeros(rows, np.int64), np.arange(rows), np.zeros((rows, 1)), np.ones((rows, 1), bool), normal, apart
    )


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(arrays(bool, n), arrays(bool, n))), st.integers(1, 12))
def test_starts_are_those_that_a_loop_finds(flags: tuple[BoolArray, BoolArray], length: int) -> None:
    normal, apart = flags
    expected = [
        start
        for start in range(len(normal) - length + 1)
        if normal[start : start + length].all() and not apart[start + 1 : start + length].any()
    ]
    assert ground(normal, apart).starts(length).tolist() == expected


def test_half_a_rhythm_is_found_in_the_longest_stretch() -> None:
    rng = np.random.default_rng(0)
    wave = np.sin(2 * np.pi * np.arange(1000) / 100)
    values = np.column_stack([5 * wave, np.cos(2 * np.pi * np.arange(1000) / 100), np.full(1000, 3.0)])
    values[:, :2] += rng.normal(0, 0.3, (1000, 2))
    apart = np.isin(np.arange(1000), (0, 150))
    every = np.ones(1000, bool)
    whole = Ground(np.zeros(1000, np.int64), np.arange(1000), values, values == values, every, apart)
    assert whole.half_rhythm() % 100 in range(47, 54)


def test_rounding_is_no_deviation() -> None:
    values = np.column_stack([np.tile([0.1 + 0.2, 0.3], 50), np.tile([1.0, 2.0], 50)])
    every = np.ones(100, bool)
    whole = Ground(np.zeros(100, np.int64), np.arange(100), values, values == values, every, ~every)
    assert whole.deviation().tolist() == [0.0, 0.5]
