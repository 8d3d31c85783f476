"""Pushing an artifact from the centre to edges: proof made, envelope sealed, and left with the broker for each edge."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.artifact.signature import signer
from tocsin.cascade.envelope import LARGEST, Envelope
from tocsin.core.errors import ArtifactError
from tocsin.export.golden import golden
from tocsin.graph.run import Runner

WINDOWS = 64
"""Golden windows that travel with a push, at most, spread over all of their kinds."""


def envelope_of(artifact: Path, version: int, *, duty: str = "") -> Envelope:
    """Return an artifact with its proof, for nobody yet: an edge's name is put in before it is signed.

    Parameters
    ----------
    artifact
        A signed file.
    version
        Greater than that of any push before.
    duty
        Whose artifact it is there; "" for the only one.

    Raises
    ------
    ArtifactError
        If it is not sound, not signed, or too large for a message.
    """
    found, body = bundle.load(artifact), artifact.read_bytes()
    if not signer(artifact):
        raise ArtifactError(
            f"{artifact.name} is not signed, and edges take nothing else.",
            remedy=f"tocsin sign {artifact.name} --key plant.key",
        )
    if len(body) > LARGEST - (32 << 20):
        raise ArtifactError(
            f"{artifact.name} has {len(body) >> 20} MB, too many for a message.", remedy="Make it smaller."
        )
    windows = _proof(found)
    scores = Runner(found.graph)(windows).score.astype(np.float64)
    return Envelope("", version, "install", duty, artifact.name, body, windows, scores)


def _proof(artifact: Artifact) -> np.ndarray:
    """Return golden windows, finite ones alone, so that two processors can be held to each other."""
    every = golden(artifact, artifact.sample if len(artifact.sample) else artifact.normal).windows
    every = every[np.isfinite(every).all(axis=(1, 2))]
    return every[np.linspace(0, len(every) - 1, min(len(every), WINDOWS)).astype(np.int64)]
