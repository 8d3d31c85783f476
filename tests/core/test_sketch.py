"""Quantile sketches: within a per cent of the true quantile, and the same however values are added up."""

from __future__ import annotations

import contextlib
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.core.errors import InputError
from tocsin.core.sketch import ACCURACY, MOST_BINS, Sketch

VALUES = arrays(np.float64, st.integers(1, 200), elements=st.floats(-1e9, 1e9, allow_subnormal=False))


def same(one: Sketch, other: Sketch) -> bool:
    pairs = zip((*one.above, *one.below), (*other.above, *other.below), strict=True)
    return one.zeros == other.zeros and all(np.array_equal(a, b) for a, b in pairs)


@settings(max_examples=60, deadline=None)
@given(values=VALUES, share=st.floats(0, 1))
def test_a_quantile_is_within_a_per_cent_of_the_true_one(values: np.ndarray, share: float) -> None:
    true = float(np.quantile(values, share, method="lower"))
    found = Sketch().plus(values).quantile(share)
    assert abs(found - true) <= ACCURACY * abs(true) * (1 + 1e-9) + 1e-12


@settings(max_examples=40, deadline=None)
@given(values=VALUES, cut=st.integers(0, 200))
def test_parts_added_up_are_the_whole_bin_for_bin(values: np.ndarray, cut: int) -> None:
    whole, one, other = Sketch().plus(values), Sketch().plus(values[:cut]), Sketch().plus(values[cut:])
    assert same(whole, one.merged([other]))
    assert same(whole, Sketch().plus(values[:cut]).plus(values[cut:]))
    assert same(whole, other.merged([one, Sketch()]))


@settings(max_examples=40, deadline=None)
@given(values=VALUES)
def test_bytes_bring_back_the_same_sketch(values: np.ndarray) -> None:
    whole = Sketch().plus(values)
    assert same(whole, Sketch.decode(whole.encode()))


def test_bins_worked_out_by_hand() -> None:
    gamma = 1.01 / 0.99
    found = Sketch().plus(np.array([1.0, gamma, gamma * 1.001, -1.0, 0.0, np.nan, np.inf]))
    assert found.above[0].tolist() == [0, 1, 2]
    assert found.above[1].tolist() == [1, 1, 1]
    assert found.below[0].tolist() == [0]
    assert (found.zeros, found.total) == (1, 5)


def test_a_million_scores_fit_into_a_few_kilobytes() -> None:
    scores = np.random.default_rng(0).lognormal(0, 2, 1_000_000)
    whole = Sketch().plus(scores)
    assert len(whole.encode()) < 4_000
    for share in (0.5, 0.99, 0.9999):
        assert whole.quantile(share) == pytest.approx(np.quantile(scores, share), rel=ACCURACY)


def test_bins_are_bounded_and_great_values_stay_exact() -> None:
    wide = Sketch().plus(10.0 ** np.linspace(-11.9, 200, 50_000))
    assert len(wide.above[0]) == MOST_BINS
    assert wide.total == 50_000
    assert wide.quantile(1.0) == pytest.approx(1e200, rel=ACCURACY)
    assert len(wide.merged([wide]).above[0]) == MOST_BINS


def test_shares_between_bounds_sum_to_one() -> None:
    found = Sketch().plus(np.arange(1.0, 101.0)).shares(np.array([25.4, 50.4]))
    assert found.sum() == pytest.approx(1)
    np.testing.assert_allclose(found, [0.25, 0.25, 0.5], atol=0.01)


def test_no_values_have_no_quantile() -> None:
    assert np.isnan(Sketch().quantile(0.5))
    assert same(Sketch.decode(Sketch().encode()), Sketch())


@settings(max_examples=60, deadline=None)
@given(written=st.binary(max_size=200))
def test_other_bytes_are_refused_in_a_sentence(written: bytes) -> None:
    with pytest.raises(InputError):
        Sketch.decode(written)


@settings(max_examples=40, deadline=None)
@given(place=st.integers(0, 10_000), by=st.integers(1, 255))
def test_altered_bytes_give_a_sketch_or_a_sentence(place: int, by: int) -> None:
    plain = bytearray(zlib.decompress(Sketch().plus(np.arange(-50.0, 50.0)).encode()))
    plain[place % len(plain)] ^= by
    with contextlib.suppress(InputError):
        found = Sketch.decode(zlib.compress(bytes(plain)))
        assert found.total == int(found.bins()[1].sum()) > 0


def test_sketches_of_other_accuracies_are_not_added_up() -> None:
    with pytest.raises(InputError, match="accuracies"):
        Sketch().merged([Sketch(accuracy=0.02)])
