"""What clients of Azure's Anomaly Detector ask for, field for field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, FiniteFloat

from tocsin.service.azure.wire import Wire

Fill = Literal["Previous", "Subsequent", "Linear", "Zero", "Fixed", "NotFill"]

WINDOW = 300
"""Readings in a window where nothing is said, as it was there."""

Stamp = Annotated[str, Field(min_length=1, max_length=100, description="ISO 8601; UTC where no zone is named.")]
Most = Annotated[int, Field(ge=1, le=30, description="So many variables are named as the cause.")]
_SOURCE = "A CSV file (OneTable) or a folder of CSV files (MultiTable) in the service's folder `data`, by its name."


class AlignPolicy(Wire):
    """How variables are put side by side, and what stands where one has no value."""

    align_mode: Literal["Inner", "Outer"] = Field(default="Outer", description="Times that all have, or that any has.")
    fill: Fill = Field(default="Linear", alias="fillNAMethod", description="What stands where a variable has no value.")
    padding_value: FiniteFloat | None = Field(default=None, description="For `Fixed`.")


class TrainingOrder(Wire):
    """A model to be trained. ``detector`` is ours: what learns, "auto" where nothing is said."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "dataSource": "plant.csv",
                "dataSchema": "OneTable",
                "startTime": "2026-01-01T00:00:00Z",
                "endTime": "2026-02-01T00:00:00Z",
                "slidingWindow": 60,
            }
        }
    )

    data_source: str = Field(min_length=1, max_length=4096, description=_SOURCE)
    data_schema: Literal["OneTable", "MultiTable"] = "OneTable"
    start_time: Stamp
    end_time: Stamp
    display_name: str = Field(default="", max_length=200)
    sliding_window: int = Field(default=WINDOW, ge=28, le=2880, description="Readings in a window.")
    align_policy: AlignPolicy = AlignPolicy()
    detector: str = Field(
        default="auto", max_length=100, description="Which of our detectors learns; see `tocsin detectors`."
    )


class BatchOrder(Wire):
    """Readings to be judged later."""

    data_source: str = Field(min_length=1, max_length=4096, description=_SOURCE)
    start_time: Stamp
    end_time: Stamp
    top_contributor_count: Most = 10


class VariableValues(Wire):
    """The readings of one variable."""

    variable: str = Field(min_length=1, max_length=500)
    timestamps: list[str] = Field(max_length=100_000, description="ISO 8601.")
    values: list[float | None] = Field(max_length=100_000, description="One for each of the timestamps.")


class LastOrder(Wire):
    """A window of readings, of which the last one is to be judged at once."""

    variables: list[VariableValues] = Field(max_length=3000)
    top_contributor_count: Most = 10
