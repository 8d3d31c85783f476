"""When to ring: from limits crossed to incidents that a person is told of."""

from __future__ import annotations

from tocsin.alerting._watch import Judged, Told, Watch

__all__ = ["Judged", "Told", "Watch"]
