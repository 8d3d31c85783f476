"""From what a policy rang to figures: how many alarms were false, what they missed, and whether that can be borne."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.alerting.policy import Policy
from tocsin.alerting.span import Span
from tocsin.core.arrays import BoolArray
from tocsin.core.reference import Reference
from tocsin.evaluation.metrics.event_wise import EventMetrics, event_metrics
from tocsin.thresholds import Promise
from tocsin.training.history import History
from tocsin.training.whatif._levels import Level
from tocsin.training.whatif._replay import Rung
from tocsin.training.whatif.setting import Setting

COVERED = 0.1
"""Share of the normal windows under alarm from which counting alarms means little: an endless one is a single one."""


@dataclass(frozen=True)
class Counting:
    """How long a history was watched, and how many false alarms can be borne in it.

    Parameters
    ----------
    history
        What is rung over.
    promise
        The budget.
    """

    history: History
    promise: Promise

    @property
    def scores(self) -> int:
        """Scores of windows without a labelled anomaly."""
        return int(self.history.normal.sum())

    @property
    def watched(self) -> float:
        """How long that is, in units of the budget: of all devices together where it is one for each device."""
        periods = self.scores / self.promise.periods(self._reference())
        shared = not (self.promise.each or self.promise.counts_readings)
        return periods / max(self.history.devices, 1) if shared else periods

    @property
    def lasting(self) -> str:
        """The same in words, such as "5.7 device-weeks"."""
        whose = "device-" if self.promise.each and self.history.devices > 1 else ""
        return f"{self.watched * self.promise.amount:,.3g} {whose}{self.promise.unit}s"

    def setting(self, level: Level, policy: Policy, rung: Rung, *, in_force: bool) -> Setting:
        """Return the figures of one limit and one policy.

        An alarm is false where none of its windows holds a labelled reading: one that rings after an event, while
        windows still hold some of it, is neither false nor counted as having caught it.
        """
        own = self.history
        events = None if own.labelled is None else self._matched(rung, own.labelled)
        false = rung.incidents if events is None else self._matched(rung, own.tainted).false_alarms
        covered = float(rung.told[own.normal].mean())
        above = own.judged.score[own.normal] > level.over(own)[own.normal]
        return Setting(
            limit=level.limit,
            times=level.times,
            above=float(above.mean()),
            wait=str(Span(policy.raise_after, policy.raise_after_ns)),
            in_force=in_force,
            incidents=rung.incidents,
            held=rung.held,
            false_alarms=false,
            rate=false / self.watched,
            covered=covered,
            kept=false <= self.promise.alarms * self.watched and covered <= COVERED,
            after=None if events is None else events.false_alarms - false,
            events=None if events is None else events.events,
            caught=None if events is None else events.caught,
            delay=None if events is None else events.median_delay,
            delay_s=None if events is None else events.median_delay_s,
        )

    def _matched(self, rung: Rung, labels: BoolArray) -> EventMetrics:
        """Match alarms with events as ``tocsin evaluate`` does."""
        own = self.history
        return event_metrics(
            labels,
            rung.told,
            scored=own.scored,
            time=own.judged.time,
            device=own.device,
            row_clock=own.row_clock,
        )

    def _reference(self) -> Reference:
        """Return the normal scores as a budget takes them."""
        own, normal = self.history, self.history.normal
        return Reference(
            own.judged.score[normal],
            own.judged.time[normal],
            own.device[normal],
            period_ns=own.period_ns,
            row_clock=own.row_clock,
        )
