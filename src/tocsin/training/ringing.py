"""What an alarm policy would make of other limits: replayed over scores that are at hand, without scoring anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tocsin.alerting import Judged
from tocsin.alerting.policy import Policy
from tocsin.core.arrays import BoolArray, Float32Array, FloatArray, IntArray
from tocsin.core.blocks import blocks
from tocsin.core.reference import Ringing


@dataclass(frozen=True, eq=False)
class Seen:
    """What a policy sees of n scored windows, device after device, each in order of time.

    Parameters
    ----------
    score
        ndarray of shape (n,), float64.
    time, device
        ndarrays of shape (n,), int64.
    by_channel, values, expected
        ndarrays of shape (n, channels), float32, or (n, 0) where nobody knows; see :class:`tocsin.alerting.Judged`.
    fresh
        ndarray of shape (n,), bool: before which windows others are left out, so that what was anomalous there has
        nothing to do with what is anomalous here; None where all follow one another.
    """

    score: FloatArray
    time: IntArray
    device: IntArray
    by_channel: Float32Array
    values: Float32Array
    expected: Float32Array
    fresh: BoolArray | None = None


def ringing(policy: Policy, seen: Seen, names: Sequence[str] = ()) -> Ringing:
    """Return a function from a limit and a number of windows in a row to the places at which incidents begin.

    Quiet hours and maintenance do not count: a limit that is found while nobody listens would hold for all other times,
    in which it rings without end.

    Parameters
    ----------
    policy
        Its settings hold, but for the number of windows in a row, quiet hours and maintenance.
    seen
        What it is shown.
    names
        Of the devices, by index, for rules that are about some of them; () where no rule is to hold.
    """
    shown = [(block, _judged(seen, block.rows, policy.channels)) for block in blocks(seen.device)]

    def ring(limit: float, raise_after: int) -> IntArray:
        asked = replace(policy, raise_after=raise_after, quiet=(), maintenance=())
        places = []
        for block, judged in shown:
            rows = block.rows
            tried = replace(judged, limit=np.full(rows.shape, limit))
            watch = asked.init(len(rows))
            if names:
                watch = asked.enrol(watch, [names[device] for device in block.devices])
            _, _, events = asked.tell(watch, tried, block.valid)
            for event in events:
                if event.kind == "open":
                    own = rows[event.incident.device]
                    places.append(int(own[np.searchsorted(seen.time[own], event.incident.start)]))
        return np.sort(np.array(places, np.int64))

    return ring


def _judged(seen: Seen, rows: IntArray, channels: int) -> Judged:
    """Return what the policy is shown of some windows, but for the limit."""
    fresh = np.zeros(len(seen.score), np.bool_) if seen.fresh is None else seen.fresh
    told = seen.by_channel.shape[1] > 0
    return Judged(
        time=seen.time[rows],
        score=seen.score[rows],
        limit=np.zeros(rows.shape),
        by_channel=seen.by_channel[rows] if told else np.broadcast_to(np.float32(np.nan), (*rows.shape, channels)),
        fresh=fresh[rows],
        regime=np.zeros(rows.shape, np.uint8),
        values=seen.values[rows],
        expected=seen.expected[rows],
    )
