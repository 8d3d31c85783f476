"""Independent runs side by side: one process a core, since a training uses one thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

from tocsin.core.errors import TocsinError
from tocsin.core.progress import report

T = TypeVar("T")
R = TypeVar("R")

_shared: Any = None
"""What all runs of this process use; set once, since sending a table with each run would cost more than the run."""


def spread(
    work: Callable[[Any, T], R], tasks: Sequence[T], *, shared: Any, jobs: int, what: str
) -> Iterator[tuple[T, R]]:
    """Yield each task with what ``work(shared, task)`` returned, in the order in which they finish.

    Parameters
    ----------
    work
        A function at the top of a module.
    tasks
        What differs from run to run; ``str(task)`` is shown as progress.
    shared
        What all runs use.
    jobs
        Processes; with 1, everything happens in this one.
    what
        What is going on, for the progress.

    Raises
    ------
    TocsinError
        If a process dies.

    Notes
    -----
    Processes are started afresh and import the caller's main module: a script that asks for more than one needs
    ``if __name__ == "__main__":``.
    """
    report(what, 0, len(tasks))
    with crew(work, shared=shared, jobs=min(jobs, len(tasks))) as run:
        for done, (task, result) in enumerate(run(tasks), 1):
            report(what, done, len(tasks), str(task))
            yield task, result


@contextmanager
def crew(
    work: Callable[[Any, T], R], *, shared: Any, jobs: int
) -> Iterator[Callable[[Sequence[T]], Iterator[tuple[T, R]]]]:
    """Keep processes for as long as the block lasts; the function it gives runs tasks as :func:`spread` does.

    For work whose next tasks hang on the results of those before. What has not begun when its results are no longer
    asked for is not begun.
    """
    if jobs <= 1:
        yield lambda tasks: ((task, work(shared, task)) for task in tasks)
        return
    threads = os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(shared, threads)
    ) as pool:
        yield lambda tasks: _side_by_side(pool, work, tasks)


def _side_by_side(pool: ProcessPoolExecutor, work: Callable[[Any, T], R], tasks: Sequence[T]) -> Iterator[tuple[T, R]]:
    waiting = {pool.submit(_work, work, task): task for task in tasks}
    try:
        for future in as_completed(waiting):
            yield waiting[future], future.result()
    except BrokenProcessPool:
        raise TocsinError(
            "A process that was running died, most likely for want of memory.",
            remedy="Run again with fewer --jobs; what was finished is kept.",
        ) from None
    finally:
        for future in waiting:
            future.cancel()


def _begin(shared: Any, threads: str) -> None:
    global _shared  # a process has one
    os.environ["OMP_NUM_THREADS"] = threads
    _shared = shared


def _work(work: Callable[[Any, T], R], task: T) -> R:
    return work(_shared, task)
