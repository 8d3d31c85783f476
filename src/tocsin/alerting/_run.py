"""One device's way through a series: plain numbers in a plain loop, because a NumPy step costs 30 µs and this 1 µs."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.alerting._heard import INSIDE, OUTSIDE, STRANGE
from tocsin.alerting._series import Series
from tocsin.alerting._tables import Law
from tocsin.alerting._tally import ADOPTED, ALL, NOTICED, Tally
from tocsin.core.alerts import Event, grade
from tocsin.core.arrays import NEVER, IntArray


@dataclass(slots=True)
class Run:
    """The policy's law for one device. Loaded from the state's arrays, followed along a series, saved back.

    Parameters
    ----------
    law
        After how much to ring, and to stop.
    device
        Its place in the block.
    now, past
        The run or incident under way, and the incident before it; None where nothing is merged.
    above, below, quiet_since, rest, rest_until, open, excused
        See :class:`~tocsin.alerting._watch.Watch`.
    """

    law: Law
    device: int
    now: Tally
    past: Tally | None
    above: int
    below: int
    quiet_since: int
    rest: int
    rest_until: int
    open: bool
    excused: bool

    def follow(self, series: Series, told: IntArray) -> list[Event]:
        """Go along the series, mark in ``told`` what is told, and return the events."""
        events: list[Event] = []
        k = 0
        while k < series.length:
            if not (self.open or self.above or self.rest):
                k = series.nexts[k]
                if k >= series.length:
                    break
            if series.fresh[k]:
                events += self._start_anew(series.time[k])
            if self.excused and not series.excused[k]:
                events += self._excuse()
            events += self._take(k, series)
            if self.open and not self.now.held:
                told[k] = self.now.start
            k += 1
        return events

    def _take(self, k: int, series: Series) -> list[Event]:
        """Take the k-th reading: count it, turn if that is enough, and tell what quiet hours have held back."""
        time, score, news, hushed = series.time[k], series.score[k], series.news[k], series.hushed[k]
        events: list[Event] = []
        if series.regime[k] == ADOPTED:
            events += self._adopt(time)
        elif score == score or (news == INSIDE and self.now.outside == ALL):
            peak = (self.now.peak_score, self.now.peak_limit) if self.open else None
            self._count(k, series)
            events += self._turn(time, hushed)
            worse = peak is not None and self.now.peak == time and self._worse(*peak)
            events += self._rise(worse=worse, noticed=series.regime[k] == NOTICED)
        if self.open and self.now.held and not hushed:
            self.now.held, self.now.opened = False, time
            events.append(self.now.event("open", self.device, open=True))
        return events

    def _count(self, k: int, series: Series) -> None:
        time, score, limit, news = series.time[k], series.score[k], series.limit[k], series.news[k]
        self.rest = max(self.rest - 1, 0) if not self.open else self.rest
        if news in (STRANGE, OUTSIDE):
            outside = news == OUTSIDE
            if not self.above and not self.open:
                self.now = Tally.begin(time, len(self.now.shares), outside=outside)
                self.excused = series.excused[k]
            self.above, self.below = self.above + 1, 0
            self.now.add(time, score, limit, series.shares[k], outside=outside)
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
        if not self.above:
            return []
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

    def _rise(self, *, worse: bool, noticed: bool) -> list[Event]:
        """Tell of an incident that came to be called worse, or whose level is found to last; at most once a reading."""
        news = noticed and self.now.regime != NOTICED and (self.open or self.above > 0)
        self.now.regime = NOTICED if news else self.now.regime
        telling = self.open and not self.now.held and (worse or news)
        return [self.now.event("update", self.device, open=True)] if telling else []

    def _worse(self, score: float, limit: float) -> bool:
        """Tell whether the peak has come into another grade than one of ``score`` and ``limit``."""
        bounds = self.law.grades
        return grade(_severity(self.now.peak_score, self.now.peak_limit), bounds) != grade(
            _severity(score, limit), bounds
        )

    def _adopt(self, time: int) -> list[Event]:
        """End what was open: its level is normal from here on, and what follows is another matter."""
        self.now.regime = ADOPTED if self.open else self.now.regime
        ended = self._end(time) if self.open else []
        self.above, self.excused = 0, False
        if self.past is not None:
            self.past.end = NEVER
        return ended

    def _start_anew(self, time: int) -> list[Event]:
        ended = self._end(time) if self.open else []
        self.above = self.below = self.rest = 0
        self.excused = False
        return ended

    def _excuse(self) -> list[Event]:
        """Forget what began in maintenance; an incident of it was held back, and is counted."""
        events = [self.now.event("held", self.device, open=False)] if self.open else []
        self.open, self.above, self.below, self.excused = False, 0, 0, False
        return events


def _severity(score: float, limit: float) -> float:
    return score / limit if limit else float("inf")
