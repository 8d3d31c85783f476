"""Incidents: what watches have found, and what people say of it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from tocsin.core.errors import SettingError
from tocsin.service.access import Operator, Reader
from tocsin.service.answers import problems
from tocsin.service.desk import Desk, OurDesk
from tocsin.service.problems import ProblemError
from tocsin.store import UnknownIncident
from tocsin.wiring.durations import duration_ns

router = APIRouter(prefix="/v1/incidents", tags=["incidents"])

MOST = 10_000
_RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)Z?")

By = Annotated[str | None, Field(max_length=200, description="Who says so; the token's name where left out.")]
Note = Annotated[str, Field(max_length=2_000, description="What else there is to say.")]


class Acknowledgement(BaseModel):
    """That somebody sees to it."""

    model_config = ConfigDict(extra="forbid")

    by: By = None
    note: Note = ""


class Label(BaseModel):
    """What an incident was, as a person says."""

    model_config = ConfigDict(extra="forbid")

    label: Annotated[
        str,
        Field(
            min_length=1,
            max_length=60,
            pattern=r"\S",
            description="true: rightly told; false: a false alarm; maintenance; or a word of yours, such as bearing.",
        ),
    ]
    by: By = None
    note: Note = ""


@router.get("", responses=problems(503))
def incidents(
    caller: Reader,
    desk: OurDesk,
    open: Annotated[bool | None, Query(description="Only those that go on, or only those that are over.")] = None,
    since: Annotated[
        str | None,
        Query(max_length=40, description="Only those that went on then or later: a time as in RFC 3339, or 2h."),
    ] = None,
    device: Annotated[str | None, Query(max_length=500, description="Of this device, or of those like room-*.")] = None,
    duty: Annotated[str | None, Query(max_length=500, description="Of this duty alone.")] = None,
    most: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> dict[str, list[dict[str, Any]]]:
    """List incidents, the latest first: each as the news of it, with who saw to it and what they said."""
    del caller
    like = device is not None and any(sign in device for sign in "*?[")
    found = desk.store.incidents(
        open=open,
        since_ns=None if since is None else _moment(since),
        device=None if like else device,
        duty=duty,
        most=10 * MOST if like else most,
    )
    if like and device is not None:
        found = [one for one in found if fnmatchcase(one.notice.device, device)][:most]
    return {"incidents": [one.document() for one in found]}


@router.get("/{id}", responses=problems(404, 503))
def incident(id: str, caller: Reader, desk: OurDesk) -> dict[str, Any]:
    """Show an incident, with all news of it as `history` and all that people said of it as `feedback`."""
    del caller
    with _known():
        found, history = desk.store.incident(id)
    said = desk.store.answers(id)
    told = {"history": [news.document() for news in history], "feedback": [one.document() for one in said]}
    return {**found.document(), **told}


@router.post("/{id}/acknowledge", responses=problems(404, 503))
def acknowledge(id: str, caller: Operator, desk: OurDesk, said: Acknowledgement | None = None) -> dict[str, Any]:
    """Tell others that somebody sees to an incident. Nothing here changes what the watch does."""
    own = said or Acknowledgement()
    with _known():
        desk.store.acknowledge(id, by=own.by or caller.name, note=own.note, now_ns=time.time_ns())
    return _as_it_stands(desk, id)


@router.post("/{id}/label", responses=problems(404, 503))
def label(id: str, said: Label, caller: Operator, desk: OurDesk) -> dict[str, Any]:
    """Say what an incident was; kept as feedback for later learning."""
    with _known():
        desk.store.label(id, said.label.strip(), by=said.by or caller.name, note=said.note, now_ns=time.time_ns())
    return _as_it_stands(desk, id)


def _as_it_stands(desk: Desk, id: str) -> dict[str, Any]:
    """Return an incident, and show it to all who look on."""
    with _known():
        document = desk.store.incident(id)[0].document()
    desk.hub.tell_incident(document)
    return document


@contextmanager
def _known() -> Iterator[None]:
    try:
        yield
    except UnknownIncident as error:
        raise ProblemError(404, error.message, remedy="List them: GET /v1/incidents") from None


def _moment(written: str) -> int:
    """Return a time in ns, as RFC 3339 has it, or so long before now."""
    if found := _RFC_3339.fullmatch(written.strip()):
        try:
            moment = np.datetime64(found[1], "ns").astype(np.int64)
        except ValueError:
            raise SettingError(
                f"since is {written!r}, which is no time.", remedy="As in 2026-03-01T08:00:00Z"
            ) from None
        return int(moment)
    return time.time_ns() - duration_ns(written, where="since")
