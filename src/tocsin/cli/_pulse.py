"""How a watch is doing, in numbers: what the meters tell, over the last seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.engine.live.meters import Meters, Spread

OVER_S = 5.0
"""Rates are means over so long."""


@dataclass(frozen=True)
class Delivery:
    """How a sink is doing: what was delivered, what waits, and tries that failed."""

    sink: str
    delivered: int
    waiting: int
    failures: int


@dataclass(frozen=True)
class Pulse:
    """How a watch is doing.

    Parameters
    ----------
    readings, readings_s
        Judged so far, and in a second.
    lag_s
        Age of the newest reading judged; the oldest of all sources.
    devices
        Known.
    batch, scoring_ms
        Readings in a batch, and time to judge one; means.
    waiting
        Readings and messages that are known to wait.
    dead
        Messages put aside.
    connected
        Each source, and whether it is connected.
    open
        Incidents that go on, by what they are.
    sinks
        How each is doing.
    store_failures
        Writes that the store has refused.
    statuses
        Verdicts given so far, by status.
    """

    readings: int
    readings_s: float
    lag_s: float
    devices: int
    batch: float
    scoring_ms: float
    waiting: int
    dead: int
    connected: Mapping[str, bool]
    open: Mapping[str, int]
    sinks: tuple[Delivery, ...]
    store_failures: int
    statuses: Mapping[str, int] = field(default_factory=dict)

    @property
    def unscored(self) -> str:
        """Why no reading has had a score so far; "" once one has."""
        if not self.statuses or self.statuses.get("ok"):
            return ""
        most = sorted(self.statuses.items(), key=lambda found: -found[1])
        return "no score yet: " + ", ".join(f"{number:,} {status}" for status, number in most)

    def line(self) -> str:
        """Return it as a line for a log."""
        running = sum(self.open.values())
        parts = [
            f"{self.readings_s:,.0f} readings/s",
            f"lag {self.lag_s:.1f} s",
            f"{self.devices:,} device{'s' if self.devices != 1 else ''}",
            f"{running} incident{'s' if running != 1 else ''} open",
        ]
        more = {"waiting": self.waiting, "dead letters": self.dead, "store failures": self.store_failures}
        parts += [f"{count:,} {name}" for name, count in more.items() if count]
        parts += filter(None, [self.unscored])
        parts += [f"{name} not connected" for name, there in self.connected.items() if not there]
        parts += [f"{own.sink}: {own.waiting:,} waiting" for own in self.sinks if own.waiting]
        return ", ".join(parts)


class Pulses:
    """Takes a watch's pulse again and again.

    Parameters
    ----------
    meters
        What the watch counts.
    sinks
        Their names.

    Examples
    --------
    >>> meters = Meters()
    >>> pulses = Pulses(meters, sinks=("log",))
    >>> meters.add("tocsin_readings_total", 50, ("plant",))
    >>> found = pulses.take()
    >>> found.readings, found.readings_s > 0, found.sinks[0].waiting
    (50, True, 0)
    """

    def __init__(self, meters: Meters, *, sinks: tuple[str, ...]) -> None:
        self._meters, self._sinks = meters, sinks
        self._before: deque[tuple[float, float, Spread, Spread]] = deque()
        self._note()

    def take(self) -> Pulse:
        """Return how the watch is doing now."""
        now, readings, batches, seconds = self._note()
        while len(self._before) > 2 and now - self._before[1][0] >= OVER_S:
            self._before.popleft()
        then, before, earlier, sooner = self._before[0]
        meters = self._meters
        return Pulse(
            readings=round(readings),
            readings_s=(readings - before) / max(now - then, 1e-3),
            lag_s=max(self._of("tocsin_lag_seconds").values(), default=0.0),
            devices=round(meters.total("tocsin_devices")),
            batch=_mean(batches, earlier),
            scoring_ms=1e3 * _mean(seconds, sooner),
            waiting=round(meters.total("tocsin_waiting_readings") + meters.total("tocsin_queue_depth")),
            dead=round(meters.total("tocsin_dead_letters_total")),
            connected={name: bool(value) for name, value in self._of("tocsin_connected").items()},
            open={name: round(value) for name, value in self._of("tocsin_incidents_open").items() if value},
            sinks=tuple(map(self._delivery, self._sinks)),
            store_failures=round(meters.total("tocsin_store_failures_total")),
            statuses={name: round(number) for name, number in self._of("tocsin_verdicts_total").items()},
        )

    def _note(self) -> tuple[float, float, Spread, Spread]:
        spreads = self._meters.spreads()
        both = (_summed(spreads, name) for name in ("tocsin_batch_readings", "tocsin_scoring_seconds"))
        noted = (time.monotonic(), self._meters.total("tocsin_readings_total"), *both)
        self._before.append(noted)  # type: ignore[arg-type]  # two spreads, which mypy does not count
        return self._before[-1]

    def _of(self, name: str) -> dict[str, float]:
        return {labels[0]: value for (own, labels), value in self._meters.values().items() if own == name}

    def _delivery(self, sink: str) -> Delivery:
        names = ("tocsin_sink_delivered_total", "tocsin_outbox_waiting", "tocsin_sink_failures_total")
        return Delivery(sink, *(round(self._meters.value(name, (sink,))) for name in names))


def _summed(spreads: Mapping[tuple[str, tuple[str, ...]], Spread], name: str) -> Spread:
    own = [spread for (found, _), spread in spreads.items() if found == name]
    return Spread((), sum(spread.sum for spread in own), sum(spread.total for spread in own))


def _mean(now: Spread, before: Spread) -> float:
    return (now.sum - before.sum) / (now.total - before.total) if now.total > before.total else 0.0
