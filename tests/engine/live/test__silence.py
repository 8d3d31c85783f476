"""Silence, against a plain account of its rule: one device at a time, arrival by arrival."""

from __future__ import annotations

from dataclasses import astuple
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import NEVER
from tocsin.engine.live._silence import Lull, Silence

AFTER, DEVICES = 5, 3


def started(devices: int = DEVICES, *, after: int = AFTER, forget: int = 0) -> Silence:
    silence = Silence(after, forget)
    silence.slots.settle(np.arange(devices))
    silence.mind(np.arange(devices), np.ones(devices, np.bool_))
    return silence


arrivals = st.lists(st.tuples(st.integers(0, DEVICES - 1), st.integers(0, 9)), min_size=1, max_size=40)


@settings(max_examples=200)
@given(arrivals, st.lists(st.integers(0, 40), max_size=5))
def test_what_is_told_is_the_rule_however_arrivals_are_cut(rows: list[tuple[int, int]], cuts: list[int]) -> None:
    device = np.array([row[0] for row in rows])
    heard = np.cumsum([row[1] for row in rows], dtype=np.int64)
    said = np.where(heard % 4 == 0, NEVER, heard * 10)
    silence, found = started(), list[Lull]()
    for start, stop in pairwise(sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})):
        found += silence.hear(device[start:stop], heard[start:stop], said[start:stop])
        found += silence.due(int(heard[stop - 1]))
    assert sorted(map(astuple, found)) == sorted(_ruled(device.tolist(), heard.tolist(), said.tolist()))


def _ruled(device: list[int], heard: list[int], said: list[int]) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for who in set(device):
        mine = [k for k, one in enumerate(device) if one == who]
        word, begun, told = NEVER, None, 0
        for k, following in pairwise([*mine, None]):
            assert k is not None
            word = said[k] if said[k] != NEVER else word
            until = heard[-1] if following is None else heard[following]
            if until <= heard[k] + AFTER:
                continue
            start = heard[k] if word == NEVER else word
            told = told if start == begun else 0
            begun, opened = start, heard[k] + AFTER
            found.append((who, told, start, opened, opened, AFTER, True))
            if following is not None:
                found.append((who, told + 1, start, opened, until, until - heard[k], False))
            told += 2
    return found


def test_a_moment_that_was_exactly_long_enough_is_not_yet_too_long() -> None:
    silence = started(1)
    silence.hear(np.array([0]), np.array([10]), np.array([7]))
    assert silence.due(15) == []
    assert silence.due(16) == [Lull(0, 0, 7, 15, 15, 5, open=True)]
    assert silence.due(99) == []


def test_the_columns_are_all_that_is_remembered() -> None:
    one, other = started(), started()
    for silence in (one, other):
        silence.hear(np.array([0, 1]), np.array([0, 4]), np.array([0, 4]))
        silence.due(7)
    again = started()
    again.slots.write(slice(0, DEVICES), other.slots.arrays(slice(0, DEVICES)))
    again.resume(np.arange(DEVICES), np.ones(DEVICES, np.bool_))
    rows = np.array([0, 1]), np.array([8, 30]), np.array([8, 30])
    assert one.hear(*rows) == again.hear(*rows)


def test_a_device_is_unknown_once_it_was_silent_for_longer_than_that() -> None:
    silence = started(forget=20)
    assert silence.unknown_at(3) == 23
    silence.hear(np.array([0, 1]), np.array([3, 5]), np.array([3, 5]))
    assert silence.forgotten(23).tolist() == []
    assert silence.forgotten(24).tolist() == [0]
    assert silence.unknown_at(99) == 25


def test_of_many_devices_those_that_are_due_are_found_once_each() -> None:
    devices = 100_000
    silence = started(devices, after=10**10)
    silence.hear(np.arange(devices), np.arange(devices, dtype=np.int64) * 1_000, np.arange(devices))
    assert [lull.device for lull in silence.due(10**10 + 500)] == [0]
    assert silence.due(10**10 + 900) == []
    assert [lull.device for lull in silence.due(10**10 + 3_001)] == [1, 2, 3]
