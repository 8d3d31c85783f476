"""The limit slider: what another limit would have made people hear, at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cached_property
from typing import Any

import numpy as np

from tocsin.alerting.policy import Policy
from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import FloatArray
from tocsin.core.errors import SettingError
from tocsin.evaluation.metrics.event_wise import event_metrics
from tocsin.service.stamps import stamps
from tocsin.sources import in_words
from tocsin.thresholds import Promise, highest
from tocsin.training.history import History
from tocsin.training.whatif import Counting, Level, Replay, Rung

WEEK, THOUSAND = "1 per week", "1 per 1000 readings"
"""What a rate is told in, with times and without."""

SURE = 0.9
"""Confidence of the upper end of a rate."""

_REMEMBERED = 200
"""Places of the slider whose outcome is kept."""

_LOWEST, _HIGHEST = 1e-6, 1e6


class Slider:
    """Tells of other limits, by their multiple of the one in force; scores are at hand, so that it only rings anew.

    Parameters
    ----------
    artifact
        What the file was scored with.
    history
        What its policy was shown.
    period
        The ns that a row stands for where the file counts rows and the artifact knows times, else 1.
    rows
        Does the file count rows?
    """

    def __init__(self, artifact: Artifact, history: History, *, period: int, rows: bool) -> None:
        self._artifact, self._history, self._period, self._rows = artifact, history, period, rows
        self._told: OrderedDict[float, dict[str, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, times: float) -> dict[str, Any]:
        """Return what would have been heard with ``times`` the limit in force.

        Raises
        ------
        SettingError
            If ``times`` is no multiple that a limit can have.
        """
        if not _LOWEST <= times <= _HIGHEST:
            raise SettingError(f"{times:g} times the limit is none to try.", remedy="Give a multiple such as 1.5.")
        with self._lock:
            if times not in self._told:
                self._told[times] = self._ring(times)
                while len(self._told) > _REMEMBERED:
                    self._told.popitem(last=False)
            self._told.move_to_end(times)
            return self._told[times]

    @cached_property
    def _replay(self) -> Replay:
        return Replay(self._history)

    @cached_property
    def _fixed(self) -> float | None:
        """The limit, where it is one number."""
        found = getattr(self._artifact.calibration.limits, "limit", None)
        return float(found) if isinstance(found, float | int) else None

    @cached_property
    def _watched(self) -> float:
        """For how long readings were watched that nobody marked, in weeks or thousands of readings."""
        promise = Promise.parse(THOUSAND if self._counts else WEEK)
        return Counting(self._history, promise).watched

    @property
    def _counts(self) -> bool:
        return self._history.row_clock or self._period > 1

    @property
    def _policy(self) -> Policy:
        return self._artifact.policy

    def _ring(self, times: float) -> dict[str, Any]:
        limit = None if self._fixed is None else self._fixed * times
        level = Level(times - 1, limit if self._fixed and self._fixed > 0 else None)
        rung = self._replay.ring(self._policy, level.over(self._history))
        return {
            "times": times,
            "limit": level.limit,
            "rung": rung.incidents,
            "held": rung.held,
            **self._rates(rung),
            "incidents": self._spans(rung),
        }

    def _rates(self, rung: Rung) -> dict[str, Any]:
        watched, false, events, caught = self._watched, rung.incidents, None, None
        if self._history.labelled is not None:
            found = self._matched(rung, self._history.labelled)
            false = self._matched(rung, self._history.tainted).false_alarms
            events, caught = found.events, found.caught
        known = watched > 0
        rate = false / watched if known else None
        return {
            "unit": "per 1000 readings" if self._counts else "per week",
            "per_week": rung.incidents / watched if known else None,
            "false": None if events is None else false,
            "false_per_week": None if events is None else rate,
            "proven": highest(false, SURE) / watched if known else None,
            "events": events,
            "caught": caught,
            "text": self._text(rung, rate, events=events, caught=caught, false=false),
        }

    def _matched(self, rung: Rung, labels: Any) -> Any:
        own = self._history
        return event_metrics(
            labels, rung.told, scored=own.scored, time=own.judged.time, device=own.device, row_clock=own.row_clock
        )

    def _text(self, rung: Rung, rate: float | None, *, events: int | None, caught: int | None, false: int) -> str:
        """Return what would have been heard as a person would say it."""
        n, unit = rung.incidents, "for 1,000 readings" if self._counts else "a week"
        rang = f"This would {f'have rung {_times(n)}' if n else 'never have rung'} in {self._span()}"
        if events is None:
            return f"{rang}{f', {_figure(rate)} {unit}' if rate is not None and n else ''}."
        wrong = "no false alarm" if not false else f"{false:,} false alarm{'' if false == 1 else 's'}"
        often = f", {_figure(rate)} {unit}" if false and rate is not None else ""
        one = "event" if events == 1 else "events"
        return f"{rang}, {wrong}{often}; it would have told of {caught} of {events} labelled {one}."

    def _span(self) -> str:
        time = self._history.judged.time
        if self._rows or self._counts:
            return f"{len(time):,} readings"
        return in_words(int(time.max()) - int(time.min()))

    def _spans(self, rung: Rung) -> list[dict[str, Any]]:
        ends = np.array([span[1:] for span in rung.spans], np.int64).reshape(-1, 2) // self._period
        start, end = (stamps(column, rows=self._rows) for column in ends.T)
        names = (self._history.names[span[0]] for span in rung.spans)
        return [{"device": n, "start": a, "end": b} for n, a, b in zip(names, start, end, strict=True)]

    def limits(self, times: float) -> FloatArray:
        """Return the limit at each bin: an ndarray of shape (n,), float64."""
        return Level(times - 1, None).over(self._history)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _figure(rate: float) -> str:
    return f"{rate:.2g}" if rate < 99.5 else f"{rate:,.0f}"
