"""Small JSON files that say how things stand, written whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def write(path: Path, content: Any) -> None:
    """Write plain values as JSON; the folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(content, allow_nan=False), "utf-8")
    part.replace(path)


def read(path: Path) -> Any:
    """Return what was written, None where nothing was."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
