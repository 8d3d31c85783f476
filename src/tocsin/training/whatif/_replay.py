"""Ringing anew: the very policy that rings in operation, over scores that are at hand, with another limit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from tocsin.alerting import Judged
from tocsin.alerting.policy import Policy
from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray
from tocsin.core.blocks import Block, blocks
from tocsin.training.history import History
from tocsin.training.whatif._matter import can_pass_over, matter


@dataclass(frozen=True, eq=False)
class Rung:
    """What a policy made of a history.

    Parameters
    ----------
    told
        ndarray of shape (n,), bool: was an incident being told at each bin?
    incidents, held
        Incidents told, and incidents held back that were never told.
    spans
        Of each incident told, the device's index, and when it began and ended, in ns; in order of start.
    """

    told: BoolArray
    incidents: int
    held: int
    spans: tuple[tuple[int, int, int], ...] = ()


class Replay:
    """A history to be rung as often as wanted."""

    def __init__(self, history: History) -> None:
        self._history = history

    def ring(self, policy: Policy, limit: FloatArray) -> Rung:
        """Return what ``policy`` makes of the history with the limits given, an ndarray of shape (n,), float64."""
        if can_pass_over(policy):
            judged = self._history.judged
            return self._rung(policy, limit, _laid(self._history, matter(policy, judged, limit)))
        return self._rung(policy, limit, self._whole)

    @cached_property
    def _whole(self) -> list[_Laid]:
        return _laid(self._history, np.arange(len(self._history)))

    def _rung(self, policy: Policy, limit: FloatArray, laid: list[_Laid]) -> Rung:
        told = np.full(len(self._history), NEVER)
        opened: dict[tuple[int, int], int] = {}
        held: dict[tuple[int, int], int] = {}
        names = self._history.names
        for block, rows, columns in laid:
            judged = Judged(**columns, limit=limit[rows])
            watch = policy.enrol(policy.init(len(block.devices)), [names[one] for one in block.devices])
            watch, said, events = policy.tell(watch, judged, block.valid)
            told[rows[block.valid]] = said.incident[block.valid]
            for event in (*events, *policy.finish(watch)[1]):
                place = (int(block.devices[event.incident.device]), event.incident.start)
                (held if event.kind == "held" else opened)[place] = event.incident.end
        spans = sorted(((*place, end) for place, end in opened.items()), key=lambda span: (span[1], span[0]))
        return Rung(told != NEVER, len(opened), len(held.keys() - opened.keys()), tuple(spans))


_Laid = tuple[Block, IntArray, dict[str, Any]]
"""Devices, where each of their bins stands in the history, and what the policy is shown of it besides the limit."""


def _laid(history: History, rows: IntArray) -> list[_Laid]:
    """Lay some rows of a history out, as the policy takes them."""
    found = ((block, rows[block.rows]) for block in blocks(history.device[rows]))
    return [(block, own, _cut(history.judged, own)) for block, own in found]


def _cut(judged: Judged, rows: IntArray) -> dict[str, Any]:
    return {f.name: getattr(judged, f.name)[rows] for f in fields(Judged) if f.name != "limit"}
