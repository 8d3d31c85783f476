"""The models of Azure's clients: each is an artifact in our registry, with the order that it was trained by."""

from __future__ import annotations

import re
import shutil
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from tocsin.artifact.artifact import Artifact
from tocsin.lifecycle.errors import AbsentError
from tocsin.service.azure import files
from tocsin.service.azure.answered import DiagnosticsInfo, ErrorBody, Model, ModelInfo, Status
from tocsin.service.azure.asked import TrainingOrder
from tocsin.service.azure.errors import CodedError
from tocsin.service.azure.places import place_of, without_secret
from tocsin.service.azure.states import state_of
from tocsin.service.azure.times import now, span_of
from tocsin.service.azure.work import OUTCOME, train_model
from tocsin.service.desk import Desk
from tocsin.service.problems import ProblemError

MOST = 300
_ORDER = "model.json"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Models:
    """The models of Azure's clients.

    Parameters
    ----------
    desk
        What the service shares: registry, jobs, settings.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._folder = desk.settings.folder / "azure" / "models"
        self._data = desk.settings.folder / "data"

    def create(self, order: TrainingOrder, *, by: str) -> Model:
        """Begin to train a model.

        Raises
        ------
        CodedError
            If it cannot be trained at all.
        """
        _checked(order)
        place = place_of(order.data_source, self._data, order.data_schema)
        order = order.model_copy(update={"data_source": without_secret(order.data_source)})
        if len(self.ids()) >= MOST:
            raise CodedError("TooManyModels", f"There are {MOST} models already. Delete one that is not used.")
        model = str(uuid.uuid4())
        folder = self._folder / model
        folder.mkdir(parents=True, mode=0o700)
        arguments = {
            "order": order.model_dump_json(by_alias=True),
            "place": str(place),
            "folder": str(folder),
            "registry": str(self._desk.settings.folder / "artifacts"),
            "name": name_of(model),
            "by": by,
            "most_rows": self._desk.settings.limits.rows,
        }
        try:
            job = self._desk.jobs.submit("train", train_model, arguments, by=by, about=name_of(model))
        except ProblemError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise CodedError("TooManyRunningModels", f"{error.detail} {error.remedy}") from None
        told = {"order": order.model_dump(by_alias=True), "createdTime": now(), "job": job.id}
        files.write(folder / _ORDER, told)
        return self.get(model)

    def ids(self) -> list[str]:
        """Return the ids of all models."""
        if not self._folder.is_dir():
            return []
        return [place.name for place in self._folder.iterdir() if (place / _ORDER).exists()]

    def all(self) -> list[Model]:
        """Return all models, those last changed first."""
        found = [self.get(model) for model in self.ids()]
        return sorted(found, key=lambda model: (model.last_updated_time, model.model_id), reverse=True)

    def get(self, model: str) -> Model:
        """Return a model as it stands.

        Raises
        ------
        CodedError
            ``ModelNotExist``.
        """
        told = self._told(model)
        outcome = files.read(self._folder / model / OUTCOME) or {}
        status, errors = self._status(model, told, outcome)
        diagnostics = {name: outcome[name] for name in ("modelState", "variableStates") if name in outcome}
        info = ModelInfo(
            **TrainingOrder.model_validate(told["order"]).model_dump(),
            status=status,
            errors=errors,
            diagnostics_info=DiagnosticsInfo.model_validate(diagnostics),
        )
        changed = outcome.get("lastUpdatedTime", told["createdTime"])
        return Model(model_id=model, created_time=told["createdTime"], last_updated_time=changed, model_info=info)

    def artifact(self, model: str) -> Artifact:
        """Return the artifact in force of a model that is ready.

        Raises
        ------
        CodedError
            ``ModelNotExist``, ``ModelFailed`` or ``ModelNotReady``.
        """
        self.ready(model)
        return self._desk.registry.artifact(name_of(model))

    def ready(self, model: str) -> Path:
        """Return where the artifact in force lies; see :meth:`artifact`."""
        status = self.get(model).model_info.status
        if status == "FAILED":
            raise CodedError("ModelFailed", "Model failed to be trained.")
        if status != "READY":
            raise CodedError("ModelNotReady", "The model is not ready yet.")
        return self._desk.registry.path(name_of(model))

    def delete(self, model: str) -> None:
        """Remove a model with its artifact; end its training where that goes on.

        Raises
        ------
        CodedError
            ``ModelNotExist``.
        """
        told = self._told(model)
        with suppress(ProblemError):  # a job that is long over is forgotten
            self._desk.jobs.cancel(told["job"])
        with suppress(AbsentError):  # it may never have been trained
            self._desk.registry.discard(name_of(model))
        shutil.rmtree(self._folder / model, ignore_errors=True)

    def _told(self, model: str) -> dict[str, Any]:
        told: dict[str, Any] | None = files.read(self._folder / model / _ORDER) if _ID.fullmatch(model) else None
        if told is None:
            raise CodedError("ModelNotExist", "The model does not exist.", status=404)
        return told

    def _status(
        self, model: str, told: dict[str, Any], outcome: dict[str, Any]
    ) -> tuple[Status, tuple[ErrorBody, ...]]:
        try:
            self._desk.registry.version(name_of(model))
        except AbsentError:
            return state_of(self._desk.jobs, told["job"], outcome, code="ModelFailed")
        return "READY", ()


def name_of(model: str) -> str:
    """Return the name that a model's artifact has in the registry."""
    return f"azure-{model}"


def _checked(order: TrainingOrder) -> None:
    from tocsin.core.discover import names

    span_of(order.start_time, order.end_time)
    align = order.align_policy
    if align.fill == "Fixed" and align.padding_value is None:
        raise CodedError(
            "RequiredPaddingValue",
            "The 'paddingValue' field is required in the request when 'fillNAMethod' is 'Fixed'.",
        )
    if align.fill == "NotFill" and align.align_mode == "Outer":
        raise CodedError("InvalidFillNAMethod", "It cannot be 'NotFill' when 'alignMode' is 'Outer'.")
    if order.detector not in names("detectors"):
        raise CodedError("InvalidModelArgument", f"There is no detector {order.detector!r}; see: tocsin detectors")
