"""Leaving out of an artifact what scoring does not need."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tocsin.artifact.artifact import Artifact

NOTE = "It is lean: tocsin recalibrate needs normal readings for it, and tocsin export takes them too."
"""What to know before using it."""

_NONE = np.zeros(0, np.int64)


def lean(artifact: Artifact) -> Artifact:
    """Return what scores and explains as the artifact does, and knows no more.

    Without the scores that another limit could be found from and drift is told by, the windows that a further export
    could be proven on, the limits before this one, and the curves of the training.
    """
    return replace(
        artifact,
        evidence=replace(artifact.evidence, score=np.zeros(0), time=_NONE, device=_NONE),
        sample=artifact.sample[:0],
        earlier=(),
        provenance=replace(artifact.provenance, curves={}),
    )
