"""The limit tuned on labelled events: found by hand, in order of time, and honest where events are few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tocsin.core.errors import InputError, SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds._constant import ConstantLimit
from tocsin.thresholds._labelled_events import Outcome, events_of, judge
from tocsin.thresholds._labelled_words import share_between
from tocsin.thresholds._runs import least_of_run, ringing_of
from tocsin.thresholds.labelled import Labelled


def made(events: Sequence[float], peaks: Sequence[float], *, long: int = 5) -> Reference:
    """Return scores of 1 with normal peaks that last as long as events, and an event of each height behind each."""
    score, labels = [np.ones(20)], [np.zeros(20, np.bool_)]
    for event, peak in zip(events, peaks, strict=True):
        for height, marked in ((peak, False), (event, True)):
            score += [np.full(long, float(height)), np.ones(20)]
            labels += [np.full(long, marked), np.zeros(20, np.bool_)]
    return replace(Reference.of(np.concatenate(score)), labels=np.concatenate(labels))


def limit_of(reference: Reference, beta: float = 1.0) -> float:
    limits = Labelled(beta).fit(reference).limits
    assert isinstance(limits, ConstantLimit)
    return limits.limit


def test_where_events_stand_out_the_limit_lies_midway() -> None:
    assert limit_of(made([10, 9, 8, 12], [2, 3, 1, 4])) == 6.0


def test_beta_says_what_a_missed_event_is_worth() -> None:
    # limit 6 catches 2 of 3 without a false alarm, limit 3 all 3 with 3: F1 0.8 and 0.67, F3 0.69 and 0.95
    reference = made([9, 8, 3.5], [4, 4, 4])
    assert limit_of(reference) == 6.0
    assert limit_of(reference, beta=3) == pytest.approx((3.5 + 1) / 2)


def test_the_check_is_made_on_later_events_with_a_limit_chosen_on_earlier_ones() -> None:
    found = Labelled().fit(made([10, 10, 10, 10, 3], [2, 2, 2, 4, 2]))
    assert found.said[0].startswith(
        "Limit 6 chosen on 3 earlier events, caught 1 of the 2 later ones with no false alarms"
    )
    # 5 to 95 % by Clopper and Pearson, each end with 90 %
    assert "so it would catch 5 to 95 % of such events" in found.said[0]
    assert found.said[1] == "On all of them, limit 2.5 catches 5 of 5 events with 1 false alarm (event-wise F1)."


def test_what_comes_later_changes_nothing_about_the_check() -> None:
    ends = ([10, 10, 10, 10, 9], [10, 10, 10, 2, 2])
    said = [Labelled().fit(made(events, [2, 2, 2, 2, 2])).said[0] for events in ends]
    assert [text.split(" chosen")[0] for text in said] == ["Limit 6", "Limit 6"]
    assert ["caught 2 of the 2" in said[0], "caught 0 of the 2" in said[1]] == [True, True]


def test_of_equally_good_limits_the_quieter_is_taken() -> None:
    # 1 of 2 events without a false alarm is as good as 2 of 2 with 2 of them: F1 = 2/3
    reference = made([9, 3.5], [4, 4])
    assert Labelled().fit(reference).said[1].startswith("On all of them, limit 6.5 catches 1 of 2")


def test_one_event_gives_a_limit_and_no_false_confidence() -> None:
    found = Labelled().fit(made([9], [3]))
    assert found.limits == ConstantLimit(6.0)
    assert found.said == ("Limit 6 catches 1 of 1 event with no false alarms (event-wise F1).",)
    assert found.warnings[0].startswith("There is only one labelled event")


def test_few_events_are_said_to_be_few() -> None:
    assert "Only 4 labelled events" in Labelled().fit(made([9] * 4, [3] * 4)).warnings[0]
    assert Labelled().fit(made([9] * 5, [3] * 5)).warnings == ()


def test_scores_that_do_not_tell_events_apart_are_said_not_to() -> None:
    found = Labelled().fit(made([2] * 5, [3, 3, 4, 5, 6], long=12))
    assert found.limits == ConstantLimit(1.5)
    assert found.warnings == ()
    reference = made([2] * 5, [3, 3, 4, 5, 6])
    labels = reference.labels
    assert labels is not None
    fewer = replace(reference, labels=labels & (np.arange(len(labels)) > 60))
    assert Labelled().fit(fewer).warnings[1].startswith("The scores do not tell these events from normal readings")


def test_events_too_short_to_ring_are_told() -> None:
    reference = made([9] * 6, [3] * 6)
    labels = reference.labels
    assert labels is not None
    short = np.where(np.arange(len(labels)) < 100, labels & ~np.append(False, labels[:-1]), labels)
    (said,) = Labelled().fit(replace(reference, labels=short, raise_after=2)).warnings
    assert said.startswith("2 events of 6 can hardly ring")
    alone = labels | (np.arange(len(labels)) < 10)
    only = Reference(reference.score[alone], reference.time[alone], reference.device[alone], labels=labels[alone])
    with pytest.raises(InputError, match="No labelled event lasts for 9 windows"):
        Labelled().fit(replace(only, raise_after=9))


def test_an_alarm_shortly_before_an_event_is_no_false_one() -> None:
    score, labels = np.ones(100), np.zeros(100, np.bool_)
    score[46:55], labels[50:55] = 9.0, True
    reference = replace(Reference.of(score), labels=labels)
    assert judge(reference, events_of(reference), 5.0, ~labels) == Outcome(5.0, 1, 1, 0)
    # 12 windows of ringing before an event of 5 are false alarms, and more than one
    score[36:50] = 9.0
    reference = replace(Reference.of(score), labels=labels)
    assert judge(reference, events_of(reference), 5.0, ~labels).false_alarms == 2


def test_ringing_all_the_time_is_no_single_false_alarm() -> None:
    reference = made([9] * 6, [3] * 6)
    labels = reference.labels
    assert labels is not None
    assert len(ringing_of(reference)(0.5, 3)) == 1
    assert judge(reference, events_of(reference), 0.5, ~labels).false_alarms == round((~labels).sum() / 5 - 2 / 5)


def test_a_pause_parts_events_and_devices_are_kept_apart() -> None:
    labels = np.array([True] * 6)
    one = Reference(np.full(6, 9.0), np.array([1, 2, 3, 40, 41, 42]), np.zeros(6, np.int64), labels=labels)
    assert events_of(one).windows.tolist() == [3, 3]
    two = replace(one, time=np.array([1, 2, 3, 1, 2, 3]), device=np.array([0, 0, 0, 1, 1, 1]))
    assert events_of(two).peak.tolist() == [9.0, 9.0]


def test_false_alarms_weigh_as_if_all_the_time_had_been_held_out() -> None:
    reference = made([9, 9, 9, 4], [1, 1, 5, 1])
    assert limit_of(reference) == 2.5
    # the same windows, but most of the time between them was learned from: one false alarm stands for many
    time = np.asarray(reference.time).copy()
    time[60:] += 3000
    assert limit_of(replace(reference, time=time)) == 7.0


@settings(deadline=None)
@given(st.lists(st.floats(1.5, 20), min_size=2, max_size=6), st.lists(st.floats(1.5, 20), min_size=6, max_size=6))
def test_no_limit_serves_the_events_better(events: list[float], peaks: list[float]) -> None:
    reference = made(events, peaks[: len(events)])
    known, labels = events_of(reference), reference.labels
    assert labels is not None
    best = judge(reference, known, limit_of(reference), ~labels).f(beta=1, weight=1)
    for limit in np.unique(least_of_run(reference, 3))[1:]:
        assert judge(reference, known, float(limit), ~labels).f(beta=1, weight=1) <= best + 1e-12


@settings(deadline=None)
@given(st.integers(1, 60), st.data())
def test_shares_lie_between_clopper_and_pearsons_ends(whole: int, drawn: st.DataObject) -> None:
    count = drawn.draw(st.integers(0, whole))
    low, high = share_between(count, whole)
    assert low == pytest.approx(stats.beta.ppf(0.1, count, whole - count + 1) if count else 0.0)
    assert high == pytest.approx(stats.beta.ppf(0.9, count + 1, whole - count) if count < whole else 1.0)


@pytest.mark.parametrize(("count", "whole"), [(3000, 5000), (0, 5000), (5000, 5000), (1, 20_000)])
def test_thousands_of_events_have_ends_too(count: int, whole: int) -> None:
    low, high = share_between(count, whole)
    assert low == pytest.approx(stats.beta.ppf(0.1, count, whole - count + 1) if count else 0.0)
    assert high == pytest.approx(stats.beta.ppf(0.9, count + 1, whole - count) if count < whole else 1.0)


def test_without_labels_there_is_nothing_to_tune_on() -> None:
    reference = made([9, 9], [3, 3])
    with pytest.raises(InputError, match="the readings have no labels") as refused:
        Labelled().fit(replace(reference, labels=None))
    assert "--label" in refused.value.remedy
    with pytest.raises(InputError, match="no window with a score ends in one"):
        Labelled().fit(replace(reference, labels=np.zeros(len(reference), np.bool_)))
    with pytest.raises(InputError, match="All readings are labelled"):
        Labelled().fit(replace(reference, labels=np.ones(len(reference), np.bool_)))


@pytest.mark.parametrize("text", ["0", "11", "nan", "often", "beta=1,magic=2"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        Labelled.parse(text)


def test_it_is_written_with_or_without_beta() -> None:
    assert (Labelled.parse(""), Labelled.parse("2"), Labelled.parse("beta=.5")) == (
        Labelled(),
        Labelled(2),
        Labelled(0.5),
    )
