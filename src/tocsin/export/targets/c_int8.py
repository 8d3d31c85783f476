"""C for microcontrollers, with layers in whole numbers of 8 bits."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.core.errors import SettingError
from tocsin.export.target import Made, Promise, Target


@dataclass(frozen=True, kw_only=True)
class CInt8(Target):
    """As c, but with layers in 8 bits: a quarter of their flash, and products of whole numbers.

    For the graphs of ``autoencoder``, ``cnn_autoencoder``, ``kmeans`` and ``pca``. The score compares the reading as it
    came, in floating point, with what the layers make of it; that is rounded, so verdicts near the limit may differ.

    Parameters
    ----------
    arena
        Where scoring works: "state", in what is remembered of a device, or "stack".
    activations
        What goes into the layers: "int8", cut beyond the range of normal windows; "float", so that the weights alone
        are rounded and nothing is cut; or "auto", for int8 unless that turns verdicts.

    Examples
    --------
    >>> CInt8().promise.agreement
    0.98
    """

    arena: Literal["state", "stack"] = "state"
    activations: Literal["auto", "int8", "float"] = "auto"

    @property
    def promise(self) -> Promise:
        """Verdicts are the same, but for scores near the limit."""
        return Promise(apart=inf, margin=0.2, agreement=0.98)

    def make(self, artifact: Artifact, normal: Float32Array, *, name: str) -> Made:
        """Return the artifact as a C file and its header, calibrated on ``normal``."""
        from tocsin.export.c.export import made, program_of
        from tocsin.export.c.headroom import CHOICES, fitted

        if clash := _clashing(artifact):
            raise SettingError(
                f"The prepare step {clash} is arithmetic that 8 bits are too coarse for.", remedy="Export it as c."
            )
        reaches = {"auto": CHOICES, "int8": CHOICES[:-1], "float": CHOICES[-1:]}[self.activations]
        program, reach = fitted(program_of(artifact), artifact, normal, reaches=reaches, margin=self.promise.margin)
        precision = "int8" if reach is not None else "int8 weights"
        return made(artifact, program, name=name, arena=self.arena, precision=precision)


def _clashing(artifact: Artifact) -> str:
    """Return a prepare step whose products are no layers, or nothing."""
    return next((step for step in artifact.provenance.prepare if step.startswith(("bands", "denoise", "detrend"))), "")
