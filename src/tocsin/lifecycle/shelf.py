"""A shelf of a registry: all versions of an artifact under one name, and which of them was in force since when."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from tocsin.lifecycle.version import Version


class Activation(BaseModel):
    """Who put which version in force, and when (RFC 3339 in UTC)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = Field(description="The version that came into force.")
    at: str = Field(description="When, RFC 3339 in UTC.")
    by: str = Field(description="Who did it.")


class Shelf(BaseModel):
    """The versions of an artifact, newest first.

    Parameters
    ----------
    name
        Of the artifact.
    active
        The version in force; None while there is none.
    versions
        Newest first.
    activations
        What was put in force, the latest first.
    """

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="Name of the artifact.")
    active: int | None = Field(description="The version in force.")
    versions: tuple[Version, ...] = Field(description="All versions, newest first.")
    activations: tuple[Activation, ...] = Field(default=(), description="What was put in force, the latest first.")
