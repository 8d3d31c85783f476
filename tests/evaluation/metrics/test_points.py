from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import BoolArray
from tocsin.evaluation.metrics.points import NS_PER_DAY, PointMetrics, false_alarms_per_day, point_metrics

DAY = NS_PER_DAY


def bools(text: str) -> BoolArray:
    return np.array([mark == "x" for mark in text], dtype=bool)


triples = st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=60)


def test_counts_by_hand() -> None:
    found = point_metrics(bools("xx..xx"), bools("x.x.xx"), scored=bools("xxxx.x"))
    assert found == PointMetrics(tp=2, fp=1, fn=1, tn=1, left_out=1, left_out_labelled=1)
    assert found.precision == found.recall == found.f1 == pytest.approx(2 / 3)
    assert found.accuracy == pytest.approx(3 / 5)
    assert found.false_positive_rate == pytest.approx(1 / 2)
    assert found.false_negative_rate == pytest.approx(1 / 3)


def test_a_ratio_of_nothing_is_none_not_zero() -> None:
    quiet = point_metrics(bools("...."), bools("...."), scored=bools("xxxx"))
    assert (quiet.precision, quiet.recall, quiet.f1, quiet.accuracy) == (None, None, None, 1.0)
    assert (quiet.false_positive_rate, quiet.false_negative_rate) == (0.0, None)
    full = point_metrics(bools("xx"), bools("x."), scored=bools("xx"))
    assert (full.false_positive_rate, full.false_negative_rate) == (None, 0.5)
    unscored = point_metrics(bools("xx"), bools("xx"), scored=bools(".."))
    assert (unscored.scored, unscored.accuracy, unscored.left_out, unscored.left_out_labelled) == (0, None, 2, 2)


def test_missed_anomalies_give_zero() -> None:
    found = point_metrics(bools("x..."), bools(".x.."), scored=bools("xxxx"))
    assert (found.precision, found.recall, found.f1) == (0.0, 0.0, 0.0)


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="shape"):
        point_metrics(bools("xx"), bools("x"), scored=bools("xx"))


@settings(deadline=None)  # the first call imports scikit-learn
@given(triples)
def test_agrees_with_scikit_learn(rows: list[tuple[bool, bool, bool]]) -> None:
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    labels, flags, scored = (np.array([row[k] for row in rows], dtype=bool) for k in range(3))
    found = point_metrics(labels, flags, scored=scored)
    assert found.scored + found.left_out == len(rows)
    if not scored.any():
        return
    true, said = labels[scored], flags[scored]
    for name in ("precision", "recall", "f1"):
        expected = getattr(sklearn_metrics, f"{name}_score")(true, said, zero_division=np.nan)
        ours = getattr(found, name)
        assert (ours is None and np.isnan(expected)) or ours == pytest.approx(expected)
    assert found.accuracy == pytest.approx(sklearn_metrics.accuracy_score(true, said))


@given(triples)
def test_what_unscored_rows_say_changes_no_count(rows: list[tuple[bool, bool, bool]]) -> None:
    labels, flags, scored = (np.array([row[k] for row in rows], dtype=bool) for k in range(3))
    plain = point_metrics(labels, flags, scored=scored)
    assert plain == point_metrics(labels, flags ^ ~scored, scored=scored)


def test_false_alarms_are_runs_without_a_label() -> None:
    time = np.arange(9) * (2 * DAY // 8)
    flagged, labels = bools("xx..xxx.x"), bools(".....x...")
    assert false_alarms_per_day(flagged, labels, time=time) == pytest.approx(2 / 2)


def test_false_alarms_of_two_devices_do_not_join() -> None:
    time = np.array([0, 0, DAY, DAY])
    device = np.array([0, 1, 0, 1])
    assert false_alarms_per_day(bools("x.xx"), bools("...."), time=time, device=device) == pytest.approx(2.0)
    assert false_alarms_per_day(bools("xxxx"), bools("x..."), time=time, device=device) == pytest.approx(1.0)


@pytest.mark.parametrize("time", [None, np.zeros(0, np.int64)])
def test_no_false_alarm_rate_without_a_clock(time: None) -> None:
    rows = 0 if time is not None else 4
    assert false_alarms_per_day(np.ones(rows, bool), np.zeros(rows, bool), time=time) is None


def test_no_false_alarm_rate_for_one_instant() -> None:
    assert false_alarms_per_day(bools("xx"), bools(".."), time=np.array([DAY, DAY])) is None
