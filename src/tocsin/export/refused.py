"""The error that stands in the place of an export whose promise does not hold."""

from __future__ import annotations

from tocsin.core.errors import TocsinError
from tocsin.export.proof import Proof

SHOWN = 2
"""Failures that the message tells; the proof holds all."""


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
        shown = proof.failures[:SHOWN]
        more = ["Other kinds fail too."] if len(proof.failures) > len(shown) else []
        super().__init__(" ".join(["The export is refused.", *shown, *more]), remedy=remedy)
        self.proof = proof
