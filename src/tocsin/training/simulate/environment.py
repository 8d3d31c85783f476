"""A room's climate, the scenario of the first paper: five channels, a daily rhythm, and faults whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.errors import MissingExtraError, SettingError
from tocsin.training.simulate import _room as here
from tocsin.training.simulate._faults import Fault, inject
from tocsin.training.simulate._placing import place

if TYPE_CHECKING:
    import polars

_RHYTHM_ROWS = 8 * 7 * here.PER_DAY
"""Eight weeks settle the daily rhythm, and with it the unit of sizes, also where few rows are asked for."""

_MOST = 0.25
"""The largest share of anomalies that still leaves normal readings between events."""


@dataclass(frozen=True)
class Environment:
    """Temperature, humidity, light, loudness and air quality of a room, every ten minutes, with labelled faults.

    The room has a day (light first, temperature behind it, humidity against it), a working week (loudness, air
    quality, lamps), weather that lasts for days, noise that grows with people and traffic, and sensors with bounds and
    resolution.

    A fault's **size** is its largest departure from what would have been read without it, in σ of the channel it
    occurs in; σ is the channel's normal standard deviation about its daily rhythm (its mean at that time of day,
    working days and free days apart). Sizes lie between 0.5 and 6. Because σ leaves the rhythm out, a fault of 3 σ
    often lies well inside the channel's usual range: the time of day or the other channels give it away.

    Parameters
    ----------
    rows
        Readings of each device.
    seed
        Same seed, same table, byte for byte. Another share of anomalies leaves the readings outside events alone.
    anomaly_share
        Share of the readings that lie in an event, 0 to 0.25.
    devices
        Rooms under one sky. Above 1, the table has a column ``device``.

    Raises
    ------
    SettingError
        If a setting is out of range.

    Examples
    --------
    >>> table = Environment(rows=1000).table()
    >>> table.columns[:4], table.shape
    (['time', 'temperature', 'humidity', 'light'], (1000, 9))
    >>> int(table["label"].sum())
    50
    """

    rows: int = 6558
    seed: int = 7
    anomaly_share: float = 0.05
    devices: int = 1

    def __post_init__(self) -> None:
        _check(self.rows >= here.PER_DAY, f"{self.rows} rows are less than a day.", f"Ask for {here.PER_DAY} or more.")
        _check(0 <= self.anomaly_share <= _MOST, f"anomaly_share is {self.anomaly_share}.", f"Give 0 to {_MOST}.")
        _check(self.devices >= 1, f"{self.devices} devices give no readings.", "Ask for 1 or more.")
        _check(self.seed >= 0, f"The seed {self.seed} is negative.", "Give 0 or more.")

    def table(self) -> polars.DataFrame:
        """Return the readings in order of time, with the truth beside them.

        Returns
        -------
        polars.DataFrame
            ``time`` (str, ISO 8601, local), ``device`` (str, only with several), ``temperature`` (°C),
            ``humidity`` (%), ``light`` (lux), ``loudness`` (dB), ``air_quality`` (index) as float64, and the truth:
            ``label`` (0 or 1), ``event`` (its kind, null outside), ``event_size`` (σ, null outside).

        Raises
        ------
        MissingExtraError
            If polars is not installed.
        """
        try:
            import polars as pl
        except ImportError:
            raise MissingExtraError("Simulating readings", extra="files", library="polars") from None
        when = here.clock(max(self.rows, _RHYTHM_ROWS))
        sky = here.weather(when, np.random.default_rng([self.seed, 0]))
        rooms = [self._room(number, when, sky) for number in range(self.devices)]
        if self.devices == 1:
            return rooms[0].drop("device")
        return pl.concat(rooms).sort("time", maintain_order=True)

    def _room(self, number: int, when: here.Clock, sky: here.Weather) -> polars.DataFrame:
        import polars as pl

        climate, chance = (np.random.default_rng([self.seed, number, stream]) for stream in (1, 2))
        true = here.room(when, sky, climate)
        unit = here.deviation(here.read_out(true), when)
        normal = here.read_out(true[: self.rows])
        faults = place(normal, deviation=unit, share=self.anomaly_share, sensor=here.read_out, rng=chance)
        shown = here.read_out(inject(normal, [fault for fault, _ in faults], deviation=unit))
        kind, size = _truth(self.rows, faults)
        times = np.datetime_as_string(here.BEGIN + np.arange(self.rows) * np.timedelta64(10, "m"), unit="s")
        return pl.DataFrame(
            {
                "time": times,
                "device": [f"room-{number + 1}"] * self.rows,
                **{name: shown[:, column] for column, name in enumerate(here.CHANNELS)},
                "label": np.isfinite(size).astype(np.int64),
                "event": pl.Series(kind, dtype=pl.String),
                "event_size": pl.Series(size).fill_nan(None).round(2),
            }
        )


def _truth(rows: int, faults: list[tuple[Fault, float]]) -> tuple[list[str | None], FloatArray]:
    """Return the kind (None) and the measured size (NaN) of the event at each row."""
    kind: list[str | None] = [None] * rows
    size = np.full(rows, np.nan)
    for fault, measured in faults:
        kind[fault.start : fault.end] = [fault.kind] * fault.length
        size[fault.start : fault.end] = measured
    return kind, size


def _check(fine: bool, message: str, remedy: str) -> None:
    if not fine:
        raise SettingError(message, remedy=remedy)
