"""Drift at a glance: whether an artifact's scores still lie as they did when its limit was found."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from tocsin.core.tidings import Kept, nothing_kept
from tocsin.engine.live.duty import Duty
from tocsin.lifecycle.drift import drift
from tocsin.lifecycle.recent import Recent
from tocsin.lifecycle.registry import NAME
from tocsin.service.access import Reader
from tocsin.service.answers import problems
from tocsin.service.desk import Desk, OurDesk

router = APIRouter(prefix="/v1/artifacts", tags=["artifacts"])

DAY_NS = 86_400 * 10**9
MOST_KEPT = 100_000
"""Verdicts that are looked at, the newest."""
MOST_INCIDENTS = 1_000

Name = Annotated[str, InPath(pattern=f"^{NAME}$", max_length=100, description="Name of the artifact.")]
Which = Annotated[
    Annotated[int, Field(ge=1, le=1 << 53)] | Literal["active"],
    InPath(description='Number of the version, or "active".'),
]


class Histogram(BaseModel):
    """Shares of the scores then and of late, bin by bin."""

    edges: list[float] = Field(description="Of the bins, one more than there are bins.")
    reference: list[float] = Field(description="Then.")
    recent: list[float] = Field(description="Of late.")


class Told(BaseModel):
    """How scores of late lie beside those that the limit was found from."""

    judged: int = Field(description="Verdicts that were looked at.")
    since: str | int | None
    until: str | int | None
    psi: float | None = Field(description="Population stability index; null where there is too little to tell.")
    level: Literal["none", "some", "much", "unknown"]
    flagged: float | None = Field(description="Share of the readings above the limit.")
    promised: float | None = Field(description="The same share, when the limit was found; null where the limit moves.")
    text: str = Field(description="The same in a sentence or two.")
    histogram: Histogram
    duty: str | None = Field(description="The watch's duty whose verdicts these are; null where none is known.")


@router.get("/{name}/{version}/drift", response_model=Told, responses=problems(404, 503))
def drift_of(
    _: Reader,
    desk: OurDesk,
    name: Name,
    version: Which,
    duty: Annotated[
        str | None, Query(max_length=500, description="Whose verdicts; where left out, of whichever has the artifact.")
    ] = None,
    days: Annotated[float, Query(gt=0, le=400, description="So many days before the last verdict.")] = 7.0,
) -> dict[str, Any]:
    """Compare the scores that a watch has kept of late with those that the artifact's limit was found from.

    Which duty of a watch has the artifact is known from what the watch tells, or from incidents that name it.
    """
    artifact = desk.registry.artifact(name, version)
    mark = Duty(artifact).version
    own = _duty_with(desk, mark) if duty is None else duty
    kept = nothing_kept("") if own is None else _kept(desk, own, mark, round(days * DAY_NS))
    recent = Recent.of_kept(kept, period_ns=artifact.clock.period_ns)
    return {**drift(artifact, recent).document(), "duty": own}


def _duty_with(desk: Desk, mark: str) -> str | None:
    """Return the duty that has an artifact, None where nobody knows of one."""
    told = next((duty for duty, artifact in desk.hub.duties.items() if artifact == mark), None)
    if told is not None:
        return told
    found = desk.store.incidents(most=MOST_INCIDENTS)
    return next((one.notice.duty for one in found if one.notice.artifact == mark), None)


def _kept(desk: Desk, duty: str, mark: str, span_ns: int) -> Kept:
    """Return a duty's verdicts of late; none from before another artifact's last incident."""
    last = desk.store.verdicts(duty=duty, most=1, newest=True)
    if not len(last):
        return last
    others = [
        one.notice for one in desk.store.incidents(duty=duty, most=MOST_INCIDENTS) if one.notice.what == "anomaly"
    ]
    before = [own.end + 1 for own in others if own.artifact not in (mark, "")]
    since = int(np.max([int(last.time[0]) - span_ns, *before]))
    return desk.store.verdicts(duty=duty, since_ns=since, most=MOST_KEPT, newest=True)
