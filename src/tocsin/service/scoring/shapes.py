"""The shapes of what is sent and answered when a few readings are scored, for the description of the service."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Reading(BaseModel):
    """One reading; beside these two, a number or null for each channel of the artifact, by its name."""

    model_config = ConfigDict(extra="allow")

    time: str | int | float | None = Field(
        default=None, description="RFC 3339, or seconds since 1970. For all readings or for none."
    )
    device: str | None = Field(default=None, description="Name of the device, where they differ.")


class RowsAsked(BaseModel):
    """Readings as objects."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "device": "pump-1",
                    "readings": [
                        {"time": "2026-03-01T08:00:00Z", "temperature": 21.5, "humidity": 44},
                        {"time": "2026-03-01T08:01:00Z", "temperature": 21.6, "humidity": None},
                    ],
                }
            ]
        },
    )

    device: str = Field(default="-", description="Name of the device that all readings are of.")
    readings: list[Reading] = Field(min_length=1, description="In order of time.")


class ColumnsAsked(BaseModel):
    """Readings as columns."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"device": "pump-1", "values": {"temperature": [21.5, 21.6], "humidity": [44, None]}}]
        },
    )

    device: str | list[str] = Field(default="-", description="Name of the device, or one name a reading.")
    time: list[str | int | float] | None = Field(default=None, description="In order; null for one period apart.")
    values: dict[str, list[float | None]] = Field(description="The values of each channel, null for no news.")


class Verdict(BaseModel):
    """What is said of one reading."""

    device: str
    time: str | int = Field(description="RFC 3339 in UTC; the reading's number where none was given.")
    score: float | None = Field(description="Higher is stranger; null unless the status is ok.")
    limit: float | None = Field(description="The limit in force.")
    severity: float | None = Field(description="Score / limit.")
    anomaly: bool = Field(description="Is the score above the limit?")
    status: str = Field(description="ok, or why there is no score: warming, gap, late, invalid.")
    cause: str = Field(description="The channels that make up most of it; empty for a normal reading.")
    incident_id: str = Field(description="The incident the policy told of at that reading; empty for none.")
    shares: dict[str, float] | None = Field(default=None, description="Each channel's share of the score, where asked.")


class Told(BaseModel):
    """An incident among the readings."""

    incident_id: str
    device: str
    start: str | int = Field(description="The first anomalous window.")
    peak: str | int = Field(description="The highest score / limit.")
    end: str | int = Field(description="The last window so far.")
    severity: float | None = Field(description="Score / limit at the peak.")
    grade: str = Field(description="minor, major or critical.")
    cause: str
    state: str = Field(description="open, closed, or held back in quiet hours or during maintenance.")
    group: str = Field(
        description="The first incident of those that rang together; empty where nobody asked for groups."
    )


class Answered(BaseModel):
    """A verdict for each reading, in their order, and the incidents."""

    artifact: str
    version: int = Field(description="The version that scored.")
    row_clock: bool = Field(description="Are times the numbers of readings?")
    verdicts: list[Verdict]
    incidents: list[Told]
