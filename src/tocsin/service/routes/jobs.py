"""Jobs over HTTP: what runs, what waits, how it ended; and ending what is no longer wanted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from tocsin.service.access import Operator, Reader
from tocsin.service.answers import problems
from tocsin.service.desk import OurDesk
from tocsin.service.jobs.job import Job
from tocsin.service.problems import ProblemError
from tocsin.service.tokens import Scope

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

Id = Annotated[str, InPath(pattern="^[0-9a-f]{24}$", description="The job's id.")]


class JobList(BaseModel):
    """All jobs that are remembered."""

    jobs: list[Job] = Field(description="The newest first.")


@router.get("", response_model=JobList, responses=problems())
def jobs(_: Reader, desk: OurDesk) -> JobList:
    """List the jobs that run or wait, and those that are over, the newest first."""
    return JobList(jobs=desk.jobs.all())


@router.get("/{job}", response_model=Job, responses=problems(404))
def job(_: Reader, desk: OurDesk, job: Id) -> Job:
    """Tell how a job stands."""
    return desk.jobs.get(job)


@router.delete("/{job}", response_model=Job, responses=problems(404))
def cancel(caller: Operator, desk: OurDesk, job: Id) -> Job:
    """End a job, with all that it started; one that is over stays as it is. Another's needs the scope "admin"."""
    if caller.scope < Scope.admin and desk.jobs.get(job).by != caller.name:
        raise ProblemError(403, "This job was asked for by somebody else.", remedy='It needs the scope "admin".')
    return desk.jobs.cancel(job)
