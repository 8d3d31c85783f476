"""Jobs: long work in processes of its own, so that the service stays quick and any job can be ended."""

from __future__ import annotations

import os
import secrets
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tocsin.service.jobs._ledger import STOPPED, Ledger, now
from tocsin.service.jobs._work import Work
from tocsin.service.jobs.job import Job, Progress, Trouble
from tocsin.service.problems import ProblemError, problem
from tocsin.service.settings import Limits

_PATIENCE_S = 5.0


@dataclass(eq=False)
class _Order:
    """What is to be done for a job, and what has come of it."""

    function: Callable[..., Any]
    arguments: Mapping[str, Any]
    folder: Path | None
    work: Work | None = None
    outcome: dict[str, Any] | None = None
    unwanted: Trouble | str = ""


class Jobs:
    """Long work in processes of its own. May be shared between threads.

    Parameters
    ----------
    folder
        Where they are written down.
    limits
        How much is taken on: so many run at a time, so many wait.

    Examples
    --------
    ::

        job = jobs.submit("train", train_into, {"name": "pump", …}, by="ada")
        jobs.wait(job.id, timeout_s=60).state
    """

    def __init__(self, folder: Path, *, limits: Limits) -> None:
        self._folder, self._limits, self._ledger = folder, limits, Ledger(folder)
        for left in folder.iterdir():
            if left.is_dir() and self._ledger.alone:  # files of a job that ended with its service
                _remove(left)
        self._orders: dict[str, _Order] = {}
        self._changed = threading.Condition(threading.RLock())
        self._closed = False

    def submit(
        self,
        what: str,
        function: Callable[..., Any],
        arguments: Mapping[str, Any],
        *,
        by: str,
        about: str = "",
        folder: Path | None = None,
    ) -> Job:
        """Take a job on; return it at once.

        Parameters
        ----------
        what
            "train", "rehearse", …
        function, arguments
            Called as ``function(**arguments)`` in a process of its own: a function at the top of a module, which
            returns a dict that JSON knows, and may call :func:`tocsin.core.progress.report`.
        by
            Who asks for it.
        about
            What it is about, such as an artifact's name.
        folder
            A folder that belongs to the job; removed, with all in it, when the job has ended.

        Raises
        ------
        ProblemError
            429, if too many wait already.
        """
        job = Job(id=secrets.token_hex(12), what=what, about=about, state="queued", created=now(), by=by)
        with self._changed:
            waiting = sum(order.work is None for order in self._orders.values())
            if self._closed or (waiting >= self._limits.waiting_jobs and self._running() >= self._limits.jobs):
                _remove(folder)
                raise ProblemError(429, f"{waiting} jobs are waiting already.", remedy="Try again when some are done.")
            self._orders[job.id] = _Order(function, arguments, folder)
            self._ledger.put(job)
            self._start_next()
            return self.get(job.id)

    def place(self) -> Path:
        """Return a new folder for the files of a job, to be handed over to :meth:`submit`."""
        found = self._folder / secrets.token_hex(12)
        found.mkdir(mode=0o700)
        return found

    def all(self) -> list[Job]:
        """Return all jobs that are remembered, the newest first."""
        with self._changed:
            return self._ledger.all()

    def get(self, job: str) -> Job:
        """Return a job by its id.

        Raises
        ------
        ProblemError
            404, if there is none.
        """
        with self._changed:
            found = self._ledger.get(job)
        if found is None:
            raise ProblemError(404, f"There is no job {job[:100]!r}.", remedy="Jobs that are long over are forgotten.")
        return found

    def wait(self, job: str, *, timeout_s: float) -> Job:
        """Return a job once it is over, or as it stands after so long."""
        with self._changed:
            self._changed.wait_for(lambda: self.get(job).over, timeout_s)
            return self.get(job)

    def cancel(self, job: str) -> Job:
        """End a job with all that it started; one that is over stays as it is."""
        with self._changed:
            order = self._orders.get(job)
            if order is not None:
                order.unwanted = order.unwanted or "cancelled"
                self._stop(job, order)
        if order is not None and order.work is not None:
            order.work.join(_PATIENCE_S)
        return self.get(job)

    def close(self) -> None:
        """End all jobs; they are told as failed, because the service was stopped."""
        with self._changed:
            self._closed = True
            orders = dict(self._orders)
            for job, order in orders.items():
                order.unwanted = order.unwanted or STOPPED
                self._stop(job, order)
        for order in orders.values():
            if order.work is not None:
                order.work.join(_PATIENCE_S)
        self._ledger.close()

    def _running(self) -> int:
        return sum(order.work is not None for order in self._orders.values())

    def _start_next(self) -> None:
        waiting = [(job, order) for job, order in self._orders.items() if order.work is None]
        for job, order in waiting[: 0 if self._closed else max(self._limits.jobs - self._running(), 0)]:
            self._put(job, state="running", started=now())
            try:
                order.work = self._begin(job, order)
            except OSError as error:
                detail = f"The job's process cannot be started: {error.strerror}."
                order.outcome = {"failed": {"status": 503, "detail": detail, "remedy": "Ask again."}}
                self._end(job, 0)

    def _begin(self, job: str, order: _Order) -> Work:
        return Work(
            order.function,
            order.arguments,
            threads=max((os.cpu_count() or 1) // self._limits.jobs, 1),
            heard=partial(self._hear, job),
            ended=partial(self._end, job),
        )

    def _stop(self, job: str, order: _Order) -> None:
        if order.work is None:
            self._end(job, 0)
        else:
            order.work.stop()

    def _hear(self, job: str, news: dict[str, Any]) -> None:
        with self._changed:
            if "progress" in news:
                told = Progress(**news["progress"])
                self._ledger.note(self.get(job).model_copy(update={"progress": told}))
            else:
                self._orders[job].outcome = news

    def _end(self, job: str, code: int) -> None:
        with self._changed:
            order = self._orders.pop(job)
            _remove(order.folder)
            self._put(job, ended=now(), **_told(order, code))
            self._start_next()
            self._changed.notify_all()

    def _put(self, job: str, **changes: Any) -> None:
        self._ledger.put(self.get(job).model_copy(update=changes))


def _told(order: _Order, code: int) -> dict[str, Any]:
    """Return how a job ended."""
    outcome = order.outcome or {}
    if "result" in outcome:
        return {"state": "done", "result": outcome["result"]}
    if order.unwanted:
        trouble = order.unwanted if isinstance(order.unwanted, Trouble) else None
        return {"state": "failed" if trouble else "cancelled", "problem": trouble}
    found = outcome.get("failed") or {
        "status": 500,
        "detail": _died(code),
        "remedy": "Give fewer readings, or ask again.",
    }
    return {"state": "failed", "problem": Trouble(**problem(found["status"], found["detail"], found.get("remedy", "")))}


def _died(code: int) -> str:
    if code == -9:
        return "The job's process was killed, perhaps because memory ran out."
    return f"The job's process ended without a result ({f'signal {-code}' if code < 0 else f'code {code}'})."


def _remove(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
