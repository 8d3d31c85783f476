from __future__ import annotations

from dataclasses import replace

import numpy as np

from tocsin.core.arrays import NEVER
from tocsin.core.arrivals import Arrivals
from tocsin.engine.live._repeats import BLOCKS, Repeats


def block(times: list[int], values: list[list[float]], channels: tuple[str, ...] = ("a", "b")) -> Arrivals:
    time = np.array(times, np.int64)
    return Arrivals(("pump-1",), channels, np.zeros(len(times), np.int64), time, np.array(values), arrived=time)


def after(*blocks: Arrivals, most: int = 100) -> Repeats:
    repeats = Repeats(most)
    for one in blocks:
        repeats.remember(one)
    return repeats


def test_a_reading_that_comes_again_later_in_another_block_is_known() -> None:
    repeats = after(block([1, 2, 3], [[1, 1], [2, 2], [3, 3]]))
    again = replace(block([4, 2], [[4, 4], [2, 2]]), arrived=np.array([90, 91]))
    assert repeats.known(again).tolist() == [False, True]


def test_a_reading_twice_in_one_block_is_known_the_second_time() -> None:
    assert Repeats().known(block([1, 1, 2], [[1, 1], [1, 1], [1, 1]])).tolist() == [False, True, False]


def test_other_values_another_device_or_another_channel_are_news() -> None:
    repeats = after(block([1], [[1, 2]]))
    assert not repeats.known(block([1], [[1, 2.5]])).any()
    assert not repeats.known(replace(block([1], [[1, 2]]), devices=("pump-2",))).any()
    assert not repeats.known(block([1], [[1, 2]], ("a", "c"))).any()
    assert not repeats.known(block([1], [[2, 1]])).any()


def test_a_block_may_bring_channels_in_another_order_or_more_of_them_without_news() -> None:
    repeats = after(block([1], [[1, np.nan]]))
    assert repeats.known(block([1], [[np.nan, 1]], ("b", "a"))).all()
    assert repeats.known(block([1], [[np.nan, 1, np.nan]], ("c", "a", "d"))).all()


def test_a_reading_without_a_readable_time_comes_again_as_it_was() -> None:
    repeats = after(block([NEVER], [[1, 1]]))
    assert repeats.known(block([NEVER, NEVER], [[1, 1], [2, 1]])).tolist() == [True, False]


def test_the_oldest_blocks_are_forgotten() -> None:
    repeats = after(*(block([k], [[k, k]]) for k in range(10)), most=3)
    assert repeats.known(block(list(range(10)), [[k, k] for k in range(10)])).tolist() == [False] * 7 + [True] * 3
    repeats.remember(block([10], [[10, 10]]))
    assert repeats.known(block([7, 8, 10], [[7, 7], [8, 8], [10, 10]])).tolist() == [False, True, True]


def test_blocks_without_end_are_forgotten_however_little_they_hold() -> None:
    repeats = Repeats()
    for k in range(BLOCKS + 2):
        repeats.remember(block([k], [[k, k]]))
    assert repeats.known(block([1, 2], [[1, 1], [2, 2]])).tolist() == [False, True]


def test_an_empty_block_is_no_trouble() -> None:
    assert after(Arrivals.none()).known(Arrivals.none()).tolist() == []
