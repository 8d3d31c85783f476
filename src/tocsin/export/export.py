"""Exporting: make, prove, and only then write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.core.progress import report
from tocsin.export.golden import golden
from tocsin.export.proof import Proof, prove
from tocsin.export.refused import ExportRefusedError
from tocsin.export.target import Made, Target
from tocsin.export.write import write_all

REMEDY = (
    "Nothing was written. Say what the readings are usually like, with normal ones behind the artifact's name; or "
    "choose another target, or other settings of this one."
)


PLENTY = 500
"""Normal windows from which on every other is kept for the proof alone."""


@dataclass(frozen=True, eq=False)
class Export:
    """An export that has been proven and written.

    Parameters
    ----------
    made
        What was made.
    proof
        What it was held to.
    paths
        Where it lies; the main file first.
    """

    made: Made
    proof: Proof
    paths: tuple[Path, ...]


def export(
    artifact: Artifact, target: Target, out: Path, *, normal: Float32Array | None = None, seed: int = 0
) -> Export:
    """Turn an artifact into something else, hold it to the artifact, and write it if it says the same.

    Parameters
    ----------
    artifact
        What was trained.
    target
        What to make of it.
    out
        Where the main file goes; others go beside it.
    normal
        ndarray of shape (n, window, channels), float32, n ≥ 1: normal windows, in raw units; those that the artifact
        holds where None.
    seed
        Of the golden windows.

    Raises
    ------
    ExportRefusedError
        If it does not keep the target's promise; nothing is written.
    SettingError
        If the target can make nothing of such an artifact.
    """
    windows = sample_of(artifact) if normal is None else normal
    calibrating, proving = _parted(windows)
    report("exporting", 0, 3, "making")
    made = target.make(artifact, calibrating, name=out.name)
    report("exporting", 1, 3, "proving")
    proof = prove(artifact, made, golden(artifact, proving, seed=seed), promise=target.promise)
    if proof.failed:
        raise ExportRefusedError(proof, remedy=REMEDY)
    report("exporting", 2, 3, "writing")
    return Export(made, proof, write_all(made.files, out.parent))


def _parted(normal: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Return what an export is calibrated on and what it is proven on: not the same, where there is enough for both."""
    if len(normal) < PLENTY:
        return normal, normal
    return normal[::2], normal[1::2]


def sample_of(artifact: Artifact) -> Float32Array:
    """Return the normal windows that an artifact holds; one of usual values where it is of an earlier version."""
    return artifact.sample if len(artifact.sample) else artifact.normal
