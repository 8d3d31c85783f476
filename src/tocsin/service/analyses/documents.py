"""What the routes of a file under analysis answer, written down: read by /docs and by whoever checks the answers.

The answers themselves are plain values, since to check millions of numbers one by one would take longer than all else.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Moment = str | int | None
"""RFC 3339 in UTC, or a row's number where rows are the clock."""

Values = list[float | None]


class Document(BaseModel):
    """What a route answers."""

    model_config = ConfigDict(extra="forbid")


class FixDocument(Document):
    """A correction a click away."""

    label: str = Field(description="What a button says.")
    overrides: dict[str, Any] | None = Field(
        default=None, description="Settings to lay over those there are; null leaves one to the guess."
    )
    sort: bool = Field(default=False, description="Score the file in order of time.")


class Unreadable(Document):
    """Why a file cannot be read, or not be scored."""

    detail: str = Field(description="What is wrong.")
    remedy: str = Field(description="What to do about it.")
    fixes: list[FixDocument] = Field(description="The same for a click.")


class ChannelDocument(Document):
    """A channel."""

    name: str
    unit: str


class LayoutDocument(Document):
    """What each column was taken for."""

    lines: list[str] = Field(description="All of it in words.")
    time: list[str] = Field(description="The columns that hold the time: none, one or two.")
    time_format: str
    timezone: str
    device: str | None
    label: str | None
    long: list[str] | None = Field(description="In long form, the columns of names and of values.")
    channels: list[ChannelDocument]
    excluded: list[tuple[str, str]] = Field(description="Columns left out, each with the reason.")
    sentinels: list[tuple[str, float]] = Field(description="Values that mean missing, by channel.")
    notes: list[str] = Field(description="Guesses that deserve a look.")
    separator: str
    decimal: str
    encoding: str


class FindingDocument(Document):
    """Something odd."""

    level: str = Field(description='"note", "warning" or "fatal".')
    topic: str
    channel: str | None
    count: int = Field(description="How many readings show it.")
    text: str
    fixes: list[FixDocument]


class QualityDocument(Document):
    """What is odd about a file."""

    rows: int
    devices: int
    start: Moment
    end: Moment
    cadence: str
    row_clock: bool
    lines: list[str] = Field(description="All of it in words.")
    findings: list[FindingDocument]


class ColumnDocument(Document):
    """What a column holds, whatever it is called."""

    name: str
    kind: str = Field(description='"number", "states", "text", "mixed", "time", "empty" or "other".')
    sample: list[str | None]


class PreviewDocument(Document):
    """The first rows as text."""

    columns: list[str]
    rows: list[list[str | None]]


class IncidentDocument(Document):
    """An incident."""

    incident_id: str
    device: str
    start: Moment
    peak: Moment
    end: Moment
    severity: float | None
    grade: str
    cause: str
    state: str = Field(description='"open", "closed", or "held" where nobody was to be called.')
    shares: dict[str, float] = Field(description="Of the cause, by channel.")
    expected: dict[str, tuple[float | None, float | None]] = Field(
        description="At the peak, by channel: what was expected, and what came."
    )


class DeviceDocument(Document):
    """A device of a scored file."""

    name: str
    rows: int
    anomalies: int
    incidents: int


class UsualDocument(ChannelDocument):
    """A channel with its usual value."""

    usual: float | None


class Summary(Document):
    """What scoring made of a file."""

    artifact: str
    version: int
    sorted: bool
    row_clock: bool
    facts: dict[str, Any] = Field(description="As tocsin score --json tells.")
    statuses: dict[str, int] = Field(description="How many readings have each status.")
    notes: list[str]
    warnings: list[str]
    fixes: list[FixDocument] = Field(description="Columns that the artifact does not know of and that would tell more.")
    threshold: str
    limit: float | None = Field(description="Null where it moves.")
    detector: str
    window: int
    channels: list[UsualDocument]
    labelled: bool
    metrics: dict[str, Any] | None
    incidents: list[IncidentDocument] = Field(description="In order of start; the worst 2,000.")
    devices: list[DeviceDocument] = Field(description="Those with the worst incidents first; 2,000 at most.")


class Reading(Document):
    """How a file is read."""

    id: str
    name: str
    bytes: int
    overrides: dict[str, Any]
    state: str = Field(description='"readable" or "unreadable".')
    problem: Unreadable | None
    layout: LayoutDocument | None
    quality: QualityDocument | None
    fixes: list[FixDocument] = Field(description="What could have been meant as well.")
    device_names: list[str] = Field(description="The first 500.")
    columns: list[ColumnDocument]
    preview: PreviewDocument
    scored: Summary | None


class ProgressDocument(Document):
    """How far scoring is."""

    state: str = Field(description='"idle", "running", "done" or "failed".')
    what: str
    done: int
    total: int
    problem: Unreadable | None = None


class LineDocument(Document):
    """A channel's line."""

    unit: str
    value: Values
    expected: Values | None = Field(description="Null where the detector expects nothing.")
    low: Values | None = Field(description="How far normal readings stray from it: down to here,")
    high: Values | None = Field(description="and up to here.")


class AnomaliesDocument(Document):
    """Readings above the limit: all, or the worst of each bucket."""

    all: int
    time: list[Moment]
    score: Values
    values: dict[str, Values]


class Series(Document):
    """What a chart of one device draws."""

    device: str
    row_clock: bool
    since: Moment
    until: Moment
    rows: int = Field(description="Readings between these.")
    exact: bool = Field(description="Is each of them a point?")
    drawn: int = Field(description="Points.")
    time: list[Moment]
    channels: dict[str, LineDocument]
    score: Values
    limit: Values
    anomalies: AnomaliesDocument
    incidents: list[str] = Field(description="Ids of those that reach into it.")
    gaps: list[tuple[Moment, Moment]] = Field(description="Lines are to be cut here.")
    labels: list[tuple[Moment, Moment]] | None
    away: list[tuple[Moment, Moment, str]] = Field(description="Stretches without a score, with the status.")


class Histogram(Document):
    """How scores are spread."""

    edges: list[float]
    count: list[int]
    limit: float | None
    low: float | None = Field(description="The least limit in force, where it moves.")
    high: float | None = Field(description="The greatest.")
    tail: bool = Field(description="Does the last bar hold scores beyond its edge?")


class SpanDocument(Document):
    """When an incident would have been."""

    device: str
    start: Moment
    end: Moment


class WhatIf(Document):
    """What another limit would have made people hear."""

    times: float
    limit: float | None = Field(description="Null where it moves.")
    rung: int
    held: int = Field(description="Incidents held back, that nobody would have heard.")
    unit: str = Field(description='"per week", or "per 1000 readings" where rows are the clock.')
    per_week: float | None = Field(description="Incidents in that unit.")
    false: int | None = Field(description="Those of them that touch no label; null without labels.")
    false_per_week: float | None
    proven: float | None = Field(description="The true rate of false alarms is below it, 9 times in 10.")
    events: int | None
    caught: int | None
    text: str
    incidents: list[SpanDocument]
