"""Rules that turn scores of normal readings into limits."""

from __future__ import annotations

from tocsin.thresholds._poisson import highest
from tocsin.thresholds._promise import Promise

__all__ = ["Promise", "highest"]
