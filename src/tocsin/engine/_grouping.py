"""Which group an incident belongs to, as incidents open in a lane one after the other."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tocsin.alerting.groups import Groups, Opening
from tocsin.core.alerts import Event
from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.notices import incident_key
from tocsin.engine._slots import Slots
from tocsin.engine._telling import Named
from tocsin.engine.duty import Duty

_NOBODY = -1


class Grouping:
    """Remembers the group that is growing, and the group of each device's last incident; ids as numbers.

    The rule is :class:`~tocsin.alerting.groups.Groups`, taken in the order in which readings open incidents.

    Parameters
    ----------
    duty
        Whose policy says what belongs together.
    """

    def __init__(self, duty: Duty) -> None:
        self._duty, self._together = duty, duty.artifact.policy.together_ns
        self._rule = Groups(self._together)
        self.growing = self._rule.init(1)
        self.slots = Slots({"group": _NOBODY})

    def open(self, openings: Iterable[Event], named: Named) -> bool:
        """Take incidents that open, in order; tell whether another group began."""
        before = self.growing
        for event in openings if self._together else ():
            own = event.incident
            number = int(incident_key(named(own.device), own.start, duty=self._duty.name), 16)
            self.growing, group = self._rule.step(self.growing, Opening(np.array([own.opened]), np.array([number])))
            self.slots["group"][own.device] = group[0]
        return self.growing is not before

    def of(self, event: Event) -> str:
        """Return the id of the group of an incident, "" where it has none but its own."""
        number = int(self.slots["group"][event.incident.device])
        alone = not self._together or number == _NOBODY or event.incident.held or event.incident.opened == NEVER
        return "" if alone else f"{number:012x}"

    def arrays(self) -> dict[str, IntArray]:
        """Return the group that is growing, for the store."""
        return {"growing": np.concatenate([self.growing.time, self.growing.number])}

    def write(self, growing: IntArray) -> None:
        """Go on with what :meth:`arrays` returned."""
        self.growing = Opening(growing[:1].copy(), growing[1:].copy())
