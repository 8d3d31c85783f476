"""NAB's score: anchors that need no code of NAB's, sums by hand, a loop to compare with, and a published detector."""

from __future__ import annotations

import json
import math
import time
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.evaluation.metrics.nab import PROFILES, nab_score, nab_score_at, probation

Corpus = tuple[list[BoolArray], list[FloatArray]]


@pytest.fixture(scope="module")
def corpus(shared_data: Path) -> Corpus:
    """Labels and values of the 58 files."""
    folder = shared_data / "nab"
    labels, values = [], []
    for name, windows in json.loads((folder / "labels" / "combined_windows.json").read_text("utf-8")).items():
        table = pl.read_csv(folder / "data" / name)
        stamps = table["timestamp"].to_list()
        marked = np.zeros(len(stamps), np.bool_)
        for first, last in windows:
            marked[stamps.index(first.split(".")[0]) : stamps.index(last.split(".")[0]) + 1] = True
        labels.append(marked)
        values.append(table["value"].to_numpy().astype(np.float64))
    return labels, values


def sigmoid(place: float) -> float:
    return 2 / (1 + math.exp(5 * place)) - 1


def by_loop(labels: list[BoolArray], scores: list[FloatArray], threshold: float, profile: str) -> float:
    """NAB's rules, read from the paper and written down as a loop over readings."""
    hit, false, miss = PROFILES[profile]
    total = 0.0
    for truth, score in zip(labels, scores, strict=True):
        last, length, caught, opened = None, 0, False, None
        for row in range(len(truth)):
            inside = bool(truth[row])
            if inside and opened is None:
                opened, caught = row, False
                length = int(np.argmin(np.append(truth[row:], False)))
                total -= miss if row + length > probation(len(truth)) else 0
            if not inside and opened is not None:
                last, opened = row - 1, None
            if score[row] < threshold or row < probation(len(truth)):
                continue
            if opened is not None:
                if not caught:
                    total += miss + hit * sigmoid((row - opened - length) / length) / sigmoid(-1)
                caught = True
            else:
                behind = math.inf if last is None else (row - last) / max(length - 1, 1)
                total += false * (-1 if behind >= 3 else sigmoid(behind))
    return total


def windows_at(rows: int, *spans: tuple[int, int]) -> BoolArray:
    marked = np.zeros(rows, np.bool_)
    for first, stop in spans:
        marked[first:stop] = True
    return marked


def alarms_at(rows: int, *at: int) -> FloatArray:
    score = np.zeros(rows)
    score[list(at)] = 1
    return score


def test_sums_by_hand() -> None:
    labels = windows_at(100, (40, 50), (80, 90))
    early = nab_score_at([labels], [alarms_at(100, 40)], 1)
    assert early.raw == pytest.approx(1 - 1)
    assert early.score == pytest.approx(100 * (0 + 2) / (2 + 2))
    halfway = nab_score_at([labels], [alarms_at(100, 45, 49)], 1)
    assert halfway.raw == pytest.approx(0.848284 / 0.986614 - 1, abs=1e-6)
    # nothing before any window, half a length behind one, and more than three lengths behind
    false = nab_score_at([labels], [alarms_at(100, 20, 54, 78)], 1)
    assert false.raw == pytest.approx(-2 - 0.11 * (1 + math.tanh(2.5 * 5 / 9) + 1))


def test_each_profile_has_its_costs() -> None:
    labels = windows_at(100, (40, 50))
    missed = {name: nab_score_at([labels], [alarms_at(100, 20)], 1, profile=name).raw for name in PROFILES}
    assert missed == {"standard": -1.11, "reward_low_FP_rate": -1.22, "reward_low_FN_rate": -2.11}


def test_probation_counts_for_nothing() -> None:
    labels = windows_at(100, (2, 6), (12, 20), (40, 50))
    assert probation(100) == 15
    none = nab_score_at([labels], [alarms_at(100)], 1)
    assert (none.windows, none.raw) == (2, -2)
    assert nab_score_at([labels], [alarms_at(100, 3, 9, 13)], 1).raw == -2


def test_a_windows_worth_is_that_of_its_earliest_alarm() -> None:
    labels = windows_at(100, (40, 50))
    both = nab_score([labels], [np.maximum(alarms_at(100, 40) * 0.6, alarms_at(100, 48) * 0.9)])
    assert (both.score, both.threshold) == (100, 0.6)


