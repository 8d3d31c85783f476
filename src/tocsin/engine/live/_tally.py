"""What a feed counts of itself."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from tocsin.core.arrivals import DeadLetter
from tocsin.core.notices import Notice
from tocsin.core.tidings import Tidings
from tocsin.engine.live._hold import Hold
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.meters import Meters

_KINDS = ("anomaly", "stale")


class Tally:
    """Puts what happens in a feed into the meters.

    Parameters
    ----------
    feed
        Its name, the label of what it counts.
    meters
        Where it counts.
    queues
        Does what waits lie in a queue of our own, and not at the source?
    """

    def __init__(self, feed: str, meters: Meters, *, queues: bool = False) -> None:
        self.readings = 0
        """Readings judged so far."""
        self._meters, self._own, self._queues = meters, (feed,), queues
        self._artifacts: list[tuple[str, ...]] = []

    def duties(self, duties: Sequence[Duty]) -> None:
        """Note which artifacts are in force; others no longer are."""
        for labels in self._artifacts:
            self._meters.set("tocsin_artifact_info", 0, labels)
        self._artifacts = [(duty.name, duty.artifact.provenance.detector, duty.version) for duty in duties]
        for labels in self._artifacts:
            self._meters.set("tocsin_artifact_info", 1, labels)

    def judged(self, tidings: Tidings, seconds: float) -> None:
        """Count a batch."""
        self.readings += tidings.readings
        self._meters.add("tocsin_readings_total", tidings.readings, self._own)
        self._meters.observe("tocsin_batch_readings", tidings.readings, self._own)
        self._meters.observe("tocsin_scoring_seconds", seconds, self._own)
        for status, number in tidings.statuses.items():
            self._meters.add("tocsin_verdicts_total", number, (status,))
        if tidings.aside > len(tidings.dead):
            # few of those that nobody judges are kept as letters, which are counted when they are written
            self._meters.add("tocsin_dead_letters_total", tidings.aside - len(tidings.dead), self._own)

    def told(self, news: Sequence[Notice], dead: Sequence[DeadLetter]) -> None:
        """Count incidents that were not known, and messages that mean nothing."""
        for notice in news:
            if notice.kind == "open":
                self._meters.add("tocsin_incidents_total", 1, (notice.what,))
        if dead:
            self._meters.add("tocsin_dead_letters_total", len(dead), self._own)

    def came(self, size: int) -> None:
        """Count the bytes that devices have sent."""
        self._meters.add("tocsin_cascade_raw_bytes_total", size, self._own)

    def forwarded(self, tidings: Tidings) -> None:
        """Count what goes to the centre."""
        if tidings.forwards:
            self._meters.add("tocsin_cascade_readings_total", sum(map(len, tidings.forwards)), self._own)
            self._meters.add("tocsin_cascade_stretches_total", tidings.stretches, self._own)

    def written(self, newest: int | None, waiting: int | None) -> None:
        """Note how far behind the devices the feed is; ``newest`` is None where arrivals carry no real time."""
        if newest is not None:
            self._meters.set("tocsin_lag_seconds", max(0.0, (time.time_ns() - newest) / 1e9), self._own)
        if waiting is not None:
            self._waiting(waiting)

    def quiet(self) -> None:
        """Note that nothing waits."""
        self._meters.set("tocsin_lag_seconds", 0, self._own)
        self._waiting(0)

    def connected(self, connected: bool) -> None:
        """Note whether there is a connection."""
        self._meters.set("tocsin_connected", connected, self._own)

    def settled(self, holds: Iterable[Hold], open_count: Mapping[str, int]) -> None:
        """Note how many devices are known, and how many incidents are going on."""
        self._meters.set("tocsin_devices", sum(hold.lane.devices for hold in holds), self._own)
        for what in _KINDS:
            self._meters.set("tocsin_incidents_open", open_count.get(what, 0), (what,))

    def _waiting(self, number: int) -> None:
        self._meters.set("tocsin_waiting_readings", number, self._own)
        if self._queues:
            self._meters.set("tocsin_queue_depth", number, self._own)
