"""Devices that ring together form a group, so that one cause at many machines is one thing to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.core.alerts import Incident
from tocsin.core.arrays import NEVER, BoolArray, IntArray
from tocsin.core.state import Stateful


@dataclass(frozen=True, eq=False)
class Opening:
    """Incidents that open, in order of opening; fleets on axis 0, incidents on axis 1 in ``scan``.

    Parameters
    ----------
    time
        int64, ns: when each opened.
    number
        int64: what the caller knows it by, from 0.
    """

    time: IntArray
    number: IntArray


@dataclass(frozen=True)
class Groups(Stateful[Opening, Opening, IntArray]):
    """Incidents that open soon after the first of a group belong to it, whatever device they are of.

    What is remembered is the opening that the present group began with; what comes out is its number, for each opening
    that goes in. Openings are taken in order of time, so that nothing depends on how readings were cut.

    Parameters
    ----------
    together_ns
        So soon, in ns.

    Examples
    --------
    >>> rule = Groups(together_ns=60)
    >>> rule.scan(rule.init(1), Opening(np.array([[0, 50, 90]]), np.arange(3)[None]), np.ones((1, 3), bool))[1].tolist()
    [[0, 0, 2]]
    """

    together_ns: int

    def init(self, devices: int) -> Opening:
        """Return the state of that many fleets in which nothing has opened yet."""
        return Opening(np.full(devices, NEVER), np.full(devices, -1))

    def step(self, state: Opening, x: Opening) -> tuple[Opening, IntArray]:
        """Take one opening of each fleet."""
        new: BoolArray = (state.number < 0) | (x.time > state.time + self.together_ns)
        after = Opening(np.where(new, x.time, state.time), np.where(new, x.number, state.number))
        return after, after.number


def grouped(incidents: Sequence[Incident], devices: Sequence[str], *, together_ns: int) -> list[int]:
    """Return for each incident the place of the first of its group, itself where it is alone or no group is asked for.

    Parameters
    ----------
    incidents
        In any order.
    devices
        Names of the devices, which decide between incidents that open at one moment.
    together_ns
        See :class:`Groups`; 0 for no groups.
    """
    first = list(range(len(incidents)))
    if not together_ns or not incidents:
        return first
    order = sorted(first, key=lambda k: (_opened(incidents[k]), devices[incidents[k].device], incidents[k].start))
    block = Opening(np.array([[_opened(incidents[k]) for k in order]]), np.array([order]))
    rule = Groups(together_ns)
    _, found = rule.scan(rule.init(1), block, np.ones((1, len(order)), np.bool_))
    for k, group in zip(order, found[0].tolist(), strict=True):
        first[k] = group
    return first


def _opened(incident: Incident) -> int:
    return incident.start if incident.opened == NEVER else incident.opened
