"""Ringing anew: the very policy that rings in operation, over scores that are at hand, with another limit."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from tocsin.alerting import Judged
from tocsin.alerting.policy import Policy
from tocsin.core.arrays import NEVER, BoolArray, FloatArray
from tocsin.core.blocks import Block, blocks
from tocsin.training.history import History


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
    """A history laid out once, to be rung as often as wanted."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._laid = [(block, _cut(history.judged, block)) for block in blocks(history.device)]

    def ring(self, policy: Policy, limit: FloatArray) -> Rung:
        """Return what ``policy`` makes of the history with the limits given, an ndarray of shape (n,), float64."""
        told = np.full(len(self._history), NEVER)
        opened: dict[tuple[int, int], int] = {}
        held: dict[tuple[int, int], int] = {}
        names = self._history.names
        for block, columns in self._laid:
            judged = Judged(**columns, limit=limit[block.rows])
            watch = policy.enrol(policy.init(len(block.devices)), [names[one] for one in block.devices])
            watch, said, events = policy.tell(watch, judged, block.valid)
            told[block.rows[block.valid]] = said.incident[block.valid]
            for event in (*events, *policy.finish(watch)[1]):
                place = (int(block.devices[event.incident.device]), event.incident.start)
                (held if event.kind == "held" else opened)[place] = event.incident.end
        spans = sorted(((*place, end) for place, end in opened.items()), key=lambda span: (span[1], span[0]))
        return Rung(told != NEVER, len(opened), len(held.keys() - opened.keys()), tuple(spans))


def _cut(judged: Judged, block: Block) -> dict[str, np.ndarray]:
    return {f.name: getattr(judged, f.name)[block.rows] for f in fields(Judged) if f.name != "limit"}
