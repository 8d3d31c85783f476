"""One lane in hand: what it remembers, how far it has been judged, and when that is to be written."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tocsin.core.live import Position
from tocsin.engine.live.lane import Lane
from tocsin.engine.live.pace import Pace


@dataclass(eq=False)
class Hold:
    """A lane that was claimed.

    Parameters
    ----------
    name
        The lane's.
    epoch
        Proves the claim.
    lane
        What judges.
    position
        How far it has been judged; None before the first batch.
    written
        Up to where what it remembers is in the store.
    due
        When that is to be written next, on the monotonic clock in s; 0 for at once.
    """

    name: str
    epoch: int
    lane: Lane
    position: Position | None
    written: Position | None
    due: float = 0.0

    @property
    def behind(self) -> bool:
        """Tell whether it has been judged further than what is written."""
        return self.position != self.written

    def saved(self, pace: Pace, cost_s: float) -> None:
        """Note that what it remembers has been written, and when that is due next."""
        self.lane.saved()
        self.written = self.position
        self.due = time.monotonic() + pace.pause_s(cost_s)
