"""Results to take home: each byte for byte what ``tocsin score`` writes for a file of that name."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from tocsin.service.access import Reader
from tocsin.service.analyses import downloads
from tocsin.service.analyses.analysis import Analysis
from tocsin.service.answers import problems
from tocsin.service.desk import OurDesk

router = APIRouter(prefix="/v1/analyses/{id}", tags=["analyses"])

_KINDS = {
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".html": "text/html; charset=utf-8",
    ".tocsin": "application/octet-stream",
}

Shares = Annotated[bool, Query(description="Add a column share_<channel> for each channel.")]


@router.get("/labelled.csv", response_class=FileResponse, responses=problems(404, 409))
def labelled_csv(id: str, caller: Reader, desk: OurDesk, shares: Shares = False) -> FileResponse:
    """Give the file as CSV with its verdicts beside it: score, limit, severity, anomaly, status, cause, incident_id."""
    analysis = desk.analyses.find(id, by=caller.name)
    return _sent(analysis, downloads.labelled(analysis, suffix=".csv", shares=shares), "scored")


@router.get("/labelled.parquet", response_class=FileResponse, responses=problems(404, 409))
def labelled_parquet(id: str, caller: Reader, desk: OurDesk, shares: Shares = False) -> FileResponse:
    """Give the same as Parquet."""
    analysis = desk.analyses.find(id, by=caller.name)
    return _sent(analysis, downloads.labelled(analysis, suffix=".parquet", shares=shares), "scored")


@router.get("/incidents.csv", response_class=FileResponse, responses=problems(404, 409))
def incidents_csv(id: str, caller: Reader, desk: OurDesk) -> FileResponse:
    """Give all incidents as CSV."""
    analysis = desk.analyses.find(id, by=caller.name)
    return _sent(analysis, downloads.incidents(analysis, suffix=".csv"), "incidents")


@router.get("/report.html", response_class=FileResponse, responses=problems(404, 409))
def report_html(id: str, caller: Reader, desk: OurDesk) -> FileResponse:
    """Give the report: one page that needs no network."""
    analysis = desk.analyses.find(id, by=caller.name)
    return _sent(analysis, downloads.report(analysis), "report")


@router.get("/recalibrated.tocsin", response_class=FileResponse, responses=problems(404, 409))
def recalibrated(
    id: str,
    caller: Reader,
    desk: OurDesk,
    times: Annotated[float, Query(gt=0, description="A multiple of the limit in force.")],
) -> FileResponse:
    """Give the artifact with another limit, as the slider has it."""
    analysis = desk.analyses.find(id, by=caller.name)
    return _sent(analysis, downloads.recalibrated(analysis, times=times), "recalibrated")


def _sent(analysis: Analysis, path: Path, what: str) -> FileResponse:
    """Send a file, and remove it then."""
    return FileResponse(
        path,
        media_type=_KINDS[path.suffix],
        filename=f"{PurePath(analysis.name).stem}-{what}{path.suffix}",
        background=BackgroundTask(path.unlink, missing_ok=True),
    )
