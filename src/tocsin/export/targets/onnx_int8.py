"""int8: the same graph at a third to a quarter of its size, rounded only as far as verdicts stay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.core.errors import SettingError
from tocsin.export._int8_choose import choose
from tocsin.export._int8_exam import Exam
from tocsin.export._int8_graph import Rounding
from tocsin.export._int8_integer import calibration_of
from tocsin.export._int8_words import facts, notes, origin
from tocsin.export.graph_made import GraphMade, graph_made
from tocsin.export.lean import NOTE, lean
from tocsin.export.target import Promise, Target

_MOST = 1024
"""Normal windows to calibrate on, at most."""

_OTHER = "Export it with: tocsin export --target onnx"


@dataclass(frozen=True, kw_only=True)
class OnnxInt8(Target):
    """ONNX with weights in 8 bits: an artifact (OUT.tocsin) or the bare graph (OUT.onnx), a third of the size or less.

    All is static: weights and scales are fixed here, on normal readings, so that no window moves another's score. What
    was learned is rounded, the scaling in front and the score's own arithmetic never are; layers by which verdicts
    would turn stay in single precision, and the export says which.

    Parameters
    ----------
    arithmetic
        "float": weights are whole numbers in the file, each rounded so that its layer answers normal readings as
        before, and float32 once the graph is loaded: as fast as the original, and closest to its scores. "integer":
        dense and convolutional layers also multiply in whole numbers as far as scores stay, for runtimes that are
        quicker at that; on x86 it is slower (docs/explanation/int8.md). Recurrent layers have no such kernels.
    calibration
        How ranges are found for "integer": "minmax", "entropy", or "percentile:99.99".
    lean
        Leave out the normal scores that drift is told by and another limit could be found from.

    Examples
    --------
    >>> OnnxInt8(arithmetic="integer", calibration="percentile:99.99").promise
    Promise(apart=inf, margin=0.05, agreement=0.999)
    """

    arithmetic: Literal["float", "integer"] = "float"
    calibration: str = "minmax"
    lean: bool = False

    def __post_init__(self) -> None:
        if self.arithmetic not in ("float", "integer"):
            raise SettingError(f"arithmetic is {self.arithmetic!r}.", remedy='Choose "float" or "integer".')
        calibration_of(self.calibration)

    @property
    def promise(self) -> Promise:
        """Verdicts are the same outside a twentieth of the limit, and for 999 of 1,000 normal readings everywhere."""
        return Promise(apart=float("inf"), margin=0.05, agreement=0.999)

    def make(self, artifact: Artifact, normal: Float32Array, *, name: str) -> GraphMade:
        """Round an artifact's graph as far as its verdicts stay.

        Raises
        ------
        SettingError
            If there is nothing in it that could be rounded, or nothing of it may be.
        """
        used = normal[np.linspace(0, len(normal) - 1, min(len(normal), _MOST)).astype(np.int64)]
        rounding = Rounding(artifact.graph, used, calibration=self.calibration)
        if not rounding.layers:
            raise SettingError(
                f"The graph of {artifact.provenance.detector} holds no matrix of learned weights to be rounded: it is "
                "in 8 bits already, or made of trees or statistics.",
                remedy=_OTHER,
            )
        exam = Exam(artifact, used, margin=self.promise.margin)
        chosen = choose(rounding.layers, rounding.build, exam, first="integer" if self._in_integers else "stored")
        if all(level == "float" for level in chosen.levels.values()):
            raise SettingError(
                f"No layer of this {artifact.provenance.detector} can be rounded to 8 bits without turning verdicts.",
                remedy=_OTHER,
            )
        told = notes(rounding.layers, chosen, artifact, integer=self._in_integers)
        before = artifact.provenance
        why, warnings = (*before.why, origin(artifact, len(used))), (*before.warnings, *told)
        provenance = replace(before, why=why, warnings=warnings)
        made = replace(artifact, graph=chosen.graph, sample=artifact.sample[:0], provenance=provenance)
        made = lean(made) if self.lean else made
        counted = facts(rounding.layers, chosen, artifact, integer=self._in_integers)
        return graph_made(made, name=name, facts=counted, notes=(*told, NOTE) if self.lean else told)

    @property
    def _in_integers(self) -> bool:
        return self.arithmetic == "integer"
