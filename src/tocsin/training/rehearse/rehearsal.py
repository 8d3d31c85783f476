"""What a rehearsal found: which faults would ring, how fast, and which would be missed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

RELIABLE = 0.9
"""A fault that rings in so many of its trials counts as one that would be noticed."""


@dataclass(frozen=True)
class Attempt:
    """One fault in one stretch of normal readings.

    Parameters
    ----------
    kind, size
        Of the fault; the size in deviations of the channel, None where the kind has none.
    channels
        Names of the channels that it touched.
    delay
        Readings from the fault's first one to the one at which an incident was told; None if it was missed.
    delay_s
        The same in seconds; None where missed, or where rows are the clock.
    cause
        The channel with the greatest share when the incident was told; None where missed or unattributed.
    by_chance
        Would the same readings have rung in that time without the fault?
    """

    kind: str
    size: float | None
    channels: tuple[str, ...]
    delay: int | None
    delay_s: float | None
    cause: str | None
    by_chance: bool


@dataclass(frozen=True)
class Cell:
    """What became of several attempts.

    Parameters
    ----------
    trials, rang
        Attempts, and those that rang.
    delay, delay_s
        Median over those that rang, in readings and in seconds; None where nothing rang.
    right_cause
        Share of those that rang and named a cause, in which it was a faulty channel; None where there were none.
    by_chance
        Share of the trials in which the same readings would have rung without the fault; None without trials.
    """

    trials: int
    rang: int
    delay: float | None
    delay_s: float | None
    right_cause: float | None
    by_chance: float | None

    @property
    def share(self) -> float | None:
        """Share of the trials that rang; None without trials."""
        return self.rang / self.trials if self.trials else None

    @staticmethod
    def of(attempts: list[Attempt]) -> Cell:
        """Sum up attempts."""
        rang = [one for one in attempts if one.delay is not None]
        told = [one.cause in one.channels for one in rang if one.cause is not None]
        times = [one.delay_s for one in rang if one.delay_s is not None]
        return Cell(
            trials=len(attempts),
            rang=len(rang),
            delay=median(one.delay for one in rang if one.delay is not None) if rang else None,
            delay_s=median(times) if times else None,
            right_cause=sum(told) / len(told) if told else None,
            by_chance=sum(one.by_chance for one in attempts) / len(attempts) if attempts else None,
        )


@dataclass(frozen=True)
class Rehearsal:
    """Faults put into normal readings, and what the alarm made of them. Holds plain values only.

    Parameters
    ----------
    kinds, sizes
        What was tried; sizes in deviations of the channel.
    trials
        Stretches into which each fault was put.
    seed
        Of all chance.
    period_s
        Seconds from reading to reading; None where rows are the clock.
    readings
        Normal readings that stretches were taken from.
    stretch
        Readings in a stretch.
    deviation
        The unit of sizes by channel.
    false_alarms
        Share of the stretches that rang without any fault.
    notes
        What to know before trusting it.
    attempts
        All of them.
    """

    kinds: tuple[str, ...]
    sizes: tuple[float, ...]
    trials: int
    seed: int
    period_s: float | None
    readings: int
    stretch: int
    deviation: dict[str, float]
    false_alarms: float
    notes: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = field(default=(), repr=False)

    def cell(self, kind: str, size: float | None) -> Cell:
        """Return what became of faults of one kind and size; None for a kind that has no size."""
        return Cell.of([one for one in self.attempts if (one.kind, one.size) == (kind, size)])

    def channel_cell(self, channel: str, size: float) -> Cell:
        """Return what became of faults of one size, of any kind, that touched this channel alone."""
        return Cell.of([one for one in self.attempts if (one.channels, one.size) == ((channel,), size)])

    def sized(self, kind: str) -> bool:
        """Tell whether faults of this kind have a size."""
        return all(one.size is not None for one in self.attempts if one.kind == kind)

    def sizes_of(self, kind: str) -> tuple[float | None, ...]:
        """Return the sizes that were tried of a kind; (None,) for a kind that has none."""
        return self.sizes if self.sized(kind) else (None,)

    def detectable(self, kind: str) -> float | None:
        """Return the smallest size from which on the kind rings in 90 % of its trials; None if none does."""
        found = None
        for size in sorted(self.sizes, reverse=True) if self.sized(kind) else ():
            share = self.cell(kind, size).share
            if share is None or share < RELIABLE:
                break
            found = size
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        whole = asdict(self)
        attempts = whole.pop("attempts")
        channels = [
            {"channel": channel, "size": size, **_told(self.channel_cell(channel, size))}
            for channel in self.deviation
            for size in self.sizes
        ]
        return {
            **whole,
            "detectable": {kind: self.detectable(kind) for kind in self.kinds},
            "cells": list(self._cells()),
            "channels": [cell for cell in channels if cell["trials"]],
            "attempts": attempts,
        }

    def _cells(self) -> Iterator[dict[str, Any]]:
        for kind in self.kinds:
            for size in self.sizes_of(kind):
                yield {"kind": kind, "size": size, **_told(self.cell(kind, size))}


def _told(cell: Cell) -> dict[str, Any]:
    return {**asdict(cell), "share": cell.share}
