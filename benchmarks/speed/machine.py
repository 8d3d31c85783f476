"""Where the figures come from: processor, cores, system, versions, and how busy the machine was."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe(versions: dict[str, str]) -> str:
    """Return the machine in one line."""
    held = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return f"{_processor()}, {_cores()} cores, {platform.system()}, Python {platform.python_version()}, {held}"


def load() -> float | None:
    """Return how many processes were running on average during the last minute, where the system tells."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        names = [
            line.split(":")[1].strip() for line in listed.read_text().splitlines() if line.startswith("model name")
        ]
        if names:
            return names[0]
    return platform.processor() or platform.machine()
