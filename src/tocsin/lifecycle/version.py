"""One version of an artifact in a registry: which bytes it is, who added it, and what it is at a glance."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from tocsin.artifact.artifact import Artifact


class Version(BaseModel):
    """A version of an artifact; its file never changes.

    Parameters
    ----------
    version
        Its number; a number is given once, also where its file has been removed.
    sha256, bytes
        Of the file.
    added
        When, RFC 3339 in UTC.
    by
        Who added it.
    note
        What they said of it.
    active
        Is it the one in force?
    detector, window, channels, threshold, readings
        What it is: detector, readings in a window, names of channels, threshold as written, readings learned from.
    limit
        The limit; None where it moves.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = Field(ge=1, description="Its number; a number is given only once.")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Of the file.")
    bytes: int = Field(ge=0, description="Size of the file.")
    added: str = Field(description="When it was added, RFC 3339 in UTC.")
    by: str = Field(description="Who added it.")
    note: str = Field(default="", description="What they said of it.")
    active: bool = Field(default=False, description="Is it the one in force?")
    detector: str = Field(description="Name of the detector.")
    window: int = Field(description="Readings in a window.")
    channels: tuple[str, ...] = Field(description="Names of the channels, in order.")
    threshold: str = Field(description="The threshold as it was written.")
    limit: float | None = Field(description="The limit; null where it moves.")
    readings: int = Field(description="Readings it was trained on.")


def facts_of(artifact: Artifact) -> dict[str, object]:
    """Return what an artifact is at a glance, by the names of :class:`Version`."""
    limit = getattr(artifact.calibration.limits, "limit", None)
    return {
        "detector": artifact.provenance.detector,
        "window": artifact.window,
        "channels": artifact.schema.names,
        "threshold": artifact.calibration.threshold,
        "limit": None if limit is None else float(limit),
        "readings": artifact.provenance.rows,
    }
