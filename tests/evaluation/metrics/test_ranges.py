from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import BoolArray
from tocsin.evaluation.metrics.ranges import range_metrics

pairs = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(1, 6)), max_size=12)


def series(pieces: list[tuple[bool, bool, int]]) -> tuple[BoolArray, BoolArray]:
    """Stretches of (labelled, flagged, length) end to end."""
    lengths = [length for *_, length in pieces]
    return tuple(np.repeat(np.array([piece[k] for piece in pieces], bool), lengths) for k in (0, 1))  # type: ignore[return-value]


def bools(text: str) -> BoolArray:
    return np.array([mark == "x" for mark in text], dtype=bool)


@pytest.mark.parametrize(
    ("labels", "flagged", "precision", "recall"),
    [
        (".xxxx.", ".xxxx.", 1.0, 1.0),
        (".xxxx.", ".xx...", 1.0, 0.2 + 0.8 * 0.5),
        (".xxxx.", ".x.x..", 1.0, 0.2 + 0.8 * 0.5 / 2),
        (".xxxx.", "xx...x", 0.25, 0.2 + 0.8 * 0.25),
        (".xx.xx", "..xxx.", (2 / 3) / 2, 0.2 + 0.8 * 0.5),
        ("xxxx", "xxxx", 1.0, 1.0),
    ],
)
def test_by_hand(labels: str, flagged: str, precision: float, recall: float) -> None:
    found = range_metrics(bools(labels), bools(flagged))
    assert found.precision == pytest.approx(precision)
    assert found.recall == pytest.approx(recall)
    assert found.f1 == pytest.approx(2 * precision * recall / (precision + recall))


@pytest.mark.parametrize(
    ("labels", "flagged", "expected"),
    [
        ("...", "...", (None, None, None)),
        ("...", ".x.", (0.0, None, 0.0)),
        (".x.", "...", (None, 0.0, 0.0)),
        ("", "", (None, None, None)),
    ],
)
def test_what_is_undefined_is_none(labels: str, flagged: str, expected: tuple[float | None, ...]) -> None:
    found = range_metrics(bools(labels), bools(flagged))
    assert (found.precision, found.recall, found.f1) == expected


def plain(runs: BoolArray, others: BoolArray, existence: float) -> float | None:
    """The reward of each run, from the definition, one by one."""
    whole = [
        set(part) for part in np.split(np.arange(len(runs)), 1 + np.flatnonzero(np.diff(runs))) if runs[part].any()
    ]
    other = [
        set(part) for part in np.split(np.arange(len(runs)), 1 + np.flatnonzero(np.diff(others))) if others[part].any()
    ]
    rewards = []
    for run in whole:
        met = [run & piece for piece in other if run & piece]
        share = sum(map(len, met)) / len(run) / max(len(met), 1)
        rewards.append(existence * bool(met) + (1 - existence) * share)
    return float(np.mean(rewards)) if rewards else None


@given(pairs)
def test_agrees_with_the_definition(pieces: list[tuple[bool, bool, int]]) -> None:
    labels, flagged = series(pieces)
    found = range_metrics(labels, flagged)
    assert found.recall == pytest.approx(plain(labels, flagged, 0.2))
    assert found.precision == pytest.approx(plain(flagged, labels, 0.0))


@given(pairs)
def test_lies_between_0_and_1_and_time_may_run_backwards(pieces: list[tuple[bool, bool, int]]) -> None:
    labels, flagged = series(pieces)
    found, mirrored = range_metrics(labels, flagged), range_metrics(labels[::-1], flagged[::-1])
    for ours, theirs in ((found.precision, mirrored.precision), (found.recall, mirrored.recall)):
        assert ours is None or 0 <= ours <= 1
        assert ours == pytest.approx(theirs)


def test_equals_the_package_behind_published_tables(tsb_ad: Any) -> None:
    random = np.random.default_rng(0)
    for _ in range(200):
        share, lengths = random.uniform(0.05, 0.6, 2), random.integers(1, 9, (2, 60))
        labels, flagged = (np.repeat(random.random(60) < share[k], lengths[k])[:80] for k in range(2))
        if labels.all() or flagged.all():
            continue  # a run over the whole series is none to tsb-ad
        expected = tsb_ad.metrics.metric_RF1(labels.astype(int), None, flagged.astype(int))
        assert (range_metrics(labels, flagged).f1 or 0.0) == pytest.approx(expected, abs=1e-12)
