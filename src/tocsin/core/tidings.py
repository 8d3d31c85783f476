"""Tidings: all that came of one batch of a stream, to be made safe in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tocsin.core.arrays import ByteArray, FloatArray, IntArray
from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.frames import Frame
from tocsin.core.notices import Notice


@dataclass(frozen=True, eq=False)
class Kept:
    """Verdicts that are worth keeping, of one duty.

    Parameters
    ----------
    duty
        Its name.
    devices
        Names of devices.
    device
        ndarray of shape (n,), int64: index into ``devices``.
    time, score, limit, status, incident
        ndarrays of shape (n,); as in :class:`~tocsin.core.verdicts.Verdicts`. ``(duty, device, time)`` names a
        verdict; of two with the same name the first stays.
    """

    duty: str
    devices: tuple[str, ...]
    device: IntArray
    time: IntArray
    score: FloatArray
    limit: FloatArray
    status: ByteArray
    incident: IntArray

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, eq=False)
class Tidings:
    """What came of a batch.

    Parameters
    ----------
    notices
        News of incidents, in order.
    kept
        Verdicts to keep.
    dead
        Messages and readings that mean nothing.
    readings
        How many readings were judged.
    aside
        How many readings nobody judged, of devices and channels that no duty knows; few of them are in ``dead``.
    statuses
        How many verdicts of each status there were, by the status' name.
    pinned
        Was something told because of the clock alone, not of a reading? Then the state must be written along with it,
        so that no replay passes this moment again.
    frames
        All verdicts with their values, for those who look on; nothing of it is written, and there are none where nobody
        asked for them.
    forwards
        Readings to be forwarded to a centre, those of each device in order.
    stretches
        How many stretches of a device begin with them.
    """

    notices: tuple[Notice, ...] = ()
    kept: tuple[Kept, ...] = ()
    dead: tuple[DeadLetter, ...] = ()
    readings: int = 0
    aside: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
    pinned: bool = False
    frames: tuple[Frame, ...] = ()
    forwards: tuple[Arrivals, ...] = ()
    stretches: int = 0


def nothing_kept(duty: str) -> Kept:
    """Return no verdicts.

    >>> len(nothing_kept(""))
    0
    """
    no = np.zeros(0, np.int64)
    return Kept(duty, (), no, no, np.zeros(0), np.zeros(0), np.zeros(0, np.uint8), no)
