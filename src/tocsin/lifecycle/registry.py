"""The registry: artifacts by name, each in numbered versions, one of them in force."""

from __future__ import annotations

from pathlib import Path


class Registry:
    """Artifacts by name and version, in a folder.

    Parameters
    ----------
    folder
        Where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
