"""Scoring over HTTP: a few readings as JSON, or a file that comes back scored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic_core import to_json

from tocsin.engine.scorer import Scorer
from tocsin.service.access import Operator
from tocsin.service.answers import problems
from tocsin.service.desk import Desk, OurDesk
from tocsin.service.doors import READINGS
from tocsin.service.incoming import Incoming
from tocsin.service.problems import ProblemError
from tocsin.service.routes.artifacts import Name, Which
from tocsin.service.scoring.asked import table_of
from tocsin.service.scoring.files import score_file
from tocsin.service.scoring.shapes import Answered, ColumnsAsked, RowsAsked
from tocsin.service.scoring.told import told

router = APIRouter(prefix="/v1/artifacts", tags=["scoring"])

JSON = "application/json"
TABLES = {"text/csv": "csv", "application/vnd.apache.parquet": "parquet"}
"""The media types of files that can be scored, and what they are called on disk."""

_TEXT, _BYTES = {"schema": {"type": "string"}}, {"schema": {"type": "string", "format": "binary"}}
_FILES = {"text/csv": _TEXT, "application/vnd.apache.parquet": _BYTES}
_ASKED = {JSON: {"schema": {"anyOf": [RowsAsked.model_json_schema(), ColumnsAsked.model_json_schema()]}}, **_FILES}


async def _sent(caller: Operator, desk: OurDesk, request: Request) -> AsyncIterator[bytes | Path]:
    """Give what was sent: JSON as it is, a file as one on disk."""
    del caller
    kind = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if kind == JSON:
        yield await request.body()
    elif kind in TABLES:
        async with Incoming(desk.settings.folder / "incoming").body(request, f"readings.{TABLES[kind]}") as path:
            yield path
    else:
        raise ProblemError(415, f"{kind[:100]!r} cannot be scored.", remedy=f"Send {JSON}, {' or '.join(TABLES)}.")


@router.post(
    "/{name}/{version}/score",
    response_class=Response,
    responses={
        200: {"model": Answered, "content": _FILES, "description": "The verdicts; of a file, the scored file."},
        **problems(400, 404, 413, 415, 507),
    },
    openapi_extra={"requestBody": {"required": True, "content": _ASKED}, **READINGS},
)
async def score(
    caller: Operator,
    desk: OurDesk,
    name: Name,
    version: Which,
    sent: Annotated[bytes | Path, Depends(_sent)],
    request: Request,
    sort: Annotated[bool, Query(description="Files: take the rows in order of time instead of the file's.")] = False,
    shares: Annotated[bool, Query(description="Tell each channel's share of each score.")] = False,
) -> Response:
    """Score readings, each by what came before it alone.

    Few readings are sent as JSON: at least a window of each device, or their status is "warming". A CSV or Parquet file
    comes back with every column untouched and the verdicts beside them, as ``tocsin score`` writes it.
    """
    del caller
    if isinstance(sent, bytes):
        few = partial(_few, desk, name, version, sent, shares=shares)
        return Response(await desk.express.run((name, version), few, size=len(sent)), media_type=JSON)
    kind = request.headers["content-type"].partition(";")[0].strip().lower()
    output = sent.with_name(f"scored.{TABLES[kind]}")

    def work() -> None:
        artifact = desk.registry.artifact(name, version)
        score_file(sent, output, artifact, sort=sort, shares=shares, limits=desk.settings.limits)

    await to_thread.run_sync(work, limiter=_bench(request, desk))
    return FileResponse(output, media_type=kind, filename=output.name)


def _few(desk: Desk, name: str, version: Any, body: bytes, *, shares: bool) -> bytes:
    """Score readings that came as JSON; return JSON."""
    found = desk.registry.version(name, version)
    artifact = desk.registry.artifact(name, found.version)
    scored = Scorer(artifact).judge(table_of(body, artifact, limits=desk.settings.limits))
    return to_json(told(scored, name=name, version=found.version, shares=shares), inf_nan_mode="null")


def _bench(request: Request, desk: Desk) -> CapacityLimiter:
    """Return how many files may be scored at a time, in the whole service."""
    state = request.app.state
    if not hasattr(state, "scorings"):
        state.scorings = CapacityLimiter(desk.settings.limits.jobs)
    found: CapacityLimiter = state.scorings
    if found.statistics().tasks_waiting >= desk.settings.limits.waiting_jobs:
        raise ProblemError(429, "Too many files wait to be scored already.", remedy="Try again in a while.")
    return found
