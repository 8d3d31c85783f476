"""The hub: takes what watches tell, remembers the latest of each device, and hands it to all who look on."""

from __future__ import annotations

from tocsin.service.settings import Limits


class Hub:
    """What watches tell, for all who look on.

    Parameters
    ----------
    limits
        How much is taken on.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def close(self) -> None:
        """Send everybody home."""
