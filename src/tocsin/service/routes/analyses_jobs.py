"""Work on a file under analysis that takes long: training on it, rehearsing faults in it, judging it by its labels."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from tocsin.lifecycle.registry import NAME
from tocsin.service.access import Operator, Reader
from tocsin.service.analyses.evaluation import evaluation_of
from tocsin.service.analyses.work import Faults, handed_over, recipe_with, rehearse_file
from tocsin.service.answers import problems
from tocsin.service.desk import OurDesk
from tocsin.service.incoming import Incoming
from tocsin.service.jobs.job import Job
from tocsin.service.jobs.training import recipe_of, train_into
from tocsin.service.problems import ProblemError
from tocsin.service.routes._json import told

router = APIRouter(prefix="/v1/analyses/{id}", tags=["analyses"])


class ToTrain(BaseModel):
    """What is to be learned."""

    name: str = Field(description="Of the artifact; one that is there gets a new version.", pattern=f"^{NAME}$")
    detector: str | None = Field(default=None, description='See "tocsin detectors"; "auto" unless given.')
    budget: str | None = Field(default=None, description='False alarms that can be borne: "1 per device per week".')
    recipe: dict[str, Any] = Field(
        default_factory=dict, description="Sections of a tocsin.toml: fit, detector, alarm.", examples=[{"fit": {}}]
    )


class ToRehearse(BaseModel):
    """Which faults are put in."""

    kinds: tuple[str, ...] = Field(default=(), max_length=30, description="All but drop unless given.")
    sizes: tuple[Annotated[float, Field(gt=0, le=1e6)], ...] = Field(
        default=(0.5, 1.0, 2.0, 4.0, 8.0), max_length=20, description="In deviations of each channel."
    )
    trials: int = Field(default=20, ge=1, le=200, description="Stretches of readings for each kind and size.")
    seed: int = Field(default=0, ge=0, lt=2**32)


@router.post("/train", status_code=202, response_model=Job, responses=problems(404))
def train(id: str, asked: ToTrain, caller: Operator, desk: OurDesk, response: Response) -> Job:
    """Learn what is normal from the file, as it is read now; the job's result is the artifact and its version."""
    analysis = desk.analyses.find(id, by=caller.name)
    analysis.table()
    recipe = recipe_of(recipe_with(asked.recipe, detector=asked.detector, budget=asked.budget))
    path = handed_over(analysis, Incoming(desk.settings.folder / "incoming"))
    job = desk.jobs.submit(
        "train",
        train_into,
        {
            "registry": str(desk.settings.folder / "artifacts"),
            "name": asked.name,
            "readings": str(path),
            "recipe": recipe,
            "overrides": analysis.overrides,
            "by": caller.name,
            "limits": desk.settings.limits,
            "note": f"from {analysis.name}",
        },
        by=caller.name,
        about=asked.name,
        folder=path.parent,
    )
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job


@router.post("/rehearse", status_code=202, response_model=Job, responses=problems(404, 409))
def rehearse(id: str, asked: ToRehearse, caller: Operator, desk: OurDesk, response: Response) -> Job:
    """Put faults into the normal readings of a file that was scored, and tell which of them would ring."""
    analysis = desk.analyses.find(id, by=caller.name)
    used = analysis.asked
    if used is None:
        raise ProblemError(409, "The file has not been scored.", remedy="Score it first.")
    path = handed_over(analysis, Incoming(desk.settings.folder / "incoming"))
    faults = Faults(kinds=asked.kinds, sizes=asked.sizes, trials=asked.trials, seed=asked.seed)
    job = desk.jobs.submit(
        "rehearse",
        rehearse_file,
        {
            "artifact": str(desk.registry.path(used.artifact, used.version)),
            "readings": str(path),
            "overrides": analysis.overrides,
            "sort": used.sort,
            "faults": faults,
            "told": {"artifact": used.artifact, "version": used.version},
        },
        by=caller.name,
        about=used.artifact,
        folder=path.parent,
    )
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job


@router.get("/evaluation", responses=problems(404, 409))
def evaluation(
    id: str,
    caller: Reader,
    desk: OurDesk,
    intervals: Annotated[bool, Query(description="95 % intervals; they take most of the time.")] = False,
) -> Response:
    """Judge scores and alarms by the file's labels: figures by name, the same in words, warnings, and curves."""
    analysis = desk.analyses.find(id, by=caller.name)
    return told(evaluation_of(analysis.judged(), intervals=intervals))
