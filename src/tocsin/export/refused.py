"""The error that stands in the place of an export whose promise does not hold."""

from __future__ import annotations

from tocsin.core.errors import TocsinError
from tocsin.export.proof import Proof


class ExportRefusedError(TocsinError):
    """An export does not say what its artifact says, so nothing was written.

    Parameters
    ----------
    proof
        What was compared, and where it differs.
    remedy
        What to do about it.
    """

    def __init__(self, proof: Proof, *, remedy: str) -> None:
        super().__init__(f"The export is refused. {' '.join(proof.failures)}", remedy=remedy)
        self.proof = proof
