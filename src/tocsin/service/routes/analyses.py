"""Files that people look at: sent, read, corrected, scored; see ``analyses_results`` for what is made of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from tocsin.core.errors import InputError, SettingError, TocsinError
from tocsin.engine.scorer import Scorer
from tocsin.service.access import Operator
from tocsin.service.access import Reader as Looker
from tocsin.service.analyses.analysis import Analysis, Asked
from tocsin.service.analyses.documents import ProgressDocument, Reading, Summary
from tocsin.service.analyses.fixing import fixes_for_scored, trouble_of
from tocsin.service.analyses.judged import Judged
from tocsin.service.analyses.reading import reading_of
from tocsin.service.answers import problems
from tocsin.service.desk import OurDesk
from tocsin.service.incoming import Incoming
from tocsin.service.problems import MEDIA, ProblemError, problem
from tocsin.service.routes._json import told
from tocsin.wiring import make_overrides

router = APIRouter(prefix="/v1/analyses", tags=["analyses"])

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILES = {"application/octet-stream": _BINARY, "text/csv": _BINARY, "application/vnd.apache.parquet": _BINARY}


class ToScore(BaseModel):
    """What a file is to be scored with."""

    artifact: str = Field(description="Name of an artifact.", max_length=200)
    version: int | str = Field(default="active", description='Its version: a number, or "active".')
    sort: bool = Field(default=False, description="Take the rows in order of time instead of the file's.")


@router.post(
    "",
    status_code=201,
    responses={201: {"model": Reading}, **problems(400, 413)},
    openapi_extra={"requestBody": {"required": False, "content": _FILES}},
)
async def begin(
    request: Request,
    caller: Operator,
    desk: OurDesk,
    name: Annotated[str, Query(max_length=255, description="What the file is called.")] = "readings.csv",
) -> Response:
    """Send a CSV or Parquet file as the body; told is how it is read, or why it cannot be and what helps.

    The file belongs to who sends it, under an id that cannot be guessed, until it is removed, nobody has asked for it
    for a day, or the service stops.
    """
    async with Incoming(desk.settings.folder / "incoming").body(request, "sent") as path:
        analysis = await run_in_threadpool(desk.analyses.take, path, name, by=caller.name)
    found = await run_in_threadpool(_told, desk, analysis)
    return told(found, 201, {"Location": f"/v1/analyses/{analysis.id}"})


@router.get("/{id}", responses={200: {"model": Reading}, **problems(404)})
def show(id: str, caller: Looker, desk: OurDesk) -> Response:
    """Tell how a file is read, and what scoring made of it: ``scored`` is null before."""
    return told(_told(desk, desk.analyses.find(id, by=caller.name)))


@router.put("/{id}/overrides", responses={200: {"model": Reading}, **problems(404)})
def correct(id: str, caller: Operator, desk: OurDesk, overrides: Annotated[dict[str, Any], Body()]) -> Response:
    """Read a file otherwise: the settings given, and no others, take the place of a guess.

    They are those of `[input]` in a tocsin.toml: separator, decimal, encoding, time, time_format, timezone, device,
    label, channels, exclude, missing, keep_sentinels, long. What was made of the file before is dropped.
    """
    analysis = desk.analyses.find(id, by=caller.name)
    analysis.correct(make_overrides({}, overrides))
    return told(_told(desk, analysis))


@router.delete("/{id}", status_code=204, responses=problems(404))
def remove(id: str, caller: Operator, desk: OurDesk) -> None:
    """Remove a file and all that was made of it."""
    desk.analyses.remove(id, by=caller.name)


@router.post("/{id}/score", responses={200: {"model": Summary}, 202: {"model": ProgressDocument}, **problems(404, 409)})
def score(
    id: str,
    asked: ToScore,
    caller: Operator,
    desk: OurDesk,
    wait: Annotated[float, Query(ge=0, le=60, description="Seconds to wait before it is answered with 202.")] = 2.0,
) -> Response:
    """Score a file with an artifact. Told is the summary; or, with 202, that it takes longer: see ``progress``.

    A problem brings ``fixes`` along where a setting would help.
    """
    analysis = desk.analyses.find(id, by=caller.name)
    version = desk.registry.version(asked.artifact, _which(asked.version)).version
    scorer = Scorer(desk.registry.artifact(asked.artifact, version))
    wanted = Asked(artifact=asked.artifact, version=version, scorer=scorer, sort=asked.sort)
    try:
        done = analysis.score(wanted, wait_s=wait)
    except (InputError, SettingError) as error:
        trouble = trouble_of(error, analysis.overrides)
        return told({**problem(422, error.message, error.remedy), "fixes": trouble["fixes"]}, 422, media=MEDIA)
    if not done:
        return told(analysis.progress(), 202, {"Location": f"/v1/analyses/{id}/progress"})
    desk.analyses.make_room(analysis)
    return told(_summary(analysis))


@router.get("/{id}/progress", responses={200: {"model": ProgressDocument}, **problems(404)})
def progress(id: str, caller: Looker, desk: OurDesk) -> Response:
    """Tell how far scoring is: state "idle", "running", "done" or "failed" (with the problem), what, done, total."""
    return told(desk.analyses.find(id, by=caller.name).progress())


def _which(version: int | str) -> Any:
    if version == "active" or isinstance(version, int):
        return version
    if version.isdecimal() and len(version) < 10:
        return int(version)
    raise ProblemError(422, f"{version[:40]!r} is no version.", remedy='Give a number, or "active".')


def _told(desk: Any, analysis: Analysis) -> dict[str, Any]:
    found = reading_of(analysis)
    desk.analyses.make_room(analysis)
    return found | {"scored": None if analysis.asked is None else _summary(analysis)}


def _more(analysis: Analysis, found: Judged) -> list[dict[str, Any]]:
    try:
        return fixes_for_scored(found.scored.table.layout, analysis.table().layout)
    except TocsinError:
        return []


def _summary(analysis: Analysis) -> dict[str, Any]:
    found, asked = analysis.judged(), analysis.asked
    assert asked is not None
    told = {"artifact": asked.artifact, "version": asked.version, "fixes": _more(analysis, found)}
    return {**told, **found.summary}
