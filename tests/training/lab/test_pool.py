"""Processes import what they run by name, so these tests run functions of the standard library."""

from __future__ import annotations

import operator
import os

import pytest

from tocsin.core.errors import TocsinError
from tocsin.core.progress import listening
from tocsin.training.lab.pool import spread


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_task_is_done_once_and_told(jobs: int) -> None:
    heard: list[tuple[str, int, int, str]] = []
    with listening(lambda *news: heard.append(news)):
        found = dict(spread(operator.mul, [1, 2, 3], shared=10, jobs=jobs, what="scaling"))
    assert found == {1: 10, 2: 20, 3: 30}
    assert heard[0] == ("scaling", 0, 3, "")
    assert [news[2] for news in heard] == [3] * len(heard)


def test_a_process_that_dies_is_told_in_words() -> None:
    with pytest.raises(TocsinError, match="died, most likely for want of memory"):
        list(spread(operator.call, [1, 2, 3], shared=os._exit, jobs=2, what="dying"))


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_goes_wrong_inside_comes_out(jobs: int) -> None:
    with pytest.raises(ZeroDivisionError):
        list(spread(operator.truediv, [0, 0], shared=1, jobs=jobs, what="failing"))
