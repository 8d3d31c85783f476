"""Forwarding at an edge: which of a duty's readings the centre is to see, as soon as that can be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, IntArray
from tocsin.core.readings import Readings
from tocsin.core.verdicts import Verdicts
from tocsin.engine.forward import Forward
from tocsin.engine.live._context import Context, Rows, grown
from tocsin.engine.live._pack import Packed
from tocsin.engine.live._tale import Tale
from tocsin.engine.live.duty import Duty


class Forwarding:
    """Remembers the last readings of each device, and hands out those that a :class:`Forward` says.

    What is handed out is a function of each device's readings in their order alone, however they are cut. Where the
    artifact's clock gathers readings in bins, a bin above the level stands for the readings that fell into it.

    Parameters
    ----------
    forward
        The law.
    duty
        Whose readings.
    named
        Returns the name of the device at a place.
    """

    def __init__(self, forward: Forward, duty: Duty, named: Callable[[int], str]) -> None:
        self._forward, self._clock = forward, duty.artifact.clock
        self._channels = duty.artifact.schema.names
        # a bin is judged only when it is over, and by then more readings have come
        depth = forward.before * (2 if self._clock.align else 1) + forward.after + 1
        self._context = Context(self._channels, depth, named)
        self._sent, self._until = np.zeros(0, np.int64), np.zeros(0, np.int64)

    def settle(self, where: IntArray) -> None:
        """Make room for devices of which nothing is known, at these places."""
        self._context.settle(where)
        self._sent, self._until = grown(self._sent, where), grown(self._until, where)
        self._sent[where] = self._until[where] = 0

    def take(self, readings: Readings, verdicts: Verdicts, tale: Tale) -> None:
        """Take note of readings and of what was made of them; tell those that are to be forwarded now."""
        rows = self._context.placed(readings)
        own = verdicts.row >= 0
        rows.hot[verdicts.row[own]] = self._forward.hot(verdicts.score[own], verdicts.limit[own])
        self._hand_out(rows, self._hot_bins(verdicts), tale)
        self._context.remember(rows)

    def close(self, verdicts: Verdicts, tale: Tale) -> None:
        """Take note of what was made of bins that were closed without another reading."""
        if bins := self._hot_bins(verdicts):
            self._hand_out(self._context.of(np.zeros(0, np.int64)), bins, tale)

    def packed(self, where: range, *, owner: str, names: tuple[str, ...]) -> Packed:
        """Return what is remembered of the devices at some places, for the store."""
        own = np.arange(where.start, where.stop)
        arrays = {"sent": self._sent[own], "until": self._until[own], **self._context.arrays(own)}
        return Packed(owner, (*names, *self._channels), arrays)

    def write(self, where: range, packed: Packed) -> None:
        """Go on with what :meth:`packed` returned; where the channels are others, start anew."""
        arrays: Mapping[str, npt.NDArray[Any]] = packed.arrays
        devices = len(arrays["sent"])
        names, channels = packed.names[:devices], packed.names[devices:]
        if channels != self._channels:
            return
        own = np.arange(where.start, where.start + devices)
        self._sent[own], self._until[own] = arrays["sent"], arrays["until"]
        self._context.write(own, names, arrays)

    def _hot_bins(self, verdicts: Verdicts) -> set[tuple[int, int]]:
        """Return device and end of the bins above the level; none where each reading is its own bin."""
        if not self._clock.align:
            return set()
        which = np.flatnonzero((verdicts.row < 0) & self._forward.hot(verdicts.score, verdicts.limit))
        return set(zip(verdicts.device[which].tolist(), verdicts.time[which].tolist(), strict=True))

    def _hand_out(self, rows: Rows, bins: set[tuple[int, int]], tale: Tale) -> None:
        wanted = rows.hot | (rows.place < self._until[rows.device])
        if not bins and not wanted.any():
            return
        who = np.unique(np.array([*rows.device[wanted].tolist(), *(device for device, _ in bins)], np.int64))
        # what has been sent already matters only where a bin that closes late is about it
        context = self._context.of(who, None if self._clock.align else self._sent[who] - 1)
        both = context.joined(rows.take(np.isin(rows.device, who)))
        both = replace(both, hot=both.hot | self._in_bins(both, bins))
        sent, until = self._sent[both.device], self._until[both.device]
        found = self._forward.spread(both.hot, both.device, (both.place >= sent - 1) & (both.place < until))
        chosen = found & (both.place >= sent)
        begins = chosen.copy()
        begins[1:] &= ~(found[:-1] & (both.device[1:] == both.device[:-1]))
        behind = both.place + 1
        np.maximum.at(self._until, both.device[both.hot], behind[both.hot] + self._forward.after)
        np.maximum.at(self._sent, both.device[chosen], behind[chosen])
        if chosen.any():
            tale.forward(self._context.arrivals(both.take(chosen)), int(begins.sum()))

    def _in_bins(self, rows: Rows, bins: set[tuple[int, int]]) -> BoolArray:
        """Tell which readings fell into bins that are above the level."""
        if not bins:
            return np.zeros(len(rows.time), np.bool_)
        pairs = zip(rows.device.tolist(), self._clock.end_of(rows.time).tolist(), strict=True)
        return np.fromiter((pair in bins for pair in pairs), np.bool_, len(rows.time))
