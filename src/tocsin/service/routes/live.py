"""Live: what watches tell as it happens, and the stream of it for all who look on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from tocsin.core.frames import Frame
from tocsin.service.access import Operator, Reader, still_known
from tocsin.service.answers import problems
from tocsin.service.desk import OurDesk
from tocsin.service.doors import READINGS
from tocsin.service.live._audience import Wish
from tocsin.service.live.hub import Hub
from tocsin.service.problems import ProblemError

router = APIRouter(prefix="/v1", tags=["live"])

MOST_ROWS = 20_000
MOST_CHANNELS = 1_000
_FAR = 2**62

WELCOME_S = 2.0
"""So often it is looked whether a viewer's token still counts, where there is news to tell."""

Name = Annotated[str, Field(max_length=70_000)]
Number = Annotated[float | None, Field(allow_inf_nan=False)]
Column = Annotated[list[Number], Field(max_length=MOST_ROWS)]


class Told(BaseModel):
    """What a watch has judged since it last told, as columns of one length."""

    model_config = ConfigDict(extra="ignore", strict=True)

    watch: Name = ""
    duty: Name = ""
    artifact: Name = ""
    row_clock: bool = False
    channels: Annotated[list[Name], Field(max_length=MOST_CHANNELS)] = []
    devices: Annotated[list[Name], Field(max_length=MOST_ROWS, description="Names.")] = []
    device: Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=MOST_ROWS, description="Index.")] = []
    time: Annotated[
        list[Annotated[int, Field(ge=-_FAR, le=_FAR)]],
        Field(max_length=MOST_ROWS, description="ns, or a row's number."),
    ] = []
    values: Annotated[
        list[Annotated[list[Number], Field(max_length=MOST_CHANNELS)]],
        Field(max_length=MOST_ROWS, description="Of each verdict, a value of each channel."),
    ] = []
    score: Column = []
    limit: Column = []
    status: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=MOST_ROWS)] = []
    cause: Annotated[
        list[Annotated[int, Field(ge=-1)]],
        Field(max_length=MOST_ROWS, description="Index of the channel with the greatest share, -1 for none."),
    ] = []
    skipped: Annotated[int, Field(ge=0, le=_FAR, description="So many more verdicts there were.")] = 0
    incidents: Annotated[
        list[dict[str, Any]], Field(max_length=1_000, description="News of incidents, as sinks get them.")
    ] = []


@router.post("/frames", responses=problems(413), openapi_extra=READINGS)
def frames(told: Told, caller: Operator, desk: OurDesk) -> dict[str, int]:
    """Take in the verdicts that a watch has just given: ``tocsin watch --service URL`` tells four times a second.

    Answers with how many of them were `news`; what is older than what is known is none.
    """
    del caller
    _check_news(told.incidents)
    return {"news": desk.hub.take(_frame(told), skipped=told.skipped, incidents=told.incidents)}


@router.get(
    "/live",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "verdicts, incident, skipped; comments in between."},
        **problems(503),
    },
)
async def live(
    request: Request,
    caller: Reader,
    desk: OurDesk,
    device: Annotated[str | None, Query(max_length=500, description="This device alone.")] = None,
    duty: Annotated[str | None, Query(max_length=500, description="This duty alone.")] = None,
    most: Annotated[int, Query(ge=1, le=2_000, description="Verdicts in an event, the worst of them.")] = 500,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
) -> StreamingResponse:
    """Tell what watches judge as it happens, as server-sent events.

    First how things stand, as `verdicts` with `snapshot` true; then `verdicts` (columns), `incident` (news, an
    acknowledgement, a label) and `skipped` (so many `events` were left out, since they were not taken in time; null
    where nobody knows). One who comes back with Last-Event-ID is told what went by, and how things stand now. A
    comment comes every ten seconds where nothing else does. After an hour the stream ends: come back. Once
    its token is revoked, it ends within ten seconds.
    """
    del caller
    desk.hub.check_room()
    wish = Wish(device=device, duty=duty, most=most)
    events = _events(desk.hub, wish, after=last_event_id or "", welcome=lambda: still_known(desk, request.scope))
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _events(hub: Hub, wish: Wish, *, after: str, welcome: Callable[[], bool]) -> AsyncIterator[bytes]:
    viewer, asked = hub.join(wish), time.monotonic()
    try:
        yield b"retry: 1000\n\n" + await asyncio.to_thread(hub.greeting, wish, after=after)
        async for told in viewer.events():
            if time.monotonic() - asked > WELCOME_S:
                asked = time.monotonic()
                if not welcome():
                    return
            yield told
    finally:
        hub.leave(viewer)


def _check_news(incidents: list[dict[str, Any]]) -> None:
    """Check that news can be handed on: JSON has no NaN, though it is read."""
    try:
        json.dumps(incidents, allow_nan=False)
    except (ValueError, RecursionError):
        raise ProblemError(422, "The incidents hold numbers that are none.", remedy="Give null for them.") from None


def _frame(told: Told) -> Frame:
    try:
        return Frame.of(told.model_dump(exclude={"watch", "skipped", "incidents"}))
    except (ValueError, TypeError, OverflowError) as error:
        raise ProblemError(
            422, f"The columns do not fit together: {error}.", remedy="Give columns of one length."
        ) from None
