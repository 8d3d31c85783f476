"""A fleet that seems to be watched: frames as a watch pushes them to a service, without broker, artifact or watch."""

from __future__ import annotations

import json
import time
import urllib.request
from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.core.frames import Frame
from tocsin.core.notices import Notice, incident_key
from tocsin.core.verdicts import Status

SECOND = 10**9


@dataclass(frozen=True)
class ToldFleet:
    """Devices with two channels and a score, some of which are anomalous now and then, one of them all the time.

    Parameters
    ----------
    devices
        How many; they are called ``room-0``, ``room-1``, …; ``room-1`` is the worst.
    per_s
        Readings of each device in a second.
    duty
        Whose they are.
    seed
        Same seed and time, same verdicts.

    Examples
    --------
    >>> frame = ToldFleet(devices=3, per_s=2).frame(1_000 * SECOND, seconds=1.0)
    >>> len(frame), frame.devices
    (6, ('room-0', 'room-1', 'room-2'))
    """

    devices: int = 20
    per_s: float = 1.0
    duty: str = "plant"
    seed: int = 0

    def frame(self, until_ns: int, *, seconds: float) -> Frame:
        """Return the verdicts of all devices in the seconds before a time."""
        n = max(round(self.per_s * seconds), 1)
        rng = np.random.default_rng((self.seed, until_ns % 2**31))
        device = np.tile(np.arange(self.devices), n)
        when = until_ns - np.repeat(np.arange(n)[::-1], self.devices) * round(SECOND / self.per_s)
        phase = when / SECOND / 20 + device
        values = np.stack([21 + 2 * np.sin(phase), 50 + 5 * np.cos(phase)], axis=1) + rng.normal(0, 0.1, (len(when), 2))
        score = 0.5 + 0.1 * np.sin(phase) + np.abs(rng.normal(0, 0.1, len(when)))
        strange = (device == 1) | ((device % 7 == 3) & (np.sin(phase / 3) > 0.8))
        score[strange] += 1.0
        values[strange, 0] += 6
        status = np.full(len(when), Status.ok, np.uint8)
        cause = np.where(score > 1.0, 0, -1)
        names = tuple(f"room-{k}" for k in range(self.devices))
        about = (self.duty, "0123456789ab", False, ("temp", "humidity"), names, device, when)
        return Frame(*about, values.astype(np.float32), score, np.ones(len(when)), status, cause)

    def incident(self, start_ns: int) -> Notice:
        """Return news of the incident of the worst device."""
        key = incident_key("room-1", start_ns, duty=self.duty)
        times = (start_ns, start_ns + 2 * SECOND, start_ns + 5 * SECOND, start_ns + 9 * SECOND)
        return Notice(
            key, 0, "open", "anomaly", self.duty, "room-1", *times, True, 1.6, 1.0, "major", (("temp", 1.0),), group=key
        )

    def document(self, until_ns: int, *, seconds: float) -> dict[str, Any]:
        """Return what is posted to ``/v1/frames``."""
        told = {"watch": "told-fleet", "skipped": 0, "incidents": []}
        return {**told, **self.frame(until_ns, seconds=seconds).document()}


def push(service: str, fleet: ToldFleet, *, token: str = "", lasting_s: float = 60.0, every_s: float = 0.25) -> int:
    """Push a fleet's frames to a service for a while, as a watch would; return how many.

    Parameters
    ----------
    service
        Its URL.
    fleet
        What is told; of a reading in more than ``every_s`` each frame has the newest.
    token
        One with the scope "operate"; "" where none is needed.
    lasting_s, every_s
        For how long, and how often.
    """
    count, until = 0, time.monotonic() + lasting_s
    while time.monotonic() < until:
        began = time.monotonic()
        body = json.dumps(fleet.document(time.time_ns(), seconds=every_s)).encode()
        head = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        asked = urllib.request.Request(f"{service.rstrip('/')}/v1/frames", body, head)
        urllib.request.urlopen(asked, timeout=10).close()
        count += 1
        time.sleep(max(0.0, every_s - (time.monotonic() - began)))
    return count


if __name__ == "__main__":
    import os
    import sys

    push(
        sys.argv[1],
        ToldFleet(devices=int((*sys.argv, "20")[2])),
        token=os.environ.get("TOCSIN_TOKEN", ""),
        lasting_s=1e9,
    )
