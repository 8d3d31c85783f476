"""What happens to readings before a detector sees them: aligned in time, bridged, scaled, changed, widened."""

from __future__ import annotations

from tocsin.prepare._bins import Bins
from tocsin.prepare._feature import Feature
from tocsin.prepare._features import Features
from tocsin.prepare._parse import parse
from tocsin.prepare._prepared import Prepared, prepare

__all__ = ["Bins", "Feature", "Features", "Prepared", "parse", "prepare"]
