"""What an edge would have sent of a finished file, in bytes: the same messages that the uplink makes of a stream."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import BoolArray, IntArray
from tocsin.core.arrivals import Arrivals
from tocsin.core.forwards import encode
from tocsin.engine.forward import Forward
from tocsin.sources import Table

_MOST = 120
"""Messages that are made; of more, these are spread over all, and the rest is reckoned from them."""


def arrivals_of(table: Table, *, period_ns: int = 1) -> Arrivals:
    """Return a table as it would have come over a wire, each reading the moment it was taken.

    Parameters
    ----------
    table
        Readings.
    period_ns
        What a row stands for where rows are the clock, else 1.
    """
    own = table.readings
    time = own.time * period_ns
    return Arrivals(table.devices, own.schema.names, own.device, time, own.values, time, bad=own.bad)


def sent_bytes(arrivals: Arrivals, forwarded: BoolArray, hot: BoolArray, *, forward: Forward, gather_ns: int) -> int:
    """Return the bytes of the messages with which an edge would have forwarded readings.

    Readings of all devices that go within ``gather_ns`` share a message, as they do behind a running watch; a reading
    in front of a hot one goes when that one comes.

    Parameters
    ----------
    arrivals
        All readings, in order within each device.
    forwarded, hot
        ndarrays of shape (n,), bool: what is forwarded, and what was above the level.
    forward
        The law by which it is.
    gather_ns
        So long a message gathers.
    """
    place = np.flatnonzero(forwarded)
    if not len(place):
        return 0
    slots = _sent_at(arrivals, hot, forward)[place] // gather_ns
    order = np.argsort(slots, kind="stable")
    cuts = np.flatnonzero(np.diff(slots[order])) + 1
    several = np.split(place[order], cuts)
    some = [several[k] for k in np.linspace(0, len(several) - 1, min(len(several), _MOST)).astype(int).tolist()]
    made = sum(len(encode(arrivals.take(np.sort(own)), context=(forward.before, forward.after))) for own in some)
    return round(made * len(several) / len(some))


def _sent_at(arrivals: Arrivals, hot: BoolArray, forward: Forward) -> IntArray:
    """Return when each reading would be sent: at once behind a hot one, else as soon as the next hot one comes."""
    order = np.argsort(arrivals.device, kind="stable")
    device, time, warm = arrivals.device[order], arrivals.time[order], hot[order]
    n, here = len(order), np.arange(len(order))
    last = np.maximum.accumulate(np.where(warm, here, -1))
    behind = (last >= 0) & (here - last <= forward.after) & (device[np.maximum(last, 0)] == device)
    following = np.minimum.accumulate(np.where(warm, here, n)[::-1])[::-1]
    known = np.minimum(following, n - 1)
    awaits = ~behind & (following < n) & (device[known] == device)
    found = np.empty(n, np.int64)
    found[order] = np.where(awaits, time[known], time)
    return found
