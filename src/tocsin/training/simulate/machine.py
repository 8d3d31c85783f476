"""A pump and its motor: load states, coupled channels, and bearings whose vibration ramps up until they fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.training.simulate import _plant as here
from tocsin.training.simulate._drift import Drift
from tocsin.training.simulate._faults import Fault, inject
from tocsin.training.simulate._kinds import KINDS
from tocsin.training.simulate._placing import FULL_DECK, LENGTHS, Place, fit, plan
from tocsin.training.simulate._scenario import Scenario, check_common, check_kinds, refuse_unless, require_polars, truth

if TYPE_CHECKING:
    import polars

RAMP = "failure_ramp"
"""The kind of event that ends in a failure."""

RAMP_S = 1800
_FRICTION = (1.0, 4.0)
"""What a ramp adds to vibration in the end, in mm/s; usual are 2 mm/s, and machines of this size are stopped at 4.5 to
7.1 mm/s (ISO 10816-3)."""
_REPAIR_S = (2700, 7200)
_LEAD_S = 1800
"""For so long before a ramp the machine has been running."""


@dataclass(frozen=True)
class Machine(Scenario):
    """Vibration, temperature, current, pressure and flow of a pump, every minute, with faults and failures.

    The pump idles or runs at half or full load, in two shifts on working days and seldom else. Flow, pressure and
    current follow the load at once, temperature half an hour behind; a valve hunts with a period of 12 minutes, a
    filter clogs and is cleaned every week, the hall has a day, bearings wear.

    Before each failure vibration ramps up over 30 minutes, ever faster (kind ``failure_ramp``, by 1 to 4 mm/s);
    friction draws current and heats. Then the machine stands still until it is repaired, which is labelled normal.

    A fault's **size** is its largest departure from what would have been read without it, in σ of the channel it
    occurs in; σ is the channel's normal standard deviation about the mean of its load state. Sizes lie between 0.5 and
    6, but for failure ramps and for contextual faults, whose values are normal ones of half a day earlier.

    Parameters
    ----------
    rows
        Readings of each device.
    seed
        Same seed, same table, byte for byte.
    anomaly_share
        Share of the readings that lie in an event, 0 to 0.25.
    devices
        Machines in one hall. Above 1, the table has a column ``device``.
    kinds
        Kinds of events, see :class:`tocsin.training.simulate.Fault`, and ``failure_ramp``; one that stands there twice
        comes twice as often.
    drift
        A slow change of what is normal, which leaves the labels at 0; None for none.
    period_s
        Seconds from one reading to the next, 1 to 600.

    Raises
    ------
    SettingError
        If a setting is out of range.

    Examples
    --------
    >>> table = Machine(rows=3000).table()
    >>> table.columns[:4], table.shape
    (['time', 'vibration', 'temperature', 'current'], (3000, 9))
    """

    rows: int = 20_000
    seed: int = 7
    anomaly_share: float = 0.05
    devices: int = 1
    kinds: tuple[str, ...] = (*FULL_DECK, RAMP)
    drift: Drift | None = None
    period_s: int = 60

    file_name: ClassVar[str] = "machine.csv"

    def __post_init__(self) -> None:
        fine = 1 <= self.period_s <= 600
        refuse_unless(fine, f"A reading every {self.period_s} s is not simulated.", "Give a period of 1 to 600 s.")
        least = -(-6 * 3600 // self.period_s)
        refuse_unless(self.rows >= least, f"{self.rows} rows are less than six hours.", f"Ask for {least} or more.")
        check_common(anomaly_share=self.anomaly_share, devices=self.devices, seed=self.seed)
        check_kinds(self.kinds, (*KINDS, RAMP))

    def table(self) -> polars.DataFrame:
        """Return the readings in order of time, with the truth beside them.

        Returns
        -------
        polars.DataFrame
            ``time`` (str, ISO 8601, local), ``device`` (str, only with several), ``vibration`` (mm/s), ``temperature``
            (°C), ``current`` (A), ``pressure`` (bar), ``flow`` (l/min) as float64, and the truth: ``label`` (0 or 1),
            ``event`` (its kind, null outside), ``event_size`` (σ, null outside).

        Raises
        ------
        MissingExtraError
            If polars is not installed.
        """
        require_polars()
        import polars as pl

        span = max(self.rows, 7 * here.DAY_S // self.period_s)
        hall = here.surroundings(span, self.period_s, np.random.default_rng([self.seed, 0]))
        machines = [self._machine(number, hall) for number in range(self.devices)]
        if self.devices == 1:
            return machines[0].drop("device")
        return pl.concat(machines).sort("time", maintain_order=True)

    def _machine(self, number: int, hall: FloatArray) -> polars.DataFrame:
        import polars as pl

        work, chance, slow = (np.random.default_rng([self.seed, number, stream]) for stream in (1, 2, 3))
        states = here.load_states(len(hall), self.period_s, work)
        unit = here.deviation(here.read_out(self._true(number, states, np.zeros(len(hall)), hall)), states)
        places = plan(self.rows, share=self.anomaly_share, lengths=self._lengths(), deck=self.kinds, rng=chance)
        failures = [self._failure(at, chance) for at in places if at.kind == RAMP]
        true, rubbed = self._run(number, states, failures, hall)
        if self.drift is not None:
            true += self.drift.shift(self.rows, unit, rng=slow)
        normal = here.read_out(true)
        faults = self._faults([at for at in places if at.kind != RAMP], normal, unit, chance)
        shown = here.read_out(inject(normal, [fault for fault, _ in faults], deviation=unit))
        events = [(fault.kind, fault.start, fault.end, size) for fault, size in faults]
        ramps = [(RAMP, f.start, f.end, float(np.max(np.abs(rubbed[f.start : f.end]) / unit))) for f in failures]
        step = np.timedelta64(self.period_s, "s")
        return pl.DataFrame(
            {
                "time": np.datetime_as_string(here.BEGIN + np.arange(self.rows) * step, unit="s"),
                "device": [f"machine-{number + 1}"] * self.rows,
                **{name: shown[:, column] for column, name in enumerate(here.CHANNELS)},
                **truth(self.rows, events + ramps),
            }
        )

    def _run(
        self, number: int, states: IntArray, failures: list[here.Failure], hall: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return true values of a machine that fails, and what friction added to them."""
        lead = -(-_LEAD_S // self.period_s)
        states, hall = here.with_failures(states[: self.rows], failures, lead), hall[: self.rows]
        true = self._true(number, states, here.friction(self.rows, failures), hall)
        return true, true - self._true(number, states, np.zeros(self.rows), hall)

    def _true(self, number: int, states: IntArray, rubs: FloatArray, hall: FloatArray) -> FloatArray:
        rng = np.random.default_rng([self.seed, number, 4])
        return here.machine(states, rubs, hall, period_s=self.period_s, rng=rng)

    def _lengths(self) -> dict[str, tuple[int, int]]:
        ramp = -(-RAMP_S // self.period_s)
        return {**LENGTHS, RAMP: (ramp, ramp)}

    def _failure(self, at: Place, chance: np.random.Generator) -> here.Failure:
        repair = int(chance.uniform(*_REPAIR_S)) // self.period_s
        return here.Failure(at.start, at.start + at.length, float(chance.uniform(*_FRICTION)), repair)

    def _faults(
        self, places: Sequence[Place], normal: FloatArray, unit: FloatArray, chance: np.random.Generator
    ) -> list[tuple[Fault, float]]:
        lag = here.DAY_S // 2 // self.period_s
        instead = "drift" if "drift" in self.kinds else ""
        return [
            fit(at, normal, deviation=unit, sensor=here.read_out, rng=chance, lag=lag, instead=instead) for at in places
        ]
