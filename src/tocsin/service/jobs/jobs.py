"""Jobs: long work in processes of its own, so that the service stays quick and any job can be ended."""

from __future__ import annotations

from pathlib import Path

from tocsin.service.settings import Limits


class Jobs:
    """Long work in processes of its own.

    Parameters
    ----------
    folder
        Where they are kept.
    limits
        How much is taken on.
    """

    def __init__(self, folder: Path, *, limits: Limits) -> None:
        self._folder, self._limits = folder, limits

    def close(self) -> None:
        """End what was begun."""
