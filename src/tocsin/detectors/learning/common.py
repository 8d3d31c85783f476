"""What the detectors share that needs no PyTorch: checks of settings, windows chosen evenly, the last reading."""

from __future__ import annotations

from tocsin.detectors._reconstruction import Reconstruction, odd
from tocsin.detectors._rows import last_reading
from tocsin.detectors._settings import above, at_least, installed
from tocsin.detectors._spaced import spaced

__all__ = ["Reconstruction", "above", "at_least", "installed", "last_reading", "odd", "spaced"]
