"""ONNX: the artifact as it is for machines that run tocsin, or its graph alone for all others."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.export.graph_made import graph_made
from tocsin.export.lean import NOTE, lean
from tocsin.export.target import Made, Promise, Target


@dataclass(frozen=True, kw_only=True)
class Onnx(Target):
    """ONNX in single precision: an artifact (OUT.tocsin), or the bare graph for other runtimes (OUT.onnx).

    Parameters
    ----------
    lean
        Leave out what scoring does not need: the scores that another limit could be found from, the windows that a
        further export could be proven on, the limits before this one, and the curves of the training.
    """

    lean: bool = False

    @property
    def promise(self) -> Promise:
        """What hosts promise one another: it is the same graph, run by the same runtime."""
        return Promise(apart=1e-5, margin=1e-5)

    def make(self, artifact: Artifact, normal: Float32Array, *, name: str) -> Made:
        """Return the file of an artifact, or of its graph."""
        del normal  # nothing is calibrated
        if not self.lean:
            return graph_made(artifact, name=name)
        return graph_made(lean(artifact), name=name, notes=(NOTE,))
