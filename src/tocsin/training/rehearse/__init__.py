"""Rehearsal: faults injected into normal readings tell which would ring before any of them happens."""

from __future__ import annotations

from tocsin.training.rehearse._rehearse import USUAL_KINDS, rehearse
from tocsin.training.rehearse.rehearsal import Rehearsal

__all__ = ["USUAL_KINDS", "Rehearsal", "rehearse"]
