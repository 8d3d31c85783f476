from __future__ import annotations

import os
import signal

import pytest

from tocsin.core.errors import TocsinError
from tocsin.core.progress import listening
from tocsin.training.lab.pool import spread


def scaled(shared: int, task: int) -> int:
    return shared * task


def dies(shared: object, task: int) -> int:  # noqa: ARG001  # one shape for all
    if task == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def fails(shared: object, task: int) -> int:  # noqa: ARG001  # one shape for all
    raise ZeroDivisionError(task)


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_task_is_done_once_and_told(jobs: int) -> None:
    heard: list[tuple[str, int, int, str]] = []
    with listening(lambda *news: heard.append(news)):
        found = dict(spread(scaled, [1, 2, 3], shared=10, jobs=jobs, what="scaling"))
    assert found == {1: 10, 2: 20, 3: 30}
    assert heard[0] == ("scaling", 0, 3, "")
    assert [news[2] for news in heard] == [3] * len(heard)


def test_a_process_that_dies_is_told_in_words() -> None:
    with pytest.raises(TocsinError, match="died, most likely for want of memory"):
        list(spread(dies, [0, 1, 2], shared=None, jobs=2, what="dying"))


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_goes_wrong_inside_comes_out(jobs: int) -> None:
    with pytest.raises(ZeroDivisionError):
        list(spread(fails, [0, 1], shared=None, jobs=jobs, what="failing"))
