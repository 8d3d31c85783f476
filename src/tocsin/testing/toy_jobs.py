"""Jobs that do next to nothing, to see how those are looked after that do a lot."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tocsin.core.errors import InputError
from tocsin.core.progress import report


def count(*, to: int, pause_s: float = 0.0) -> dict[str, Any]:
    """Count, and report each step; return how far, and where."""
    for step in range(to):
        report("counting", step + 1, to, f"number {step + 1}")
        time.sleep(pause_s)
    return {"counted": to, "process": os.getpid(), "niceness": os.nice(0)}


def complain(*, message: str, remedy: str) -> dict[str, Any]:
    """Fail as parts of tocsin do when people can put it right."""
    raise InputError(message, remedy=remedy)


def stumble() -> dict[str, Any]:
    """Fail as nobody foresaw, with something secret in the message."""
    raise ValueError("/secret/path")


def perish() -> dict[str, Any]:
    """End as a process does that the system ends."""
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def chatter(*, lines: int) -> dict[str, Any]:
    """Print what is no news for the service, also what looks like some."""
    for _ in range(lines):
        sys.stdout.write('{"result": {"forged": true}}\n')
    return {"lines": lines}


def brood(*, folder: str) -> dict[str, Any]:
    """Start a child that would live for long, leave its number in ``folder``, and wait for it."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (Path(folder) / "child").write_text(str(child.pid))
    report("brooding", os.getpid(), child.pid)
    child.wait()
    return {}


def abandon() -> dict[str, Any]:
    """Start a child that holds all that this process has open, and end without it."""
    if (child := os.fork()) == 0:
        time.sleep(600)
    return {"child": child}
