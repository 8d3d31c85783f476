"""Devices: which are the worst just now, and how one of them has been doing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from tocsin.service.access import Reader
from tocsin.service.answers import problems
from tocsin.service.desk import OurDesk
from tocsin.service.live.overview import Overview
from tocsin.service.live.story import story
from tocsin.service.problems import ProblemError

router = APIRouter(prefix="/v1/devices", tags=["devices"])

Duty = Annotated[str | None, Query(max_length=500, description="Of this duty alone.")]


@router.get("", responses=problems(503))
def devices(
    caller: Reader,
    desk: OurDesk,
    duty: Duty = None,
    like: Annotated[str, Query(max_length=500, description="A part of the name, or a pattern such as room-*.")] = "",
    most: Annotated[int, Query(ge=1, le=10_000)] = 100,
    skip: Annotated[int, Query(ge=0, le=1_000_000, description="So many of the worst are left out.")] = 0,
    bars: Annotated[int, Query(ge=0, le=60, description="Stretches of the last ten minutes, told as strip.")] = 0,
) -> dict[str, Any]:
    """List devices, the worst first: the gravest open incident, then the greatest severity of the last ten minutes.

    Beside the devices: `found`, how many fit `like`; `total`, `live` (a watch tells of them just now), `anomalous` (the
    latest score is above its limit), `silent` and `open` (incidents). Where no watch tells of a device, it stands as
    the store last kept it, which is thinned out, and `live` is false.
    """
    del caller
    return Overview(desk.hub, desk.store, duty=duty).document(like=like, most=most, skip=skip, bars=bars)


@router.get("/{device:path}", responses=problems(404, 503))
def device(
    device: str,
    caller: Reader,
    desk: OurDesk,
    duty: Duty = None,
    minutes: Annotated[float, Query(gt=0, le=1_440, description="So much of the past.")] = 10.0,
) -> dict[str, Any]:
    """Tell how a device has been doing: its channels, score and limit in the last minutes, and its incidents.

    The last ten minutes come from the watch, where one tells of the device; earlier verdicts from the store, thinned
    out and without values. The minutes are counted back from the device's last reading.
    """
    del caller
    found = story(desk.hub, desk.store, device, duty=duty, minutes=minutes)
    if found is None:
        raise ProblemError(404, f"Nothing is known of a device {device!r}.", remedy="List them: GET /v1/devices")
    return found
