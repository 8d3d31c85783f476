"""The files under analysis, each under a name that cannot be guessed."""

from __future__ import annotations

from pathlib import Path

from tocsin.service.settings import Limits


class Analyses:
    """Files under analysis.

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
