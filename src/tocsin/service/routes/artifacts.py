"""Artifacts over HTTP: which there are, which is in force, and new ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from tocsin.lifecycle.registry import NAME
from tocsin.lifecycle.shelf import Shelf
from tocsin.lifecycle.version import Version
from tocsin.service.access import Admin, Reader
from tocsin.service.answers import problems
from tocsin.service.desk import OurDesk
from tocsin.service.incoming import Incoming

router = APIRouter(prefix="/v1/artifacts", tags=["artifacts"])

Name = Annotated[str, InPath(pattern=f"^{NAME}$", max_length=100, description="Name of the artifact.")]
Number = Annotated[int, InPath(ge=1, le=1 << 53, description="Number of the version.")]
Which = Annotated[
    Annotated[int, Field(ge=1, le=1 << 53)] | Literal["active"],
    InPath(description='Number of the version, or "active".'),
]
_OCTETS = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


class Shelves(BaseModel):
    """All artifacts."""

    artifacts: tuple[Shelf, ...] = Field(description="In order of name.")


class Inspected(Version):
    """A version with all that is known of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    facts: dict[str, Any] = Field(description="What tocsin inspect --json tells.")


@router.get("", response_model=Shelves, responses=problems())
def artifacts(_: Reader, desk: OurDesk) -> Shelves:
    """List all artifacts with their versions."""
    return Shelves(artifacts=desk.registry.shelves())


@router.get("/{name}", response_model=Shelf, responses=problems(404))
def shelf(_: Reader, desk: OurDesk, name: Name) -> Shelf:
    """Tell the versions of an artifact, the newest first, and which was in force since when."""
    return desk.registry.shelf(name)


async def _sent(_: Admin, desk: OurDesk, request: Request) -> AsyncIterator[Path]:
    async with Incoming(desk.settings.folder / "incoming").body(request, "sent.tocsin") as path:
        yield path


@router.post(
    "/{name}",
    status_code=201,
    response_model=Version,
    responses={
        200: {"model": Version, "description": "Those very bytes are there already."},
        **problems(400, 413, 507),
    },
    openapi_extra={"requestBody": {"required": True, "content": _OCTETS}},
)
def add(
    caller: Admin,
    desk: OurDesk,
    name: Name,
    sent: Annotated[Path, Depends(_sent)],
    response: Response,
    note: Annotated[str, Query(max_length=2000, description="What is to be said of it.")] = "",
) -> Version:
    """Add a version: the body is a ``.tocsin`` file, which is checked from top to bottom before it enters.

    The first version of a name is in force at once, a later one once it is activated.
    """
    version, new = desk.registry.add(name, sent, by=caller.name, note=note)
    response.status_code = 201 if new else 200
    return version


@router.get("/{name}/{version}", response_model=Inspected, responses=problems(404))
def inspect(_: Reader, desk: OurDesk, name: Name, version: Which) -> Inspected:
    """Tell all that is known of a version."""
    from tocsin.artifact.manifest import describe

    found, artifact = desk.registry.version(name, version), desk.registry.artifact(name, version)
    facts = describe(artifact, {}).model_dump(mode="json", exclude={"members"})
    return Inspected(**dict(found), facts=facts)


@router.get(
    "/{name}/{version}/file",
    response_class=FileResponse,
    responses={200: {"content": _OCTETS, "description": "The .tocsin file."}, **problems(404)},
)
def file(_: Reader, desk: OurDesk, name: Name, version: Which) -> FileResponse:
    """Give a version's file, byte for byte as it was added."""
    found = desk.registry.version(name, version)
    path = desk.registry.path(name, found.version)
    return FileResponse(path, media_type="application/octet-stream", filename=f"{name}-{found.version}.tocsin")


@router.post("/{name}/{version}/activate", response_model=Version, responses=problems(404))
def activate(caller: Admin, desk: OurDesk, name: Name, version: Number) -> Version:
    """Put a version in force, at once; watches that follow the artifact take it up."""
    return desk.registry.activate(name, version, by=caller.name)


@router.post("/{name}/roll-back", response_model=Shelf, responses=problems(404))
def roll_back(caller: Admin, desk: OurDesk, name: Name) -> Shelf:
    """Put the version in force that was so before."""
    return desk.registry.roll_back(name, by=caller.name)


@router.delete("/{name}", status_code=204, responses=problems(404))
def discard(_: Admin, desk: OurDesk, name: Name) -> None:
    """Remove an artifact with all its versions, the one in force too."""
    desk.registry.discard(name)


@router.delete("/{name}/{version}", status_code=204, responses=problems(404))
def remove(_: Admin, desk: OurDesk, name: Name, version: Number) -> None:
    """Remove a version that is not in force."""
    desk.registry.remove(name, version)
