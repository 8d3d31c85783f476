"""What a running watch counts of itself, without knowing who will ask: metrics, the terminal view, the health page."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
SIZES = (1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536)


@dataclass(frozen=True)
class Meter:
    """One thing that is counted.

    Parameters
    ----------
    name
        As Prometheus knows it.
    kind
        "counter" only grows, "gauge" goes up and down, "histogram" sorts what it is shown into buckets.
    help
        What it tells, in a sentence.
    labels
        Names of its labels.
    buckets
        Upper ends of a histogram's buckets.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


METERS = (
    Meter("tocsin_readings_total", "counter", "Readings judged.", ("source",)),
    Meter("tocsin_verdicts_total", "counter", "Verdicts given, by status.", ("status",)),
    Meter("tocsin_incidents_total", "counter", "Incidents opened, by what they are.", ("what",)),
    Meter("tocsin_incidents_open", "gauge", "Incidents that are going on, by what they are.", ("what",)),
    Meter("tocsin_devices", "gauge", "Devices known.", ("source",)),
    Meter("tocsin_lag_seconds", "gauge", "Age of the newest reading judged, by its arrival.", ("source",)),
    Meter("tocsin_waiting_readings", "gauge", "Readings known to wait at the source.", ("source",)),
    Meter("tocsin_connected", "gauge", "1 while the source is connected.", ("source",)),
    Meter("tocsin_batch_readings", "histogram", "Readings in a batch.", ("source",), SIZES),
    Meter("tocsin_scoring_seconds", "histogram", "Time to judge a batch.", ("source",), SECONDS),
    Meter("tocsin_writing_seconds", "histogram", "Time to write what came of a batch.", ("source",), SECONDS),
    Meter("tocsin_snapshot_seconds", "histogram", "Time to write the state.", ("source",), SECONDS),
    Meter("tocsin_queue_depth", "gauge", "Messages received and not yet polled.", ("source",)),
    Meter("tocsin_dead_letters_total", "counter", "Messages put aside because they mean nothing.", ("source",)),
    Meter("tocsin_store_failures_total", "counter", "Writes that the store refused and that are tried again."),
    Meter("tocsin_sink_failures_total", "counter", "Notices that a sink did not take, each try.", ("sink",)),
    Meter("tocsin_sink_delivered_total", "counter", "Notices delivered.", ("sink",)),
    Meter("tocsin_outbox_waiting", "gauge", "Notices that wait for a sink.", ("sink",)),
    Meter("tocsin_cascade_raw_bytes_total", "counter", "Bytes that devices have sent to this edge.", ("source",)),
    Meter("tocsin_cascade_sent_bytes_total", "counter", "Bytes that this edge has sent on to its centre."),
    Meter("tocsin_cascade_readings_total", "counter", "Readings to be forwarded to the centre.", ("source",)),
    Meter("tocsin_cascade_stretches_total", "counter", "Stretches that were begun.", ("source",)),
    Meter("tocsin_cascade_waiting", "gauge", "Readings that wait for the uplink."),
    Meter("tocsin_cascade_away", "gauge", "Is this edge's centre out of reach? 1 or 0."),
    Meter("tocsin_cascade_rolled_back", "gauge", "Artifacts in force because a pushed one was rolled back."),
    Meter("tocsin_cascade_dropped_total", "counter", "Readings that waited too long for the uplink, and are lost."),
    Meter("tocsin_artifact_info", "gauge", "1 for the artifact in force.", ("duty", "detector", "version")),
)
"""All meters; the Grafana dashboard and the alert rules ask for these and no others."""

_KNOWN = {meter.name: meter for meter in METERS}


@dataclass(frozen=True)
class Spread:
    """A histogram's content: how many fell into each bucket (one more than ends), their sum and their number."""

    counts: tuple[int, ...]
    sum: float
    total: int


class Meters:
    """Counts. May be used from several threads at once.

    Examples
    --------
    >>> meters = Meters()
    >>> meters.add("tocsin_readings_total", 3, ("mqtt",)); meters.add("tocsin_readings_total", 2, ("mqtt",))
    >>> meters.value("tocsin_readings_total", ("mqtt",))
    5.0
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[tuple[str, tuple[str, ...]], float] = {}
        self._spreads: dict[tuple[str, tuple[str, ...]], list[float]] = {}

    def add(self, name: str, amount: float = 1, labels: tuple[str, ...] = ()) -> None:
        """Add to a counter."""
        key = _key(name, labels)
        with self._lock:
            self._values[key] = self._values.get(key, 0.0) + amount

    def set(self, name: str, value: float, labels: tuple[str, ...] = ()) -> None:
        """Set a gauge."""
        with self._lock:
            self._values[_key(name, labels)] = float(value)

    def observe(self, name: str, value: float, labels: tuple[str, ...] = ()) -> None:
        """Show a value to a histogram."""
        key, buckets = _key(name, labels), _KNOWN[name].buckets
        with self._lock:
            spread = self._spreads.setdefault(key, [0.0] * (len(buckets) + 2))
            spread[bisect_left(buckets, value)] += 1
            spread[-1] += value

    def value(self, name: str, labels: tuple[str, ...] = ()) -> float:
        """Return a counter or a gauge; 0 where nothing was counted."""
        return self._values.get(_key(name, labels), 0.0)

    def total(self, name: str) -> float:
        """Return a counter or a gauge, summed over its labels."""
        with self._lock:
            return sum(value for (own, _), value in self._values.items() if own == name)

    def values(self) -> Mapping[tuple[str, tuple[str, ...]], float]:
        """Return all counters and gauges, by name and labels."""
        with self._lock:
            return dict(self._values)

    def spreads(self) -> Mapping[tuple[str, tuple[str, ...]], Spread]:
        """Return all histograms, by name and labels."""
        with self._lock:
            found = {key: list(spread) for key, spread in self._spreads.items()}
        return {
            key: Spread(tuple(int(n) for n in spread[:-1]), spread[-1], int(sum(spread[:-1])))
            for key, spread in found.items()
        }


def _key(name: str, labels: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    if len(labels) != len(_KNOWN[name].labels):
        raise ValueError(f"{name} has the labels {_KNOWN[name].labels}")
    return name, labels
