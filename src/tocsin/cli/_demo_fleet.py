"""The demo's fleet: rooms in time lapse, and faults that begin soon, of which we know when and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.arrays import FloatArray

if TYPE_CHECKING:
    import polars

CADENCE_NS = 250_000_000
"""Ten minutes of the simulated rooms: a day passes in 36 s."""

ROOMS, TEACHERS = 20, 6
"""All rooms, and those whose past is learned from."""

PAST, AHEAD = 3_000, 3_600
"""Readings of a room that are learned from, and those that are published: three weeks, and a quarter of an hour."""

CHANNELS = ("temperature", "humidity", "light", "loudness", "air_quality")
SPREAD = np.array([1.5, 4.0, 80.0, 2.5, 6.0])
"""About how far a channel strays from what is usual at its time of day."""

SILENCE = "silence"
_FAULTS: tuple[tuple[str, tuple[int, ...], float, int], ...] = (
    ("level_shift", (0,), 6.0, 64),
    ("noise_burst", (3,), 3.0, 64),
    (SILENCE, (), 0.0, 80),
    ("co_deviation", (0, 1, 4), 5.0, 64),
    ("level_shift", (1,), -6.0, 56),
    ("drift", (4,), 9.0, 72),
    ("noise_burst", (0,), 4.0, 56),
    (SILENCE, (), 0.0, 100),
)
"""Kind, channels, size in spreads, and length in readings; dealt again and again."""

_FIRST, _APART = 24, (20, 36)
"""Readings before the first fault, and from the beginning of one to that of the next."""

_REST = 240
"""Readings for which a room has no second fault."""


@dataclass(frozen=True)
class Injected:
    """A fault of the demo.

    Parameters
    ----------
    room
        Which, from 0.
    kind
        As :class:`tocsin.training.simulate.Fault` names it, or "silence".
    channels, size
        What it does, and how strongly, in spreads of the channel.
    first, last
        Its readings: the first, and one past the last.
    """

    room: int
    kind: str
    channels: tuple[int, ...]
    size: float
    first: int
    last: int

    @property
    def device(self) -> str:
        """The room's name."""
        return f"room-{self.room + 1}"

    def text(self) -> str:
        """Return what happens in words.

        >>> Injected(3, "level_shift", (0,), 6.0, 24, 88).text()
        'level shift of temperature'
        """
        kind = self.kind.replace("_", " ")
        if not self.channels:
            return kind
        one = CHANNELS[self.channels[0]].replace("_", " ")
        return f"{kind} of {one if len(self.channels) == 1 else f'{len(self.channels)} channels'}"


def fleet(seed: int) -> tuple[polars.DataFrame, polars.DataFrame, tuple[Injected, ...]]:
    """Return what some rooms read in the past, what all will read, and the faults in the latter.

    Parameters
    ----------
    seed
        Same seed, same fleet.

    Returns
    -------
    tuple
        Two tables with ``time`` (ISO 8601, a reading every quarter of a second), ``device`` and the channels.
    """
    import polars as pl

    from tocsin.training.simulate.environment import Environment

    rows = PAST + AHEAD
    made = Environment(rows=rows, devices=ROOMS, anomaly_share=0.0, seed=seed).table()
    place = pl.col("device").str.strip_prefix("room-").cast(pl.Int64)
    table = made.sort(place, "time").select("device", *CHANNELS)
    nth = np.tile(np.arange(rows), ROOMS)
    time = pl.Series("time", nth * CADENCE_NS).cast(pl.Datetime("ns")).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    table = table.with_columns(time)
    teaches = (nth < PAST) & (np.arange(len(nth)) // rows < TEACHERS)
    faults = tuple(_faults(np.random.default_rng([seed, ROOMS])))
    return table.filter(pl.Series(teaches)), _faulty(table.filter(pl.Series(nth >= PAST)), faults), faults


def _faults(rng: np.random.Generator) -> Iterator[Injected]:
    """Yield faults, in order, of rooms that have had none for a while."""
    first, nth = _FIRST, 0
    busy = np.zeros(ROOMS, np.int64)
    while True:
        kind, channels, size, length = _FAULTS[nth % len(_FAULTS)]
        if first + length > AHEAD:
            return
        room = int(rng.choice(np.flatnonzero(busy <= first)))
        busy[room] = first + _REST
        yield Injected(room, kind, channels, size, first, first + length)
        first, nth = first + int(rng.integers(*_APART)), nth + 1


def _faulty(table: polars.DataFrame, faults: tuple[Injected, ...]) -> polars.DataFrame:
    """Return a table, room after room, with the faults in it; who is silent has no rows."""
    import polars as pl

    from tocsin.training.simulate import Fault, inject

    values = table.select(CHANNELS).to_numpy().reshape(ROOMS, AHEAD, len(CHANNELS)).copy()
    heard = np.ones((ROOMS, AHEAD), np.bool_)
    for own in faults:
        if own.kind == SILENCE:
            heard[own.room, own.first : own.last] = False
            continue
        fault = Fault(own.kind, own.first, own.last - own.first, own.channels, own.size, seed=own.first)
        values[own.room] = inject(values[own.room], [fault], deviation=SPREAD)
    columns = [pl.Series(name, _rounded(values, k)) for k, name in enumerate(CHANNELS)]
    return table.with_columns(columns).filter(pl.Series(heard.ravel()))


def _rounded(values: FloatArray, channel: int) -> FloatArray:
    """Return a channel of all rooms as sensors would send it."""
    return np.round(values[:, :, channel].ravel(), 1)
