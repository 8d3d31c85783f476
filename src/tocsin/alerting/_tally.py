"""What is known of a run of anomalous windows, or of the incident that it has become, in plain numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tocsin.core.alerts import Event, Incident
from tocsin.core.arrays import NEVER, FloatArray

NOTICED, ADOPTED = 1, 2
"""The regimes that a threshold tells; see :class:`tocsin.core.contracts.Bounds`."""

SOME, ALL = 1, 2
"""In how many of its windows a value lay outside its range."""

_REGIMES: tuple[Literal["", "noticed", "adopted"], ...] = ("", "noticed", "adopted")


@dataclass(slots=True)
class Tally:
    """One device's run or incident; the fields are those of :class:`Watch`."""

    start: int
    opened: int
    end: int
    peak: int
    peak_score: float
    peak_limit: float
    revision: int
    regime: int
    outside: int
    held: bool
    shares: FloatArray

    @staticmethod
    def begin(time: int, channels: int, *, outside: bool) -> Tally:
        """Return the tally of a run that begins at ``time``."""
        first = ALL if outside else 0
        return Tally(time, NEVER, time, time, 0.0, 1.0, 0, 0, first, False, np.zeros(channels))

    def add(self, time: int, score: float, limit: float, shares: FloatArray, *, outside: bool) -> None:
        """Count an anomalous window in.

        Once a value has left its range, the cause is what left it: other windows' shares no longer count.
        """
        self.end = time
        if outside and not self.outside:
            self.shares = np.zeros_like(self.shares)
        if outside or not self.outside:
            self.shares = self.shares + shares
        self.outside = max(self.outside, SOME) if outside else min(self.outside, SOME)
        if score * self.peak_limit > self.peak_score * limit:
            self.peak, self.peak_score, self.peak_limit = time, score, limit

    def after(self, past: Tally) -> Tally:
        """Return the incident ``past`` gone on with this one."""
        worse = self.peak_score * past.peak_limit > past.peak_score * self.peak_limit
        peak = self if worse else past
        only = (past.outside, self.outside)
        return replace(
            past,
            end=self.end,
            peak=peak.peak,
            peak_score=peak.peak_score,
            peak_limit=peak.peak_limit,
            regime=self.regime,
            outside=min(only) if min(only) else min(max(only), SOME),
            shares=sum(
                (each.shares for each in (past, self) if each.outside or not max(only)), np.zeros_like(self.shares)
            ),
        )

    def copy(self) -> Tally:
        """Return the same, apart from this one."""
        return replace(self, shares=self.shares.copy())

    def event(self, kind: Literal["open", "update", "close", "held"], device: int, *, open: bool) -> Event:
        """Return news of the incident, numbered."""
        whole = float(self.shares.sum())
        incident = Incident(
            device,
            self.start,
            self.peak,
            self.end,
            self.peak_score,
            self.peak_limit,
            tuple((self.shares / whole).tolist()) if whole > 0 else (),
            open=open,
            held=self.held,
            regime=_REGIMES[self.regime],
            opened=self.opened,
            outside=self.outside > 0,
        )
        self.revision += 1
        return Event(kind, incident, self.revision - 1)
