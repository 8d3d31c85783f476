"""A room's climate, the scenario of the first paper: five channels, a daily rhythm, and faults whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tocsin.training.simulate import _room as here
from tocsin.training.simulate._drift import Drift
from tocsin.training.simulate._faults import inject
from tocsin.training.simulate._kinds import KINDS
from tocsin.training.simulate._placing import DECK, place
from tocsin.training.simulate._scenario import Scenario, check_common, check_kinds, refuse_unless, require_polars, truth

if TYPE_CHECKING:
    import polars

_RHYTHM_ROWS = 8 * 7 * here.PER_DAY
"""Eight weeks settle the daily rhythm, and with it the unit of sizes, also where few rows are asked for."""


@dataclass(frozen=True)
class Environment(Scenario):
    """Temperature, humidity, light, loudness and air quality of a room, every ten minutes, with labelled faults.

    The room has a day (light first, temperature behind it, humidity against it), a working week (loudness, air
    quality, lamps), weather that lasts for days, noise that grows with people and traffic, and sensors with bounds and
    resolution.

    A fault's **size** is its largest departure from what would have been read without it, in σ of the channel it
    occurs in; σ is the channel's normal standard deviation about its daily rhythm (its mean at that time of day,
    working days and free days apart). Sizes lie between 0.5 and 6, but for contextual faults, whose values are normal
    ones of half a day earlier. Because σ leaves the rhythm out, a fault of 3 σ often lies well inside the channel's
    usual range: the time of day or the other channels give it away.

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
    kinds
        Kinds of events, see :class:`tocsin.training.simulate.Fault`; one that stands there twice comes twice as often.
    drift
        A slow change of what is normal, which leaves the labels at 0; None for none.

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
    kinds: tuple[str, ...] = DECK
    drift: Drift | None = None

    file_name: ClassVar[str] = "env.csv"

    def __post_init__(self) -> None:
        enough = self.rows >= here.PER_DAY
        refuse_unless(enough, f"{self.rows} rows are less than a day.", f"Ask for {here.PER_DAY} or more.")
        check_common(anomaly_share=self.anomaly_share, devices=self.devices, seed=self.seed)
        check_kinds(self.kinds, tuple(KINDS))

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
        require_polars()
        import polars as pl

        when = here.clock(max(self.rows, _RHYTHM_ROWS))
        sky = here.weather(when, np.random.default_rng([self.seed, 0]))
        rooms = [self._room(number, when, sky) for number in range(self.devices)]
        if self.devices == 1:
            return rooms[0].drop("device")
        return pl.concat(rooms).sort("time", maintain_order=True)

    def _room(self, number: int, when: here.Clock, sky: here.Weather) -> polars.DataFrame:
        import polars as pl

        climate, chance, slow = (np.random.default_rng([self.seed, number, stream]) for stream in (1, 2, 3))
        true = here.room(when, sky, climate)
        unit = here.deviation(here.read_out(true), when)
        if self.drift is not None:
            true[: self.rows] += self.drift.shift(self.rows, unit, rng=slow)
        normal = here.read_out(true[: self.rows])
        placed = place(
            normal,
            deviation=unit,
            share=self.anomaly_share,
            sensor=here.read_out,
            rng=chance,
            deck=self.kinds,
            lag=here.PER_DAY // 2,
        )
        shown = here.read_out(inject(normal, [fault for fault, _ in placed], deviation=unit))
        times = np.datetime_as_string(here.BEGIN + np.arange(self.rows) * np.timedelta64(10, "m"), unit="s")
        return pl.DataFrame(
            {
                "time": times,
                "device": [f"room-{number + 1}"] * self.rows,
                **{name: shown[:, column] for column, name in enumerate(here.CHANNELS)},
                **truth(self.rows, [(fault.kind, fault.start, fault.end, size) for fault, size in placed]),
            }
        )
