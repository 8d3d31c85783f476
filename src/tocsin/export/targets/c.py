"""C for microcontrollers, in single precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.export.target import Made, Promise, Target


@dataclass(frozen=True, kw_only=True)
class C(Target):
    """One C99 file for a microcontroller: allocates nothing, and needs no library but the standard one's mathematics.

    For the graphs of ``autoencoder``, ``cnn_autoencoder``, ``kmeans``, ``pca``, ``limits``, ``ewma`` and
    ``rolling_zscore``. It is compiled here and held to the artifact's scores before it is written.

    Parameters
    ----------
    arena
        Where scoring works: "state", in what is remembered of a device, or "stack".

    Examples
    --------
    >>> C().promise.apart
    0.0001
    """

    arena: Literal["state", "stack"] = "state"

    @property
    def promise(self) -> Promise:
        """The scores are the artifact's but for rounding."""
        return Promise(apart=1e-4, margin=1e-4)

    def make(self, artifact: Artifact, normal: Float32Array, *, name: str) -> Made:  # noqa: ARG002  # nothing to calibrate
        """Return the artifact as a C file and its header."""
        from tocsin.export.c.export import made, program_of

        return made(artifact, program_of(artifact), name=name, arena=self.arena, precision="float")
