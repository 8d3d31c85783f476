"""What must happen to readings before they enter a window: aligning them in time, and bridging what is missing."""

from __future__ import annotations

from tocsin.prepare._bins import Bins

__all__ = ["Bins"]
