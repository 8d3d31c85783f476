from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.evaluation.metrics.ranking import average_precision, roc_auc
from tocsin.evaluation.metrics.vus import LEVELS, volumes, vus_pr, vus_roc

pieces = st.lists(st.tuples(st.booleans(), st.integers(1, 12)), min_size=1, max_size=12)
windows = st.integers(0, 20)


def labelled(pieces: list[tuple[bool, int]]) -> BoolArray:
    return np.repeat(np.array([flag for flag, _ in pieces]), [length for _, length in pieces])


def plain(labels: BoolArray, scores: FloatArray, window: int) -> list[float]:
    """Both volumes by the rules, width by width, threshold by threshold and reading by reading."""
    areas = [_plain_areas(labels, scores, width) for width in range(window + 1)]
    return [float(np.mean([roc for roc, _ in areas])), float(np.mean([pr for _, pr in areas]))]


def _plain_areas(labels: BoolArray, scores: FloatArray, width: int) -> tuple[float, float]:
    inside = np.flatnonzero(labels)
    edges = np.flatnonzero(np.diff(labels, prepend=False, append=False))
    soft = np.zeros(len(labels))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        for place in range(len(labels)):
            away = max(start - place, place - stop + 1)
            if 1 <= away <= width // 2:
                soft[place] += np.sqrt(1 - away / width)
    soft = np.minimum(soft, 1)
    soft[inside] = 1
    reached = [set(range(a - width // 2, b + width // 2)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    for k in range(len(reached) - 1, 0, -1):
        if reached[k] & reached[k - 1]:
            reached[k - 1] |= reached.pop(k)
    ranked = np.sort(scores)[::-1]
    recall, false, precision = [0.0], [0.0], [1.0]
    for at in np.linspace(0, len(scores) - 1, LEVELS).astype(int):
        said = scores >= ranked[at]
        caught = float(soft[said].sum())
        positives = len(inside) + float(soft[said & ~labels].sum()) / 2
        seen = np.mean([any(said[place] for place in part if 0 <= place < len(said)) for part in reached])
        recall.append(min(caught / positives, 1) * float(seen))
        false.append((said.sum() - caught) / (len(labels) - positives))
        precision.append(caught / said.sum())
    pr = sum((recall[k] - recall[k - 1]) * precision[k] for k in range(1, len(recall)))
    recall, false = [*recall, 1.0], [*false, 1.0]
    roc = sum((false[k] - false[k - 1]) * (recall[k] + recall[k - 1]) / 2 for k in range(1, len(recall)))
    return roc, pr


def test_one_event_by_hand() -> None:
    """Scores 4 3 2 1 over labels 0 1 0 0, window 2.

    Widths 0 and 1 leave the labels as they are: precision at the only step of recall is 1/2, the ROC area 2/3. At width
    2 the neighbours weigh b = √½. The first threshold flags b of 1 + b/2, the second 1 + b of 1 + b/2, cut off at 1.
    """
    b = np.sqrt(0.5)
    first = b / (1 + b / 2)
    pr = first * b + (1 - first) * (1 + b) / 2
    found = volumes([0, 1, 0, 0], [4, 3, 2, 1], 2)
    assert found is not None
    assert found.pr == pytest.approx((1 / 2 + 1 / 2 + pr) / 3)
    assert vus_roc([0, 1, 0, 0], [4, 3, 2, 1], 1) == pytest.approx(2 / 3)


@pytest.mark.parametrize("labels", [[0, 0, 0], [1, 1, 1], [], [1], [0]])
def test_nothing_to_tell_apart_is_none(labels: list[int]) -> None:
    scores = np.arange(len(labels))
    assert volumes(labels, scores, 3) is None
    assert vus_pr(labels, scores, 3) is None
    assert vus_roc(labels, scores, 3) is None


def test_a_negative_window_is_refused() -> None:
    with pytest.raises(ValueError, match="window of -1"):
        vus_pr([0, 1], [1, 2], -1)


def test_scores_slightly_late_lose_less_than_with_hard_labels() -> None:
    labels = np.zeros(400, bool)
    labels[100:120] = labels[300:320] = True
    late = np.roll(labels, 8).astype(np.float64) + 1e-6 * np.arange(400)
    hard, soft = vus_pr(labels, late, 0), vus_pr(labels, late, 40)
    assert hard is not None
    assert soft is not None
    assert soft > hard + 0.15


@pytest.mark.parametrize(("event", "roc", "pr"), [(100, 0.61, 0.14), (5, 0.9, 0.56)])
def test_chance_reaches_what_the_docstring_says(event: int, roc: float, pr: float) -> None:
    random, labels = np.random.default_rng(0), np.zeros(20_000, bool)
    for start in random.integers(0, 20_000 - event, 2_000 // event):
        labels[start : start + event] = True
    found = volumes(labels, random.random(20_000), 100)
    assert found is not None
    assert [found.roc, found.pr] == pytest.approx([roc, pr], abs=0.04)


@settings(deadline=None, max_examples=40)
@example(
    pieces=[(True, 3), (False, 2), (True, 1), (False, 1), (True, 2), (False, 9)], scores_seed=1, kinds=3, window=12
)
@example(pieces=[(False, 5), (True, 2)], scores_seed=0, kinds=1, window=30)
@given(pieces, st.integers(0, 99), st.sampled_from([1, 3, 50]), st.integers(0, 12))
def test_agrees_with_the_rules_followed_plainly(
    pieces: list[tuple[bool, int]], scores_seed: int, kinds: int, window: int
) -> None:
    labels = labelled(pieces)
    scores = np.random.default_rng(scores_seed).integers(0, kinds, len(labels)).astype(np.float64)
    found = volumes(labels, scores, window)
    if labels.all() or not labels.any():
        assert found is None
        return
    assert found is not None
    expected = plain(labels, scores, window)
    assert [found.roc, found.pr] == pytest.approx(expected, abs=1e-9)


@given(pieces, st.integers(0, 99), windows)
def test_lies_between_0_and_1_and_only_the_order_of_scores_matters(
    pieces: list[tuple[bool, int]], seed: int, window: int
) -> None:
    labels = labelled(pieces)
    scores = np.random.default_rng(seed).normal(size=len(labels)).round(1)
    found = volumes(labels, scores, window)
    assert found == volumes(labels, 3 * scores**3 + 5, window)
    if found is not None:
        assert 0 <= found.roc <= 1 + 1e-12
        assert 0 <= found.pr <= 1 + 1e-12


@given(pieces, st.integers(0, 99), windows)
def test_time_may_run_backwards(pieces: list[tuple[bool, int]], seed: int, window: int) -> None:
    labels = labelled(pieces)
    scores = np.random.default_rng(seed).normal(size=len(labels))
    found, mirrored = volumes(labels, scores, window), volumes(labels[::-1], scores[::-1], window)
    if found is None or mirrored is None:
        assert found is mirrored
        return
    assert [found.roc, found.pr] == pytest.approx([mirrored.roc, mirrored.pr])


@settings(deadline=None)  # the first call imports scikit-learn
@given(st.integers(0, 60), st.integers(1, 60), st.integers(1, 60), st.integers(0, 99), st.sampled_from([1, 4, 1000]))
def test_window_0_on_one_event_is_plain_auc(before: int, event: int, after: int, seed: int, kinds: int) -> None:
    pytest.importorskip("sklearn")
    labels = np.repeat([False, True, False], [before, event, after])
    scores = np.random.default_rng(seed).integers(0, kinds, len(labels))
    assert len(labels) <= LEVELS
    assert vus_pr(labels, scores, 0) == pytest.approx(average_precision(labels, scores))
    assert vus_roc(labels, scores, 0) == pytest.approx(roc_auc(labels, scores))


def theirs(tsb_ad: Any, labels: BoolArray, scores: FloatArray, window: int) -> list[float]:
    *_, roc, pr = tsb_ad.metrics.RangeAUC_volume_opt(labels.astype(int), scores, window)
    return [float(roc), float(pr)]


@pytest.mark.parametrize("window", [0, 1, 2, 5, 12, 25])
def test_equals_the_package_behind_published_tables(tsb_ad: Any, window: int) -> None:
    random = np.random.default_rng(window)
    for k in range(9):
        readings = int(random.integers(3, 300))
        labels = np.repeat(random.random(readings) < (0.05, 0.3, 0.7)[k // 3], random.integers(1, 9))[:readings]
        labels[0], labels[-1] = k % 2, not k % 2
        noise = (random.normal(size=readings), random.integers(0, 4, readings), np.zeros(readings))[k % 3]
        scores = noise.astype(np.float64)
        found, expected = volumes(labels, scores, window), theirs(tsb_ad, labels, scores, window)
        assert found is not None
        assert [found.roc, found.pr] == pytest.approx(expected, abs=1e-9)


def long(readings: int, segments: int) -> tuple[BoolArray, FloatArray]:
    random, labels = np.random.default_rng(0), np.zeros(readings, bool)
    for start in random.integers(0, readings, segments):
        labels[start : start + int(random.integers(20, 200))] = True
    return labels, random.normal(size=readings) + labels


@pytest.mark.slow
def test_ten_times_as_fast_as_the_package_at_30_000_readings(tsb_ad: Any) -> None:
    labels, scores = long(30_000, 20)
    start = time.perf_counter()
    found = volumes(labels, scores, 100)
    ours_s = time.perf_counter() - start
    start = time.perf_counter()
    expected = theirs(tsb_ad, labels, scores, 100)
    theirs_s = time.perf_counter() - start
    assert found is not None
    assert [found.roc, found.pr] == pytest.approx(expected, rel=0, abs=1e-6)
    assert theirs_s >= 10 * ours_s


@pytest.mark.parametrize("segments", [20, 5_000])
def test_100_000_readings_take_less_than_two_seconds(segments: int) -> None:
    labels, scores = long(100_000, segments)
    start = time.perf_counter()
    assert volumes(labels[:100_000], scores, 125) is not None
    assert time.perf_counter() - start < 2
