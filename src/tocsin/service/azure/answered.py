"""What clients of Azure's Anomaly Detector are answered, field for field."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tocsin.service.azure.asked import BatchOrder, TrainingOrder
from tocsin.service.azure.wire import Wire

Status = Literal["CREATED", "RUNNING", "READY", "FAILED"]


class ErrorBody(Wire):
    """What is wrong."""

    code: str
    message: str


class VariableState(Wire):
    """How much there was of a variable."""

    variable: str
    filled: float = Field(alias="filledNARatio", description="Share of the times at which it had no value of its own.")
    effective_count: int = Field(description="Times at which it had one.")
    first_timestamp: str | None
    last_timestamp: str | None


class ModelState(Wire):
    """How the training went, epoch by epoch; empty where a detector does not learn in epochs."""

    epoch_ids: tuple[int, ...] = ()
    train_losses: tuple[float, ...] = ()
    validation_losses: tuple[float, ...] = ()
    latencies_in_seconds: tuple[float, ...] = Field(default=(), description="Always empty: not measured here.")


class DiagnosticsInfo(Wire):
    """How the training went, and what it had."""

    model_state: ModelState = ModelState()
    variable_states: tuple[VariableState, ...] = ()


class ModelInfo(TrainingOrder):
    """What was asked for, and what has become of it."""

    status: Status
    errors: tuple[ErrorBody, ...] = ()
    diagnostics_info: DiagnosticsInfo = DiagnosticsInfo()


class Model(Wire):
    """A model: an artifact of ours called ``azure-<modelId>``."""

    model_id: str
    created_time: str
    last_updated_time: str
    model_info: ModelInfo


class ModelList(Wire):
    """Models, those last changed first."""

    models: tuple[Model, ...]
    current_count: int
    max_count: int
    next_link: str | None = None


class CorrelationChanges(Wire):
    """Which variables one no longer follows, where the detector knows of whom it follows."""

    changed_variables: tuple[str, ...] = ()


class Interpretation(Wire):
    """A variable's part in an anomaly."""

    variable: str
    contribution_score: float = Field(description="Its share of the score, from 0 to 1.")
    correlation_changes: CorrelationChanges = CorrelationChanges()


class Value(Wire):
    """The verdict on a time."""

    is_anomaly: bool = Field(description="Is the score above its limit?")
    severity: float = Field(description="0 unless it is an anomaly; then by how much, from 0 to 1.")
    score: float = Field(description="How strange, from 0 to 1; the limit lies at 0.5.")
    interpretation: tuple[Interpretation, ...] = ()


class Row(Wire):
    """A time, and its verdict or why there is none."""

    timestamp: str
    value: Value | None = None
    errors: tuple[ErrorBody, ...] = ()


class Summary(Wire):
    """How far judging is."""

    status: Status
    errors: tuple[ErrorBody, ...] = ()
    variable_states: tuple[VariableState, ...] = ()
    setup_info: BatchOrder


class BatchResult(Wire):
    """What was found in a batch."""

    result_id: str
    summary: Summary
    results: tuple[Row, ...] = ()


class LastResult(Wire):
    """What was found in the last reading."""

    variable_states: tuple[VariableState, ...]
    results: tuple[Row, ...]
