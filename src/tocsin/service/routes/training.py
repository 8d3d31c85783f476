"""Training over HTTP: readings are taken in, and a job makes an artifact of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic_core import from_json

from tocsin.core.errors import SettingError
from tocsin.service.access import Operator
from tocsin.service.answers import problems
from tocsin.service.desk import Desk, OurDesk
from tocsin.service.incoming import Incoming
from tocsin.service.jobs.job import Job
from tocsin.service.jobs.training import recipe_of, train_into
from tocsin.service.problems import ProblemError
from tocsin.service.routes.artifacts import Name
from tocsin.service.routes.scoring import TABLES

router = APIRouter(prefix="/v1/artifacts", tags=["training"])

_TEXT, _BYTES = {"schema": {"type": "string"}}, {"schema": {"type": "string", "format": "binary"}}
_FILES = {"text/csv": _TEXT, "application/vnd.apache.parquet": _BYTES}


@router.post(
    "/{name}/train",
    status_code=202,
    response_model=Job,
    responses=problems(400, 413, 415, 501, 507),
    openapi_extra={"requestBody": {"required": True, "content": _FILES}},
)
async def train(
    caller: Operator,
    desk: OurDesk,
    name: Name,
    request: Request,
    response: Response,
    detector: Annotated[str | None, Query(max_length=200, description="See: tocsin detectors.")] = None,
    window: Annotated[int | None, Query(ge=1, le=100_000, description="Readings in a window.")] = None,
    threshold: Annotated[str | None, Query(max_length=200, description='Such as "percentile:99.5".')] = None,
    budget: Annotated[str | None, Query(max_length=200, description='Such as "1 per device per week".')] = None,
    seed: Annotated[int | None, Query(ge=0, le=1 << 32, description="Seed of all chance.")] = None,
    config: Annotated[
        str,
        Query(
            max_length=32_768,
            description="The sections of a tocsin.toml as JSON: input, fit, detector, alarm. What is said beside it "
            'counts more. For example {"detector": {"epochs": 20}, "alarm": {"raise_after": 5}}.',
        ),
    ] = "{}",
    note: Annotated[str, Query(max_length=2000, description="What is to be said of the version.")] = "",
) -> Job:
    """Train an artifact on a CSV or Parquet file, the body. The job's result tells which version it has become.

    The first version of a name is in force at once, a later one once it is activated.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in TABLES:
        raise ProblemError(415, f"{kind[:100]!r} is no table to learn from.", remedy=f"Send {' or '.join(TABLES)}.")
    said = {"detector": detector, "window": window, "threshold": threshold, "seed": seed}
    arguments = _arguments(_config(config), said, budget)
    async with Incoming(desk.settings.folder / "incoming").body(request, f"readings.{TABLES[kind]}") as sent:
        kept = await to_thread.run_sync(_keep, desk, sent)
    arguments |= {"name": name, "readings": str(kept), "by": caller.name, "note": note}
    job = await to_thread.run_sync(_submit, desk, arguments, kept.parent)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job


def _submit(desk: Desk, arguments: dict[str, Any], folder: Path) -> Job:
    whole = {**arguments, "registry": str(desk.settings.folder / "artifacts"), "limits": desk.settings.limits}
    name, by = arguments["name"], arguments["by"]
    return desk.jobs.submit("train", train_into, whole, by=by, about=name, folder=folder)


def _keep(desk: Desk, sent: Path) -> Path:
    """Move an upload into a folder that will belong to the job."""
    return sent.rename(desk.jobs.place() / sent.name)


def _config(text: str) -> dict[str, Any]:
    try:
        found = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise SettingError(
            f"config is not valid JSON: {error}.", remedy='For example: {"fit": {"window": 20}}'
        ) from None
    if not isinstance(found, dict) or not all(isinstance(section, dict) for section in found.values()):
        raise SettingError("config is no object of sections.", remedy='For example: {"fit": {"window": 20}}')
    return found


def _arguments(config: dict[str, Any], said: Mapping[str, Any], budget: str | None) -> dict[str, Any]:
    """Return how the table is read and what is learned; all that can be told wrong before training is."""
    from tocsin.training.ready import require_training
    from tocsin.training.rule import rule_of
    from tocsin.wiring import make_overrides

    require_training()
    overrides = make_overrides(config.pop("input", {}), {})
    given = {name: value for name, value in said.items() if value is not None}
    if rule := rule_of(given.pop("threshold", None), budget):
        given["threshold"] = rule
    recipe = recipe_of({**config, "fit": {**config.get("fit", {}), **given}})
    return {"recipe": recipe, "overrides": overrides}
