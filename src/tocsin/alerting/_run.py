"""One device's way through a series: plain numbers in a plain loop, because a NumPy step costs 30 µs and this .5 µs."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tocsin.alerting._watch import Judged, Watch
from tocsin.core.alerts import Event, Incident
from tocsin.core.arrays import BoolArray, FloatArray, IntArray

NOTICED, ADOPTED = 1, 2
"""The regimes that a threshold tells; see :class:`tocsin.core.contracts.Bounds`."""

_REGIMES: tuple[Literal["", "noticed", "adopted"], ...] = ("", "noticed", "adopted")


class Run:
    """The policy's law for one device. Loaded from the state's arrays, followed along a series, saved back."""

    def __init__(self, raise_after: int, release_below: float, release_after: int, cooldown: int) -> None:
        self.raise_after, self.release_below = raise_after, release_below
        self.release_after, self.cooldown = release_after, cooldown

    def load(self, watch: Watch, device: np.intp) -> None:
        """Take over what is remembered of ``device``."""
        self.above, self.below, self.rest = int(watch.above[device]), int(watch.below[device]), int(watch.rest[device])
        self.open, self.start, self.end = bool(watch.open[device]), int(watch.start[device]), int(watch.end[device])
        self.peak = int(watch.peak[device])
        self.peak_score, self.peak_limit = float(watch.peak_score[device]), float(watch.peak_limit[device])
        self.shares = watch.shares[device].copy()
        self.regime, self.revision = int(watch.regime[device]), int(watch.revision[device])

    def save(self, watch: Watch, device: np.intp) -> None:
        """Write back what is to be remembered of ``device``."""
        watch.above[device], watch.below[device], watch.rest[device] = self.above, self.below, self.rest
        watch.open[device], watch.start[device], watch.end[device] = self.open, self.start, self.end
        watch.peak[device], watch.peak_score[device], watch.peak_limit[device] = (
            self.peak,
            self.peak_score,
            self.peak_limit,
        )
        watch.shares[device] = self.shares
        watch.regime[device], watch.revision[device] = self.regime, self.revision

    def follow(self, device: int, row: Judged, anomalous: BoolArray, told: IntArray) -> list[Event]:
        """Go along the series, mark in ``told`` what is told, and return the events."""
        events: list[Event] = []
        time, score, limit = row.time.tolist(), row.score.tolist(), row.limit.tolist()
        fresh, strange, regime = row.fresh.tolist(), anomalous.tolist(), row.regime.tolist()
        nexts = self._nexts(anomalous | row.fresh)
        k, n = 0, len(time)
        while k < n:
            if not (self.open or self.above or self.rest):
                k = nexts[k]
                if k >= n:
                    break
            if fresh[k]:
                events += self._forget(device)
            if regime[k] == ADOPTED:
                events += self._forget(device, adopted=True)
            elif score[k] == score[k]:
                self._advance(time[k], score[k], limit[k], strange[k], row.by_channel[k])
                events += self._turn(device)
                events += self._notice(device) if regime[k] == NOTICED else []
            if self.open:
                told[k] = self.start
            k += 1
        return events

    @staticmethod
    def _nexts(interesting: BoolArray) -> IntArray:
        """For each place, the next place at which an idle device has anything to do."""
        places = np.where(interesting, np.arange(len(interesting)), len(interesting))
        return np.asarray(np.minimum.accumulate(places[::-1])[::-1])

    def _advance(self, time: int, score: float, limit: float, strange: bool, shares: FloatArray) -> None:
        self.rest = max(self.rest - 1, 0) if not self.open else self.rest
        if strange:
            if not self.above and not self.open:
                self._begin(time)
            self.above, self.below, self.end = min(self.above + 1, self.raise_after), 0, time
            self.shares = self.shares + np.nan_to_num(shares, nan=0.0)
            if score * self.peak_limit > self.peak_score * limit:
                self.peak, self.peak_score, self.peak_limit = time, score, limit
        elif self.open:
            quiet = score <= self.release_below * limit
            self.below, self.above = self.below + 1 if quiet else 0, 0
        else:
            self.above = 0

    def _begin(self, time: int) -> None:
        self.start, self.shares = time, np.zeros_like(self.shares)
        self.peak, self.peak_score, self.peak_limit = time, 0.0, 1.0
        self.regime = self.revision = 0

    def _turn(self, device: int) -> list[Event]:
        if not self.open and self.above >= self.raise_after and not self.rest:
            self.open = True
            return [Event("open", self._incident(device), self.revision)]
        if self.open and self.below >= self.release_after:
            return self._end(device)
        return []

    def _end(self, device: int) -> list[Event]:
        self.open, self.above, self.below, self.rest = False, 0, 0, self.cooldown
        self.revision += 1
        return [Event("close", self._incident(device), self.revision)]

    def _notice(self, device: int) -> list[Event]:
        if self.regime == NOTICED or not (self.open or self.above):
            return []
        self.regime = NOTICED
        if not self.open:
            return []
        self.revision += 1
        return [Event("update", self._incident(device), self.revision)]

    def _forget(self, device: int, *, adopted: bool = False) -> list[Event]:
        self.regime = ADOPTED if adopted else self.regime
        ended = self._end(device) if self.open else []
        self.above = self.below = self.rest = 0
        return ended

    def _incident(self, device: int) -> Incident:
        whole = float(self.shares.sum())
        shares = tuple((self.shares / whole).tolist()) if whole > 0 else ()
        return Incident(
            device,
            self.start,
            self.peak,
            self.end,
            self.peak_score,
            self.peak_limit,
            shares,
            open=self.open,
            regime=_REGIMES[self.regime],
        )
