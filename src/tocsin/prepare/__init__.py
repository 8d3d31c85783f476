"""What happens to readings before a detector sees them: aligned in time, bridged, scaled, with more columns."""

from __future__ import annotations

from tocsin.prepare._bins import Bins
from tocsin.prepare._features import Feature, Features, parse

__all__ = ["Bins", "Feature", "Features", "parse"]
