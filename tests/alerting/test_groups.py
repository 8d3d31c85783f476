"""Which incidents belong together."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.alerting.groups import Groups, Opening, grouped
from tocsin.core.alerts import Incident
from tocsin.testing.stateful_checks import check_devices_apart, check_scan_is_fold

NAMES = ("b", "a", "c")


def incident(device: int, start: int, opened: int) -> Incident:
    return Incident(device, start, start, opened, 2.0, 1.0, (), open=False, opened=opened)


def test_a_group_reaches_from_its_first_incident_and_is_named_by_it() -> None:
    rang = [incident(0, 90, 100), incident(2, 0, 160), incident(1, 10, 161), incident(0, 155, 220)]
    assert grouped(rang, NAMES, together_ns=60) == [0, 0, 2, 2]
    assert grouped(rang, NAMES, together_ns=0) == [0, 1, 2, 3]
    assert grouped([], NAMES, together_ns=60) == []


def test_names_decide_which_is_first_of_those_at_one_moment() -> None:
    assert grouped([incident(0, 0, 5), incident(1, 0, 5)], NAMES, together_ns=1) == [1, 1]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 50)), max_size=12), st.randoms())
def test_the_order_in_which_incidents_become_known_does_not_matter(
    found: list[tuple[int, int]], random: object
) -> None:
    rang = [incident(device, time, time) for device, time in dict.fromkeys(found)]
    shuffled = list(rang)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    one = dict(zip(rang, (rang[k] for k in grouped(rang, NAMES, together_ns=9)), strict=True))
    other = dict(zip(shuffled, (shuffled[k] for k in grouped(shuffled, NAMES, together_ns=9)), strict=True))
    assert one == other


@given(st.integers(0, 20), st.lists(st.integers(0, 9), min_size=1, max_size=30), st.lists(st.integers(0, 30)))
def test_scan_is_fold_of_step(together: int, gaps: list[int], cuts: list[int]) -> None:
    time = np.cumsum([gaps, gaps[::-1]], axis=1)
    block = Opening(time, np.tile(np.arange(len(gaps)), (2, 1)))
    valid = np.ones(time.shape, np.bool_)
    check_scan_is_fold(Groups(together), block, valid, cuts=cuts)
    check_devices_apart(Groups(together), block, valid)
