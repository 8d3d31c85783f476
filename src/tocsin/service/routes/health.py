"""Is it there, is it ready, who am I: what load balancers, Prometheus and clients ask first."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from tocsin import __version__
from tocsin.service.access import Reader
from tocsin.service.answers import problems
from tocsin.service.desk import OurDesk
from tocsin.service.exposition import CONTENT_TYPE
from tocsin.service.problems import answer
from tocsin.service.standing import waits_for

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """That all is well."""

    status: Literal["ok"] = "ok"


class Bounds(BaseModel):
    """How much the service takes on."""

    body_bytes: int = Field(description="Of a file.")
    rows: int = Field(description="Of a table.")
    jobs: int = Field(description="At a time; others wait.")


class Me(BaseModel):
    """Who asks, and what the service takes on."""

    name: str = Field(description='Of the token; "local" where none is wanted.')
    scope: Literal["read", "operate", "admin"]
    open: bool = Field(description="Is no token wanted?")
    version: str = Field(description="Of tocsin.")
    limits: Bounds


@router.get("/healthz")
async def healthz() -> Health:
    """Tell that the service is alive."""
    return Health()


@router.get("/readyz", response_model=Health, responses={503: problems(503)[503]})
def readyz(desk: OurDesk) -> Any:
    """Tell that the service can be asked; 503 while the store is away, with the reason."""
    waiting = waits_for(desk)
    return answer(503, waiting, "It will be ready as soon as that is there.") if waiting else Health()


@router.get(
    "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
)
def metrics(_: Reader, desk: OurDesk) -> Response:
    """Tell what the service counts of itself, in Prometheus' text format."""
    return Response(desk.tally.text(), media_type=CONTENT_TYPE)


@router.get("/v1/me")
def me(caller: Reader, desk: OurDesk) -> Me:
    """Tell who asks, what they may do, and how much the service takes on."""
    limits = desk.settings.limits
    return Me(
        name=caller.name,
        scope=caller.scope.name,  # type: ignore[arg-type]  # its three names are those
        open=not desk.tokens.wanted,
        version=__version__,
        limits=Bounds(body_bytes=limits.body_bytes, rows=limits.rows, jobs=limits.jobs),
    )
