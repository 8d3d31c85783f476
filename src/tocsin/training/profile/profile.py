"""The profile of a table: what a person would look at before choosing how to learn from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.kinds import Kind
from tocsin.sources import Table, in_words
from tocsin.training.profile._grid import bridged, evenly
from tocsin.training.profile._kinds import groups_of, kinds_of
from tocsin.training.profile._period import period_in
from tocsin.training.profile.channel import ChannelProfile, drift_of, smoothness_of


@dataclass(frozen=True)
class Profile:
    """What readings are like, in plain values.

    Parameters
    ----------
    rows, devices
        Readings, and devices that have any.
    shortest, longest
        Readings of the devices with the fewest and the most.
    cadence_s
        Seconds from one reading to the next; None where rows are the clock.
    period
        Readings (or bins, where a clock gathers them) after which everything is much the same again; None where there
        is no such rhythm.
    resemblance
        Autocorrelation at the period, 0 to 1; 0 where there is none.
    channels
        What each channel is like, in the schema's order.
    """

    rows: int
    devices: int
    shortest: int
    longest: int
    cadence_s: float | None
    period: int | None
    resemblance: float
    channels: tuple[ChannelProfile, ...]

    @property
    def kinds(self) -> dict[str, Kind]:
        """Kind of each channel by its name."""
        return {channel.name: channel.kind for channel in self.channels}

    @property
    def missing(self) -> float:
        """Share of values without news."""
        return float(np.mean([channel.missing for channel in self.channels])) if self.channels else 0.0

    def lines(self) -> tuple[str, ...]:
        """Return what a terminal shows, one line each: the rhythm, and the channels that are no plain quantities."""
        rhythm = "no rhythm that repeats"
        if self.period is not None:
            after = "" if self.cadence_s is None else f", {in_words(round(self.period * self.cadence_s * 1e9))}"
            rhythm = f"much the same again after {self.period} readings{after} (resemblance {self.resemblance:.2f})"
        return (rhythm, *(f"{kind.replace('_', '-')}: {', '.join(names)}" for kind, names in self._special().items()))

    def _special(self) -> dict[Kind, list[str]]:
        found: dict[Kind, list[str]] = {}
        for channel in self.channels:
            if channel.kind != "real":
                found.setdefault(channel.kind, []).append(channel.name)
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        return asdict(self)


def profile(table: Table) -> Profile:
    """Return what a table's readings are like; those labelled anomalous are passed over.

    Parameters
    ----------
    table
        In any order. What may not be looked at must not be in it: profile the readings that are learned from.

    Examples
    --------
    A table of readings every five minutes with a daily rhythm has ``profile(table).period == 288``.
    """
    table = table.in_time_order()
    readings, cadence = table.readings, table.cadence
    values = np.where(np.isfinite(readings.values), readings.values, np.nan)
    if table.labels is not None:
        values = np.where(table.labels[:, None], np.nan, values)
    owners, counts = np.unique(readings.device, return_counts=True)
    seconds = None if cadence.row_clock or cadence.period_ns <= 1 else cadence.period_ns / 1e9
    busiest = readings.device == owners[np.argmax(counts)] if len(owners) else readings.device > 0
    even = evenly(readings.time[busiest], values[busiest], period_ns=cadence.period_ns)
    found = period_in(bridged(even), cadence_s=seconds)
    kinds = kinds_of(values, readings.device, readings.schema)
    return Profile(
        rows=len(readings),
        devices=len(owners),
        shortest=int(counts.min(initial=len(readings))),
        longest=int(counts.max(initial=0)),
        cadence_s=seconds,
        period=None if found is None else found[0],
        resemblance=0.0 if found is None else found[1],
        channels=tuple(_channels(readings.schema.names, values, kinds, even)),
    )


def _channels(
    names: tuple[str, ...], values: FloatArray, kinds: tuple[Kind, ...], even: FloatArray
) -> list[ChannelProfile]:
    group = {
        k: number
        for number, members in enumerate(groups_of(values, [kind == "one_hot" for kind in kinds]))
        for k in members
    }
    return [_channel(name, kinds[k], group.get(k), values[:, k], even[:, k]) for k, name in enumerate(names)]


def _channel(name: str, kind: Kind, group: int | None, values: FloatArray, even: FloatArray) -> ChannelProfile:
    known = even[~np.isnan(even)]
    missing = float(np.isnan(values).mean()) if len(values) else 0.0
    return ChannelProfile(name, kind, group, missing, smoothness_of(known), drift_of(known))
