"""One device's way through a series: plain numbers in a plain loop, because a NumPy step costs 30 µs and this 1 µs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.alerting._heard import INSIDE, OUTSIDE, STRANGE, Heard
from tocsin.alerting._tables import Law
from tocsin.alerting._tally import ADOPTED, ALL, NOTICED, Tally
from tocsin.alerting._watch import Judged, Watch
from tocsin.core.alerts import Event
from tocsin.core.arrays import NEVER, BoolArray, IntArray

_PLAIN = ("above", "below", "quiet_since", "rest", "rest_until", "open", "excused")
"""What is remembered beside the tallies."""


@dataclass(frozen=True, eq=False)
class Series:
    """One device's part of a block.

    Parameters
    ----------
    judged, heard
        What came, and what counts of it.
    quiet, spared
        ndarrays of shape (n,), bool: quiet hours, and maintenance; None where there is no calendar.
    """

    judged: Judged
    heard: Heard
    quiet: BoolArray | None
    spared: BoolArray | None

    def hushed(self, k: int) -> bool:
        """Tell whether nobody is to be called at the k-th reading."""
        return (self.quiet is not None and bool(self.quiet[k])) or self.excused(k)

    def excused(self, k: int) -> bool:
        """Tell whether the k-th window holds readings of maintenance."""
        return self.spared is not None and bool(self.spared[k])


class Run:
    """The policy's law for one device. Loaded from the state's arrays, followed along a series, saved back."""

    above: int
    below: int
    quiet_since: int
    rest: int
    rest_until: int
    open: bool
    excused: bool

    def __init__(self, law: Law, watch: Watch, device: np.intp) -> None:
        self.law, self.device = law, int(device)
        for name in _PLAIN:
            setattr(self, name, getattr(watch, name)[device].item())
        self.now = Tally.load(watch, device)
        self.past = Tally.load(watch, device, "past_") if law.merge_within_ns else None

    def save(self, watch: Watch) -> None:
        """Write back what is to be remembered."""
        for name in _PLAIN:
            getattr(watch, name)[self.device] = getattr(self, name)
        self.now.save(watch, np.intp(self.device))
        if self.past is not None:
            self.past.save(watch, np.intp(self.device), "past_")

    def follow(self, series: Series, told: IntArray) -> list[Event]:
        """Go along the series, mark in ``told`` what is told, and return the events."""
        events: list[Event] = []
        fresh, news = series.judged.fresh.tolist(), series.heard.news.tolist()
        nexts = _nexts(series.heard.rings | series.judged.fresh | (series.judged.regime == ADOPTED))
        k, n = 0, len(news)
        while k < n:
            if not (self.open or self.above or self.rest):
                k = nexts[k]
                if k >= n:
                    break
            if fresh[k]:
                events += self._start_anew(k, series)
            if self.excused and not series.excused(k):
                events += self._excuse()
            events += self._take(k, series, news[k])
            if self.open and not self.now.held:
                told[k] = self.now.start
            k += 1
        return events

    def _take(self, k: int, series: Series, news: int) -> list[Event]:
        """Take the k-th reading: count it, turn if that is enough, and tell what quiet hours have held back."""
        time, score, regime = int(series.judged.time[k]), float(series.heard.score[k]), int(series.judged.regime[k])
        events: list[Event] = []
        if regime == ADOPTED:
            events += self._adopt(time)
        elif news in (STRANGE, OUTSIDE) or score == score or (news == INSIDE and self.now.outside == ALL):
            self._count(k, series, news, time, score)
            events += self._turn(time, series.hushed(k))
            events += self._notice() if regime == NOTICED else []
        if self.open and self.now.held and not series.hushed(k):
            self.now.held, self.now.opened = False, time
            events.append(self.now.event("open", self.device, open=True))
        return events

    def _count(self, k: int, series: Series, news: int, time: int, score: float) -> None:
        self.rest = max(self.rest - 1, 0) if not self.open else self.rest
        limit = float(series.heard.limit[k])
        if news in (STRANGE, OUTSIDE):
            outside, shares = news == OUTSIDE, series.heard.shares[k]
            if not self.above and not self.open:
                self.now = Tally.begin(time, len(self.now.shares), outside=outside)
                self.excused = series.excused(k)
            self.above, self.below = self.above + 1, 0
            self.now.add(time, score, limit, shares, outside=outside)
        elif self.open and (news == INSIDE or score <= self.law.release_below * limit):
            self.quiet_since = self.quiet_since if self.below else time
            self.below, self.above = self.below + 1, 0
        else:
            self.below = self.above = 0
            self.excused = self.excused and self.open

    def _turn(self, time: int, hushed: bool) -> list[Event]:
        if self.open:
            enough = self.below >= self.law.release_after and time - self.quiet_since >= self.law.release_after_ns
            return self._end(time) if enough else []
        windows, ns = self._patience()
        enough = self.above >= windows and time - self.now.start >= ns
        return self._begin(time, hushed) if enough and not self.rest and time >= self.rest_until else []

    def _patience(self) -> tuple[int, int]:
        """Return after how much to ring: what the leading channel asks for, or what holds for all."""
        usual = self.law.raise_after, self.law.raise_after_ns
        if not self.law.own:
            return usual
        leading = int(self.now.shares.argmax())
        return self.law.own.get(leading, usual) if self.now.shares[leading] > 0 else usual

    def _begin(self, time: int, hushed: bool) -> list[Event]:
        self.open, self.now.held, self.now.opened = True, hushed, time
        past, again = self.past, False
        if past is not None and past.end != NEVER and past.held == hushed:
            again = self.now.start - past.end <= self.law.merge_within_ns
            self.now = self.now.after(past) if again else self.now
        return [] if hushed else [self.now.event("update" if again else "open", self.device, open=True)]

    def _end(self, time: int) -> list[Event]:
        self.open, self.above, self.below, self.excused = False, 0, 0, False
        self.rest = self.law.cooldown
        self.rest_until = time + self.law.cooldown_ns if self.law.cooldown_ns else self.rest_until
        event = self.now.event("held" if self.now.held else "close", self.device, open=False)
        self.past = self.now.copy() if self.law.merge_within_ns else None
        return [event]

    def _notice(self) -> list[Event]:
        if self.now.regime == NOTICED or not (self.open or self.above):
            return []
        self.now.regime = NOTICED
        return [self.now.event("update", self.device, open=True)] if self.open and not self.now.held else []

    def _adopt(self, time: int) -> list[Event]:
        """End what was open: its level is normal from here on, and what follows is another matter."""
        self.now.regime = ADOPTED if self.open else self.now.regime
        ended = self._end(time) if self.open else []
        self.above, self.excused = 0, False
        if self.past is not None:
            self.past.end = NEVER
        return ended

    def _start_anew(self, k: int, series: Series) -> list[Event]:
        ended = self._end(int(series.judged.time[k])) if self.open else []
        self.above = self.below = self.rest = 0
        self.excused = False
        return ended

    def _excuse(self) -> list[Event]:
        """Forget what began in maintenance; an incident of it was held back, and is counted."""
        events = [self.now.event("held", self.device, open=False)] if self.open else []
        self.open, self.above, self.below, self.excused = False, 0, 0, False
        return events


def _nexts(interesting: BoolArray) -> IntArray:
    """For each place, the next place at which an idle device has anything to do."""
    places = np.where(interesting, np.arange(len(interesting)), len(interesting))
    return np.asarray(np.minimum.accumulate(places[::-1])[::-1])
