from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import BoolArray
from tocsin.evaluation.metrics.event_wise import NS_PER_S, EventMetrics, event_metrics

MINUTE = 60 * NS_PER_S


def bools(text: str) -> BoolArray:
    return np.array([mark == "x" for mark in text], dtype=bool)


def judged(labels: str, flagged: str, scored: str = "", *, row_clock: bool = False) -> EventMetrics:
    time = np.arange(len(labels)) * MINUTE
    known = bools(scored) if scored else np.ones(len(labels), bool)
    return event_metrics(bools(labels), bools(flagged), scored=known, time=time, row_clock=row_clock)


def test_counts_by_hand() -> None:
    found = judged("..xxx...xx....xx..", ".....x.x.x.xx.....")
    assert found == EventMetrics(
        events=3, caught=1, alarms=4, false_alarms=3, left_out=0, delays=(1,), delays_ns=(MINUTE,)
    )
    assert (found.precision, found.recall) == (1 / 4, 1 / 3)
    assert found.f1 == pytest.approx(2 / 7)
    assert (found.median_delay, found.median_delay_s) == (1.0, 60.0)


def test_one_alarm_may_touch_two_events() -> None:
    found = judged(".xx.xx.", "..xxx..")
    assert (found.events, found.caught, found.alarms, found.false_alarms) == (2, 2, 1, 0)
    assert found.delays == (1, 0)


def test_two_alarms_on_one_event_are_two_true_alarms() -> None:
    found = judged(".xxxxx.", ".x.x.x.")
    assert (found.events, found.caught, found.alarms, found.false_alarms) == (1, 1, 3, 0)


def test_an_alarm_that_began_before_the_event_has_no_delay() -> None:
    assert judged("...xxx", ".xxxxx").delays == (0,)


def test_an_event_without_a_score_is_left_out_and_a_hole_splits_no_alarm() -> None:
    found = judged("xx...xxx", "xx.xxxxx", "..xxx.xx")
    assert (found.events, found.caught, found.left_out) == (1, 1, 1)
    assert (found.alarms, found.false_alarms) == (1, 0)
    assert found.delays == (1,)


def test_a_flag_without_a_score_does_not_count() -> None:
    found = judged(".xx.x", ".x...", "x.xxx")
    assert (found.events, found.caught, found.alarms) == (2, 0, 0)


@pytest.mark.parametrize(
    ("labels", "flagged", "precision", "recall", "f1"),
    [
        ("....", "....", None, None, None),
        ("....", ".x..", 0.0, None, 0.0),
        (".x..", "....", None, 0.0, 0.0),
        (".x..", "...x", 0.0, 0.0, 0.0),
        ("", "", None, None, None),
    ],
)
def test_a_ratio_of_nothing_is_none(
    labels: str, flagged: str, precision: float | None, recall: float | None, f1: float | None
) -> None:
    found = judged(labels, flagged)
    assert (found.precision, found.recall, found.f1) == (precision, recall, f1)
    assert (found.median_delay, found.median_delay_s) == (None, None)


def test_row_numbers_give_no_seconds() -> None:
    found = judged("..xx", "...x", row_clock=True)
    assert (found.delays, found.delays_ns) == ((1,), ())
    assert (found.median_delay, found.median_delay_s) == (1.0, None)


def test_runs_never_span_two_devices() -> None:
    labels, flagged = bools("xxxx"), bools("xxxx")
    device, time = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]) * MINUTE
    found = event_metrics(labels, flagged, scored=np.ones(4, bool), time=time, device=device)
    assert (found.events, found.caught, found.alarms) == (2, 2, 2)


def test_delays_follow_the_device_and_not_the_row() -> None:
    device = np.array([0, 1, 0, 1, 0, 1])
    time = np.array([0, 1, 5, 6, 20, 21]) * NS_PER_S
    labels, flagged = device == 0, np.arange(6) == 4
    found = event_metrics(labels, flagged, scored=np.ones(6, bool), time=time, device=device)
    assert (found.delays, found.median_delay_s) == ((2,), 20.0)


@pytest.mark.parametrize("wrong", [{"time": np.arange(3)}, {"device": np.zeros(3, np.int64)}])
def test_shapes_must_agree(wrong: dict[str, np.ndarray]) -> None:
    given = {"time": np.arange(2), "device": np.zeros(2, np.int64)} | wrong
    with pytest.raises(ValueError, match="shape"):
        event_metrics([1, 0], [1, 0], scored=[1, 1], **given)


def runs(flags: list[bool]) -> list[list[int]]:
    """The places of each maximal run of True, found one by one."""
    found: list[list[int]] = []
    for place, flag in enumerate(flags):
        if flag and place and flags[place - 1]:
            found[-1].append(place)
        elif flag:
            found.append([place])
    return found


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=40))
def test_agrees_with_a_plain_loop(rows: list[tuple[bool, bool, bool]]) -> None:
    labels, flags, scored = ([row[k] for row in rows] for k in range(3))
    found = event_metrics(
        np.array(labels, bool), np.array(flags, bool), scored=np.array(scored, bool), time=np.arange(len(rows))
    )
    events = runs(labels)
    hits = [[place for place in event if flags[place] and scored[place]] for event in events]
    known = [place for place in range(len(rows)) if scored[place]]
    alarms = runs([flags[place] for place in known])
    true = [alarm for alarm in alarms if any(labels[known[place]] for place in alarm)]
    assert found.events == sum(any(scored[place] for place in event) for event in events)
    assert found.events + found.left_out == len(events)
    assert found.caught == sum(map(bool, hits))
    assert found.delays == tuple(hit[0] - event[0] for hit, event in zip(hits, events, strict=True) if hit)
    assert (found.alarms, found.false_alarms) == (len(alarms), len(alarms) - len(true))
