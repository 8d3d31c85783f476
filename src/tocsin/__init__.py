"""tocsin turns sensor readings into alarms that people trust."""

from __future__ import annotations

__version__ = "0.1.0"
