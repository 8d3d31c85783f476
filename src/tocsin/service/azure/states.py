"""How work stands, in Azure's words."""

from __future__ import annotations

from typing import Any

from tocsin.service.azure.answered import ErrorBody, Status
from tocsin.service.jobs.job import Job
from tocsin.service.jobs.jobs import Jobs
from tocsin.service.problems import ProblemError

_STATES: dict[str, Status] = {"queued": "CREATED", "running": "RUNNING", "done": "READY"}


def state_of(jobs: Jobs, job: str, outcome: dict[str, Any], *, code: str) -> tuple[Status, tuple[ErrorBody, ...]]:
    """Return how a job stands, and what went wrong.

    Parameters
    ----------
    jobs, job
        The jobs, and which one.
    outcome
        What the job has written down.
    code
        Of an error that it could not write down itself.
    """
    if errors := outcome.get("errors"):
        return "FAILED", tuple(ErrorBody(**error) for error in errors)
    try:
        found = jobs.get(job)
    except ProblemError:
        return "FAILED", (ErrorBody(code=code, message="It ended, and nothing came of it."),)
    if (state := _STATES.get(found.state)) is not None:
        return state, ()
    return "FAILED", (ErrorBody(code=code, message=_why(found)),)


def _why(job: Job) -> str:
    if job.problem is None:
        return "It was cancelled."
    return f"{job.problem.detail} {job.problem.remedy}".rstrip()
