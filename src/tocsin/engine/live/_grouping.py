"""Which group an incident belongs to, as incidents open in a lane one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from tocsin.alerting.groups import Groups, Opening
from tocsin.core.alerts import Event, Incident
from tocsin.core.arrays import IntArray
from tocsin.core.notices import incident_key
from tocsin.engine.live._slots import Slots
from tocsin.engine.live._telling import Named
from tocsin.engine.live.duty import Duty

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

    def of(self, events: Sequence[Event], openings: Iterable[Event], named: Named) -> list[str]:
        """Return the id of the group that the incident of each event is in, "" where it has none but its own.

        Parameters
        ----------
        events
            What a push told.
        openings
            Those among them that open an incident, in the order in which readings brought them.
        named
            Gives a device's name.
        """
        if not self._together:
            return [""] * len(events)
        group = self.slots["group"]
        known = {event.incident.device: int(group[event.incident.device]) for event in events}
        new = {(own.device, own.start): self._join(own, named) for own in (event.incident for event in openings)}
        places = ((event.incident.device, event.incident.start) for event in events)
        numbers = [new.get(place, known[place[0]]) for place in places]
        alone = (event.incident.held or number == _NOBODY for event, number in zip(events, numbers, strict=True))
        return ["" if own else f"{number:012x}" for own, number in zip(alone, numbers, strict=True)]

    def _join(self, incident: Incident, named: Named) -> int:
        """Return the group of an incident that opens, which may be the first of another group."""
        number = int(incident_key(named(incident.device), incident.start, duty=self._duty.name), 16)
        opening = Opening(np.array([incident.opened]), np.array([number]))
        self.growing, found = self._rule.step(self.growing, opening)
        self.slots["group"][incident.device] = found[0]
        return int(found[0])

    def arrays(self) -> dict[str, IntArray]:
        """Return the group that is growing, for the store."""
        return {"growing": np.concatenate([self.growing.time, self.growing.number])}

    def write(self, growing: IntArray) -> None:
        """Go on with what :meth:`arrays` returned."""
        self.growing = Opening(growing[:1].copy(), growing[1:].copy())
