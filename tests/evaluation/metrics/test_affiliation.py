from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import BoolArray
from tocsin.evaluation.metrics.affiliation import affiliation_metrics

PARTS = 24
"""Moments a reading is cut into where the definition is followed moment by moment."""


def bools(text: str) -> BoolArray:
    return np.array([mark == "x" for mark in text], dtype=bool)


def test_perfect_flags_reach_one() -> None:
    found = affiliation_metrics(bools("..xx...x.."), bools("..xx...x.."))
    assert found is not None
    assert (found.precision, found.recall, found.f1) == (1.0, 1.0, 1.0)


def test_one_reading_too_late_by_hand() -> None:
    """Event [4, 5) in the zone [0, 10), flagged [5, 6).

    A flagged moment is d in [0, 1] away; 1 + 2 d of 10 are as near, so precision is the mean of 1 - (1 + 2 d) / 10, .8.
    A moment y of the event is d = 5 - y away from the flag; 2 d of 10 are as near: recall is the mean of 1 - 2 d / 10.
    """
    found = affiliation_metrics(bools("....x....."), bools(".....x...."))
    assert found is not None
    assert found.precision == pytest.approx(0.8)
    assert found.recall == pytest.approx(0.9)


def test_nothing_flagged_is_nothing_found() -> None:
    found = affiliation_metrics(bools("..x."), bools("...."))
    assert found is not None
    assert (found.precision, found.recall, found.f1) == (None, 0.0, 0.0)


@pytest.mark.parametrize("labels", ["....", ""])
def test_without_an_event_there_is_no_zone(labels: str) -> None:
    assert affiliation_metrics(bools(labels), bools(labels)) is None


def test_an_event_without_a_flag_nearby_lowers_recall_alone() -> None:
    found = affiliation_metrics(bools("..x.......x.."), bools("..x.........."))
    assert found is not None
    assert (found.precision, found.recall) == (1.0, 0.5)


def plain(labels: BoolArray, flagged: BoolArray) -> tuple[float, float]:
    """Precision and recall from the definition: how many moments of the zone are farther, moment by moment."""
    moments = (np.arange(len(labels) * PARTS) + 0.5) / PARTS
    true, said = np.repeat(labels, PARTS), np.repeat(flagged, PARTS)
    number = np.cumsum(np.diff(true, prepend=False) & true) - 1
    to_event = np.array([np.abs(moments - m)[true].min() for m in moments])
    owner = np.array([number[true][np.abs(moments - m)[true].argmin()] for m in moments])
    precision, recall = [], []
    for event in range(number.max() + 1):
        zone = owner == event
        hits = moments[zone & said]
        if len(hits):
            precision.append(np.mean([(to_event[zone] >= to_event[moments == hit]).mean() for hit in hits]))
        reached = [np.abs(hits - m).min(initial=np.inf) for m in moments[zone & true]]
        far = [np.abs(moments[zone] - m) for m in moments[zone & true]]
        recall.append(np.mean([(away >= near).mean() for away, near in zip(far, reached, strict=True)]))
    return float(np.mean(precision)) if precision else np.nan, float(np.mean(recall))


@pytest.mark.parametrize(
    ("labels", "flagged"),
    [
        ("...xx......", ".....x..x.."),
        ("x....xx....x", "...x....x..."),
        ("..xxx....x...", "x..x.x.....xx"),
        (".x.x.", "..x.."),
        ("xxxx", "..x."),
    ],
)
def test_agrees_with_the_definition(labels: str, flagged: str) -> None:
    found = affiliation_metrics(bools(labels), bools(flagged))
    precision, recall = plain(bools(labels), bools(flagged))
    assert found is not None
    assert found.precision == pytest.approx(precision, abs=0.02)
    assert found.recall == pytest.approx(recall, abs=0.02)


rows = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40)


@given(rows)
def test_lies_between_0_and_1_and_time_may_run_backwards(rows: list[tuple[bool, bool]]) -> None:
    labels, flagged = (np.array([row[k] for row in rows], dtype=bool) for k in range(2))
    found, mirrored = affiliation_metrics(labels, flagged), affiliation_metrics(labels[::-1], flagged[::-1])
    assert (found is None) == (not labels.any())
    if found is None or mirrored is None:
        return
    assert 0 <= found.recall <= 1 + 1e-12
    assert found.recall == pytest.approx(mirrored.recall)
    assert found.precision == pytest.approx(mirrored.precision)
    assert found.precision is None or 0 <= found.precision <= 1 + 1e-12


def test_a_random_score_reaches_seven_tenths() -> None:
    random = np.random.default_rng(0)
    labels = np.zeros(20_000, bool)
    for start in range(1_000, 20_000, 2_000):
        labels[start : start + 200] = True
    found = affiliation_metrics(labels, random.random(20_000) < 0.03)
    assert found is not None
    assert 0.65 < found.f1 < 0.75


def test_equals_the_package_behind_published_tables(tsb_ad: Any) -> None:
    random = np.random.default_rng(0)
    for _ in range(200):
        share, lengths = random.uniform(0.05, 0.6, 2), random.integers(1, 9, (2, 80))
        labels, flagged = (np.repeat(random.random(80) < share[k], lengths[k])[:80] for k in range(2))
        if not labels.any() or not flagged.any():
            continue
        expected = tsb_ad.affiliation(tsb_ad.events(flagged), tsb_ad.events(labels), (0, len(labels)))
        found = affiliation_metrics(labels, flagged)
        assert found is not None
        assert found.precision == pytest.approx(expected["Affiliation_Precision"], abs=1e-12)
        assert found.recall == pytest.approx(expected["Affiliation_Recall"], abs=1e-12)
        f1 = tsb_ad.metrics.metric_Affiliation(labels.astype(int), None, flagged.astype(int))
        assert found.f1 == pytest.approx(f1, abs=1e-9)
