"""The batches that Azure's clients have had judged, kept for a week."""

from __future__ import annotations

import re
import shutil
import time
import uuid
from typing import Any

from tocsin.service.azure import files
from tocsin.service.azure.asked import BatchOrder
from tocsin.service.azure.errors import CodedError
from tocsin.service.azure.models import Models
from tocsin.service.azure.places import place_of, without_secret
from tocsin.service.azure.states import state_of
from tocsin.service.azure.times import span_of
from tocsin.service.azure.work import OUTCOME, RESULT, judge_batch
from tocsin.service.desk import Desk
from tocsin.service.problems import ProblemError

KEPT_S = 7 * 86_400.0
_ORDER = "batch.json"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Results:
    """The batches that Azure's clients have had judged.

    Parameters
    ----------
    desk
        What the service shares.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk, self._models = desk, Models(desk)
        self._folder = desk.settings.folder / "azure" / "results"
        self._data = desk.settings.folder / "data"

    def create(self, model: str, order: BatchOrder, *, by: str) -> dict[str, Any]:
        """Begin to judge a batch; return it as it stands.

        Raises
        ------
        CodedError
            If the model is not ready, or the readings are not there.
        """
        artifact, info = self._models.ready(model), self._models.get(model).model_info
        span_of(order.start_time, order.end_time)
        place = place_of(order.data_source, self._data, info.data_schema)
        order = order.model_copy(update={"data_source": without_secret(order.data_source)})
        self._forget()
        result = str(uuid.uuid4())
        folder = self._folder / result
        folder.mkdir(parents=True, mode=0o700)
        arguments = {
            "order": order.model_dump_json(by_alias=True),
            "place": str(place),
            "folder": str(folder),
            "artifact": str(artifact),
            "policy": info.align_policy.model_dump_json(by_alias=True),
            "schema": info.data_schema,
            "most_rows": self._desk.settings.limits.rows,
        }
        try:
            job = self._desk.jobs.submit("detect-batch", judge_batch, arguments, by=by, about=f"azure-{model}")
        except ProblemError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise CodedError("TooManyRunningModels", f"{error.detail} {error.remedy}", status=429) from None
        files.write(folder / _ORDER, {"order": order.model_dump(by_alias=True), "job": job.id})
        return self.get(result)

    def get(self, result: str) -> dict[str, Any]:
        """Return a batch as it stands, ready for JSON.

        Raises
        ------
        CodedError
            ``ResultNotExist``.
        """
        told = files.read(self._folder / result / _ORDER) if _ID.fullmatch(result) else None
        if told is None:
            raise CodedError("ResultNotExist", "The result does not exist.", status=404)
        outcome = files.read(self._folder / result / OUTCOME) or {}
        rows = files.read(self._folder / result / RESULT)
        status, errors = (
            ("READY", ())
            if rows is not None
            else state_of(self._desk.jobs, told["job"], outcome, code="UnexpectedError")
        )
        summary = {
            "status": status,
            "errors": [error.model_dump() for error in errors],
            "variableStates": outcome.get("variableStates", []),
            "setupInfo": told["order"],
        }
        return {"resultId": result, "summary": summary, "results": rows or []}

    def _forget(self) -> None:
        """Remove what is older than a week."""
        if self._folder.is_dir():
            for place in self._folder.iterdir():
                if time.time() - place.stat().st_mtime > KEPT_S:
                    shutil.rmtree(place, ignore_errors=True)
