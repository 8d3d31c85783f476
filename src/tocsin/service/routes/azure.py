"""The multivariate routes of Azure AI Anomaly Detector v1.1, for programs that were written against it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from tocsin.service.access import Admin, Operator, Reader
from tocsin.service.azure.answered import BatchResult, ErrorBody, LastResult, Model, ModelList
from tocsin.service.azure.asked import BatchOrder, LastOrder, TrainingOrder
from tocsin.service.azure.last import judge_last
from tocsin.service.azure.models import MOST, Models
from tocsin.service.azure.results import Results
from tocsin.service.azure.route import AzureRoute
from tocsin.service.desk import OurDesk
from tocsin.service.doors import READINGS

_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody, "description": what}
    for status, what in (
        (400, "What was asked for cannot be done; the code says why."),
        (401, "A token is needed."),
        (403, "The token does not reach so far."),
        (404, "There is no such model or result."),
        (429, "Too much waits already."),
    )
}

router = APIRouter(
    prefix="/anomalydetector/v1.1/multivariate",
    tags=["azure"],
    route_class=AzureRoute,
    responses=_ERRORS,
)


@router.post("/models", status_code=201, response_model_exclude_none=True)
def train(order: TrainingOrder, request: Request, response: Response, caller: Operator, desk: OurDesk) -> Model:
    """Train a model on readings that lie in the service's folder ``data``; ask for it until its status is READY."""
    model = Models(desk).create(order, by=caller.name)
    response.headers["Location"] = str(request.url_for("model", model_id=model.model_id))
    return model


@router.get("/models", response_model_exclude_none=True)
def models(
    request: Request,
    _: Reader,
    desk: OurDesk,
    skip: Annotated[int, Query(ge=0, le=10**6, description="So many are passed over.")] = 0,
    top: Annotated[int, Query(ge=1, le=10**6, description="So many are told at most.")] = 10,
) -> ModelList:
    """List the models, those last changed first."""
    found = Models(desk).all()
    more = len(found) > skip + top
    following = str(request.url_for("models").include_query_params(skip=skip + top, top=top)) if more else None
    return ModelList(
        models=tuple(found[skip : skip + top]), current_count=len(found), max_count=MOST, next_link=following
    )


@router.get("/models/{model_id}", response_model_exclude_none=True)
def model(model_id: str, _: Reader, desk: OurDesk) -> Model:
    """Tell how a model stands: CREATED, RUNNING, READY or FAILED, and what it had to learn from."""
    return Models(desk).get(model_id)


@router.delete("/models/{model_id}", status_code=204)
def delete(model_id: str, _: Admin, desk: OurDesk) -> None:
    """Remove a model, with its artifact."""
    Models(desk).delete(model_id)


@router.post("/models/{model_id}:detect-batch", status_code=202, response_model=BatchResult)
def detect_batch(model_id: str, order: BatchOrder, request: Request, caller: Operator, desk: OurDesk) -> JSONResponse:
    """Judge readings that lie in the service's folder ``data``; ask for the result until its status is READY."""
    found = Results(desk).create(model_id, order, by=caller.name)
    where = str(request.url_for("batch", result_id=found["resultId"]))
    return JSONResponse(found, 202, {"Location": where, "Operation-Location": where})


@router.get("/detect-batch/{result_id}", response_model=BatchResult)
def batch(result_id: str, _: Reader, desk: OurDesk) -> JSONResponse:
    """Tell how a batch stands, and what was found in it."""
    return JSONResponse(Results(desk).get(result_id))


@router.post("/models/{model_id}:detect-last", response_model=LastResult, openapi_extra=READINGS)
def detect_last(model_id: str, order: LastOrder, _: Operator, desk: OurDesk) -> JSONResponse:
    """Judge the last reading of those in the request, at once."""
    known = Models(desk)
    artifact = known.artifact(model_id)
    return JSONResponse(judge_last(artifact, order, known.get(model_id).model_info.align_policy))
