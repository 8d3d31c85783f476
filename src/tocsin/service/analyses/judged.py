"""A scored file with all that its pictures and its limit slider need, each worked out once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.alerts import Incident
from tocsin.core.arrays import NEVER
from tocsin.core.errors import InputError
from tocsin.engine.scored import Scored
from tocsin.engine.scorer import Scorer
from tocsin.service.analyses.slider import Slider
from tocsin.service.analyses.strip import Strip
from tocsin.service.analyses.summary import summary_of
from tocsin.sources import Table
from tocsin.training.history import History, Seen, history_of
from tocsin.training.whatif import Asked, cautions, what_if

_BUDGETS = 20
"""So many budgets that were asked for are remembered."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A scored file.

    Parameters
    ----------
    scored
        What scoring made of it.
    artifact
        What it was scored with.
    history
        What the policy was shown, bin by bin.
    period
        The ns that a row stands for where the file counts rows and the artifact knows times, else 1.
    sort
        Were the readings put in order of time?
    """

    scored: Scored
    artifact: Artifact
    history: History
    period: int
    sort: bool = False

    @property
    def bytes(self) -> int:
        """What it holds in memory, about."""
        drawn = [strip.verdicts for strip in self._strips.values()]
        parts: list[Any] = [self.scored.verdicts, self.scored.bins, self.history.judged, *drawn]
        apart = {id(part): part for part in parts}.values()
        own = self.scored.table.readings.values.nbytes + sum(strip.values.nbytes for strip in self._strips.values())
        return int(own) + sum(
            int(getattr(part, f.name).nbytes) for part in apart for f in fields(part) if f.name != "events"
        )

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What scoring made of it, in one document."""
        return summary_of(self)

    @cached_property
    def slider(self) -> Slider:
        """What other limits would have made of it."""
        rows = self.scored.table.cadence.row_clock
        return Slider(self.artifact, self.history, period=self.period, rows=rows)

    def settings(self, budget: str | None = None) -> dict[str, Any]:
        """Return what other limits and policies would have made of it, as ``tocsin whatif`` tells.

        Beside its figures: ``cautions``; ``needed``, how many times as long a file would have to be to show that the
        budget is kept; and in ``proven`` the rate that the true one in force is below, 9 times in 10.
        """
        if budget not in self._settings:
            found = what_if(self.artifact, self.scored.table, Asked(budget=budget))
            more = {"needed": found.needed, "proven": found.most(found.in_force.false_alarms)}
            while len(self._settings) >= _BUDGETS:
                self._settings.pop(next(iter(self._settings)))
            self._settings[budget] = {**found.as_dict(), "cautions": cautions(found), **more}
        return self._settings[budget]

    @cached_property
    def _settings(self) -> dict[str | None, dict[str, Any]]:
        return {}

    @cached_property
    def devices(self) -> tuple[int, ...]:
        """The devices with readings, those with the worst incidents first."""
        worst: dict[int, float] = {}
        for incident in self.scored.incidents:
            worst[incident.device] = max(worst.get(incident.device, 0.0), incident.severity)
        present = np.unique(self.scored.table.readings.device).tolist()
        return tuple(sorted(present, key=lambda device: (-worst.get(device, 0.0), device)))

    def strip(self, device: str | None) -> Strip:
        """Return a device's readings in order of time; of the one with the worst incident where none is named.

        Raises
        ------
        InputError
            If there is no such device.
        """
        names = self.scored.table.devices
        if device is not None and device not in names:
            raise InputError(f"There is no device {device!r} in the file.", remedy="See the summary's devices.")
        index = self.devices[0] if device is None else names.index(device)
        if index not in self._strips:
            self._strips[index] = Strip.of(self.scored, self.artifact, index)
        return self._strips[index]

    def expected_at(self, incident: Incident) -> dict[str, list[float | None]]:
        """Return what was expected of each channel at an incident's peak, None where nothing was, and what came."""
        own, peak = self.history, incident.peak * self.period
        first, last = np.searchsorted(own.device, [incident.device, incident.device + 1])
        place = int(first + np.searchsorted(own.judged.time[first:last], peak))
        if place >= last or own.judged.time[place] != peak:
            return {}
        names = self.artifact.schema.names
        expected = own.judged.expected[place] if own.judged.expected.shape[1] else [None] * len(names)
        pairs = zip(names, expected, own.judged.values[place], strict=True)
        return {name: [_shortest(one), _shortest(other)] for name, one, other in pairs}

    @cached_property
    def _strips(self) -> dict[int, Strip]:
        return {}


def _shortest(value: Any) -> float | None:
    """Return a float32 as the float64 with the fewest digits; None where there is none."""
    return None if value is None or not np.isfinite(value) else float(str(value))


def judge(scorer: Scorer, table: Table, *, sort: bool = False) -> Judged:
    """Score an opened table, in order of time if it is to be sorted.

    Raises
    ------
    InputError
        If no reading has a time that can be used.
    """
    if not (table.readings.time != NEVER).any():
        raise InputError("No reading has a time that can be used.", remedy="Check the time column, or count rows.")
    seen = Seen()
    scored = scorer.judge(table.in_time_order() if sort else table, witness=seen)
    device, judged = seen.in_order()
    history = history_of(scorer.artifact, scored.table, device, judged)
    return Judged(scored, scorer.artifact, history, scorer.row_ns(table), sort)
