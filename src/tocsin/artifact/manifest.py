"""The manifest: an artifact's table of contents and all of it that is not an array, versioned and validated."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tocsin.alerting.policy import Policy
from tocsin.artifact.artifact import Artifact
from tocsin.artifact.calibration import Calibration
from tocsin.artifact.provenance import Provenance
from tocsin.core.discover import load
from tocsin.core.errors import ArtifactError, TocsinError
from tocsin.core.kinds import Kind
from tocsin.core.relations import Relations
from tocsin.core.schema import Channel, Schema
from tocsin.prepare.clock import Clock
from tocsin.prepare.impute import Impute
from tocsin.sources import Layout

FORMAT = 2
"""Version of the file format. Raised when an older tocsin could misread a newer file."""

READ = (1, 2)
"""Versions that can be read: in the first, scores had no order, and there was neither a band nor an example."""

_LONGEST = 100_000
"""Readings that a window may have."""


class Member(BaseModel):
    """One file inside the artifact."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class CalibrationNote(BaseModel):
    """The calibration; the limits are kept as the fields of the type that the threshold names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: str
    limits: dict[str, Any]
    reference: str
    scores: int
    said: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Manifest(BaseModel):
    """Everything about an artifact that is not an array."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    members: dict[str, Member]
    channels: tuple[Channel, ...]
    layout: Layout
    window: Annotated[int, Field(ge=1, le=_LONGEST)]
    clock: Clock
    impute: Impute
    calibration: CalibrationNote
    policy: Policy
    provenance: Provenance
    kinds: tuple[Kind, ...] = ()
    relations: Relations = ()
    earlier: tuple[CalibrationNote, ...] = ()


def describe(artifact: Artifact, members: dict[str, Member]) -> Manifest:
    """Return the manifest of ``artifact``."""
    return Manifest(
        format=FORMAT,
        members=members,
        channels=artifact.schema.channels,
        layout=artifact.layout,
        window=artifact.window,
        clock=artifact.clock,
        impute=artifact.impute,
        calibration=_note(artifact.calibration),
        policy=artifact.policy,
        provenance=artifact.provenance,
        kinds=artifact.kinds,
        relations=artifact.relations,
        earlier=tuple(_note(found) for found in artifact.earlier),
    )


def _note(found: Calibration) -> CalibrationNote:
    limits = TypeAdapter(type(found.limits)).dump_python(found.limits, mode="json")
    return CalibrationNote(**{**vars(found), "limits": limits})


def restore(note: CalibrationNote) -> Calibration:
    """Return the calibration that ``note`` describes."""
    fitted = load("thresholds", note.threshold.partition(":")[0]).fitted
    limits = TypeAdapter(fitted).validate_python(note.limits)
    _refuse_nonsense(asdict(limits))
    return Calibration(**{**dict(note), "limits": limits})


def parse(text: bytes, name: str) -> tuple[Manifest, Calibration, tuple[Calibration, ...]]:
    """Read a manifest; return it with the calibration in force, and those before it.

    Raises
    ------
    ArtifactError
        If it is from a newer tocsin, or not valid.
    """
    try:
        version = TypeAdapter(dict[str, Any]).validate_json(text).get("format")
        if version not in READ:
            raise ArtifactError(
                f"{name} has format version {version}; this tocsin reads versions {READ[0]} to {READ[-1]}.",
                remedy="Install the tocsin it was made with, or train it again.",
            )
        manifest = Manifest.model_validate_json(text)
        _refuse_nonsense(manifest.model_dump())
        _consistent(manifest)
        return manifest, restore(manifest.calibration), tuple(restore(note) for note in manifest.earlier)
    except ArtifactError:
        raise
    except (ValidationError, TocsinError, ValueError) as error:
        raise ArtifactError(
            f"The manifest of {name} is not valid: {_first(error)}.", remedy="Get the file again, or train it again."
        ) from None


def _consistent(manifest: Manifest) -> None:
    channels, clock = Schema(manifest.channels), manifest.clock
    if not len(channels) == clock.channels == manifest.impute.channels == manifest.policy.channels:
        raise ValueError("its parts disagree about the number of channels")
    if manifest.kinds and len(manifest.kinds) != len(channels):
        raise ValueError("it tells the kinds of other channels than it has")
    if manifest.relations and {len(manifest.relations), *map(len, manifest.relations)} != {len(channels)}:
        raise ValueError("it tells relations of other channels than it has")
    if channels.names != manifest.layout.schema.names:
        raise ValueError("its parts disagree about the names of channels")
    if clock.period_ns < 1 or manifest.impute.hold_ns < 0 or clock.lateness_ns < 0:
        raise ValueError("its clock runs backwards")
    if clock.lateness_ns > 10_000 * clock.period_ns:
        raise ValueError("its clock would keep too many bins open")
    if not 0 <= clock.hold <= clock.restart <= clock.hold + _LONGEST:
        raise ValueError("its clock would fill too many empty bins")


def _refuse_nonsense(value: Any) -> None:
    """A limit that is no number would never ring, and nobody would know; times must fit into 64 bits."""
    if isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            _refuse_nonsense(part)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("it holds a number that is not finite")
    elif isinstance(value, int) and abs(value) >= 1 << 63:
        raise ValueError("it holds a number that is too large")


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return str(error).rstrip(".")
