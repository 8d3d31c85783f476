"""What was made of a scored file: charts, the limit slider, downloads."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from tocsin.service.access import Reader
from tocsin.service.analyses.documents import Histogram, Series, WhatIf
from tocsin.service.analyses.spread import histogram_of
from tocsin.service.answers import problems
from tocsin.service.desk import OurDesk
from tocsin.service.routes._json import told
from tocsin.service.stamps import moment

router = APIRouter(prefix="/v1/analyses/{id}", tags=["analyses"])


@router.get("/series", responses={200: {"model": Series}, **problems(404, 409)})
def series(  # a route's query
    id: str,
    caller: Reader,
    desk: OurDesk,
    device: Annotated[str | None, Query(description="Its name; the one with the worst incident unless given.")] = None,
    channels: Annotated[str | None, Query(description="Names with commas between; all unless given.")] = None,
    since: Annotated[str | None, Query(description="RFC 3339, or a row's number.")] = None,
    until: Annotated[str | None, Query(description="RFC 3339, or a row's number.")] = None,
    points: Annotated[int, Query(ge=10, le=20_000, description="Points of a line.")] = 2_000,
) -> Response:
    """Give what a chart of one device draws, with few points that hide nothing.

    Where the readings fit into ``points``, each is one (``exact``). Else ``time`` holds the first and the last time of
    equal buckets, and a line the least and the greatest value of each, so that no extreme is lost; ``limit`` and
    ``expected`` are those at these times. ``low`` and ``high`` tell how far normal readings stray from ``expected``.
    ``anomalies`` are all, or the worst of each bucket, with the number of ``all``. Lines should be cut at ``gaps``.
    ``away`` are stretches without a score, with the reason.
    """
    found = desk.analyses.find(id, by=caller.name).judged().strip(device)
    ends = (None if text is None else moment(text, rows=found.rows) for text in (since, until))
    names = None if channels is None else [name for name in channels.split(",") if name]
    return told(found.drawn(found.between(*ends), channels=names, points=points))


@router.get("/histogram", responses={200: {"model": Histogram}, **problems(404, 409)})
def histogram(
    id: str, caller: Reader, desk: OurDesk, bins: Annotated[int, Query(ge=2, le=500, description="Bars.")] = 64
) -> Response:
    """Give how the scores are spread, and the limit, ``low`` to ``high`` where it moves; a long tail is gathered."""
    return told(histogram_of(desk.analyses.find(id, by=caller.name).judged().scored, bins=bins))


@router.get("/whatif", responses={200: {"model": WhatIf}, **problems(404, 409)})
def whatif(
    id: str,
    caller: Reader,
    desk: OurDesk,
    times: Annotated[float, Query(gt=0, description="A multiple of the limit in force.")] = 1.0,
) -> Response:
    """Tell what another limit would have made people hear: ``rung`` incidents, and in labelled files how many false.

    ``per_week`` is in the ``unit`` told, which is per 1000 readings where rows are the clock. ``proven`` is the rate
    that the true one of false alarms is below, 9 times in 10, as far as this file can tell.
    """
    return told(desk.analyses.find(id, by=caller.name).judged().slider.at(times))


@router.get("/whatif/settings", responses=problems(404, 409))
def settings(
    id: str,
    caller: Reader,
    desk: OurDesk,
    budget: Annotated[
        str | None,
        Query(max_length=100, description='False alarms that can be borne, such as "1 per device per week".'),
    ] = None,
) -> Response:
    """Try limits and numbers of windows in a row as `tocsin whatif` does, over the file in order of time.

    Beside its figures: `cautions`; `needed`, how many times as long a file would have to be to show that the budget is
    kept; `proven`, the rate that the true one in force is below, 9 times in 10.
    """
    analysis = desk.analyses.find(id, by=caller.name)
    return told(analysis.judged().settings(budget))
