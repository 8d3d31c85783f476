"""How a feed paces itself: how large a batch gets, how long one may take to fill, how often state is written."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.errors import SettingError

FEW = 256
"""Batches with fewer readings are small."""
_RESTS = 3


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What bounds a batch, and how often what is remembered is written.

    Parameters
    ----------
    most_rows
        Readings in a batch.
    most_ms
        Time in which a batch may gather; the usual bound.
    snapshot_s
        Time between two writes of what a lane remembers; after a restart so much is judged again at most.
    snapshot_cost
        At least so many times as long as the last such write took lies between two of them, so that a large fleet's
        state takes a twentieth of the time.

    Examples
    --------
    >>> Pace(most_ms=0)
    Traceback (most recent call last):
    tocsin.core.errors.SettingError: A batch must hold 1 reading and take 1 ms at least. Raise batch_rows or batch_ms.
    """

    most_rows: int = 4096
    most_ms: float = 50
    snapshot_s: float = 5.0
    snapshot_cost: float = 20.0

    def __post_init__(self) -> None:
        if not (self.most_rows >= 1 and 1 <= self.most_ms < float("inf")):
            raise SettingError(
                "A batch must hold 1 reading and take 1 ms at least.", remedy="Raise batch_rows or batch_ms."
            )
        if not 0 <= self.snapshot_s < float("inf"):
            raise SettingError("The time between two snapshots is below zero.", remedy="Give one such as 5.")

    def rest_s(self, rows: int, cost_s: float) -> float:
        """Return how long to let readings gather after a batch of ``rows`` that took ``cost_s`` to see to.

        A few readings cost as much as a hundred. So after a small batch there is a rest of three times as long as it
        took, which leaves the processor and the disk three quarters of the time; a large one is followed by the next.

        >>> Pace().rest_s(10, 0.002), Pace().rest_s(10, 1.0), Pace().rest_s(FEW, 0.002)
        (0.006, 0.05, 0.0)
        """
        return min(_RESTS * cost_s, self.most_ms / 1e3) if rows < FEW else 0.0

    def pause_s(self, cost_s: float) -> float:
        """Return how long to wait after a write of the state that took ``cost_s``.

        >>> Pace().pause_s(0.01), Pace().pause_s(1.0)
        (5.0, 20.0)
        """
        return max(self.snapshot_s, self.snapshot_cost * cost_s)
