"""How long a person waits before anything happens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from speed.children import median, watched
from speed.line import Line

_IMPORT = "import time; start = time.perf_counter(); import tocsin; print(time.perf_counter() - start)"


def startup(repeats: int) -> list[Line]:
    """Seconds for ``import tocsin`` (without Python's own start) and for ``tocsin --help`` (all of it)."""
    imports = [{"s": subprocess.check_output([sys.executable, "-c", _IMPORT], text=True)} for _ in range(repeats)]
    helps = [{"s": watched([tocsin(), "--help"]).seconds} for _ in range(repeats)]
    return [
        Line("start", "import tocsin", median(imports, "s"), "s", aim=0.2, judged="value", lower_is_better=True),
        Line("start", "tocsin --help", median(helps, "s"), "s", aim=0.5, judged="value", lower_is_better=True),
    ]


def tocsin() -> str:
    """Return the command beside the Python that runs this."""
    return str(Path(sys.executable).parent / "tocsin")