def test_what_cannot_be_scored_is_refused() -> None:
    labels = windows_at(100, (40, 50))
    for bad in (np.full(100, np.nan), np.full(100, 1.2), np.zeros(99)):
        with pytest.raises(ValueError, match="scores"):
            nab_score([labels], [bad])
    with pytest.raises(ValueError, match="no file holds a window"):
        nab_score([windows_at(100, (2, 5))], [np.zeros(100)])
    with pytest.raises(ValueError, match="no profile 'harsh'"):
        nab_score([labels], [np.zeros(100)], profile="harsh")
    with pytest.raises(ValueError, match="labels of 1 files, scores of 2"):
        nab_score([labels], [np.zeros(100)] * 2)


@st.composite
def small_corpora(draw: st.DrawFn) -> Corpus:
    labels, scores = [windows_at(30, (20, 24))], [np.zeros(30)]
    for _ in range(draw(st.integers(1, 3))):
        rows = draw(st.integers(1, 60))
        edges = sorted(draw(st.sets(st.integers(0, rows), max_size=8)))
        labels.append(windows_at(rows, *zip(edges[::2], edges[1::2], strict=False)))
        scores.append(np.array(draw(st.lists(st.integers(0, 4), min_size=rows, max_size=rows))) / 4)
    return labels, scores


@settings(max_examples=60, deadline=None)
@given(small_corpora(), st.sampled_from(sorted(PROFILES)))
def test_the_sweep_finds_what_a_loop_over_all_thresholds_finds(corpus: Corpus, profile: str) -> None:
    labels, scores = corpus
    found = nab_score(labels, scores, profile=profile)
    thresholds = sorted({1.1, *chain.from_iterable(score.tolist() for score in scores)})
    tried = {threshold: by_loop(labels, scores, threshold, profile) for threshold in thresholds}
    assert found.raw == pytest.approx(max(tried.values()))
    assert found.raw == pytest.approx(by_loop(labels, scores, found.threshold, profile))
    assert sum(found.by_file) == pytest.approx(found.raw)
    for threshold, raw in tried.items():
        assert nab_score_at(labels, scores, threshold, profile=profile).raw == pytest.approx(raw)


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_null_and_perfect_on_the_corpus(corpus: Corpus, profile: str) -> None:
    labels, _ = corpus
    null = nab_score(labels, [np.full(len(truth), 0.5) for truth in labels], profile=profile)
    assert (null.score, null.windows) == (0.0, 116)
    perfect = [(truth & ~np.append(False, truth[:-1])).astype(np.float64) for truth in labels]
    assert nab_score(labels, perfect, profile=profile).score == 100.0


def test_random_scores_reach_what_is_published_of_them(corpus: Corpus) -> None:
    labels, _ = corpus
    found = [
        nab_score(labels, [np.random.default_rng([seed, k]).random(len(truth)) for k, truth in enumerate(labels)]).score
        for seed in range(12)
    ]
    assert abs(np.mean(found) - 11.0) < 3 * np.std(found, ddof=1) / math.sqrt(len(found))


def test_the_windowed_gaussian_reaches_what_is_published_of_it(corpus: Corpus) -> None:
    labels, values = corpus
    # its result files hold 12 digits, and the best threshold lies where they end
    scores = [np.round(windowed_gaussian(own), 12) for own in values]
    found = [nab_score(labels, scores, profile=profile).score for profile in PROFILES]
    assert found == pytest.approx([39.6, 20.9, 47.4], abs=0.05)


def test_the_corpus_is_scored_at_once(corpus: Corpus) -> None:
    labels, _ = corpus
    scores = [np.random.default_rng(k).random(len(truth)) for k, truth in enumerate(labels)]
    began = time.process_time()
    nab_score(labels, scores)
    assert time.process_time() - began < 2


def windowed_gaussian(values: FloatArray, *, size: int = 6400, step: int = 100) -> FloatArray:
    """1 − the tail probability of each value under a normal distribution of those in a window that moves by steps."""
    from scipy.special import erfc

    row = np.arange(len(values))
    first = np.maximum(row - size, 0) // step * step
    stop = np.where(row <= size, row, size + first)
    centred = values - np.median(values)
    sums, squares = (np.append(0, np.cumsum(centred**power)) for power in (1, 2))
    count = np.maximum(stop - first, 1)
    mean = (sums[stop] - sums[first]) / count
    deviation = np.sqrt(np.maximum((squares[stop] - squares[first]) / count - mean**2, 0))
    z = np.abs(centred - mean) / np.where(deviation > 1e-9, deviation, 1e-6)
    return np.where(row > 0, 1 - 0.5 * erfc(z / math.sqrt(2)), 0.0)
