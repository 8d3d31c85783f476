"""A town's network of devices: traffic and signal of each, with flooding, data injection and a man in the middle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.training.simulate import _traffic as here
from tocsin.training.simulate._drift import Drift
from tocsin.training.simulate._flows import flow_statistics
from tocsin.training.simulate._flows import names as flow_names
from tocsin.training.simulate._placing import plan
from tocsin.training.simulate._scenario import Scenario, check_common, check_kinds, refuse_unless, require_polars

if TYPE_CHECKING:
    import polars

NARROW, WIDE = 2, 115
BEGIN = np.datetime64("2020-01-06T00:00:00")
_FEWEST = 72
"""Readings of each device at least: half a day."""
_SIZES = (0.5, 6.0)


@dataclass(frozen=True)
class Network(Scenario):
    """Data packets and signal strength of many devices, every ten minutes, with attacks from subtle to plain.

    Devices are of six types, each with its level, rhythm and burstiness. Attacks last from one reading to five hours:

    * ``flooding``: more and more small packets, which crowd the air.
    * ``data_injection``: a steady stream of made-up packets, of a size of its own, that hides the usual bursts.
    * ``man_in_the_middle``: everything is passed on, a little late, from a place with another signal.

    An attack's **size** is its largest departure from what would have been read without it, in σ of the stream it
    occurs in (packets or signal; with 115 features packets, their size, or their gap); σ is the stream's normal
    deviation about what the device usually does at that time of day. It is drawn such that small attacks are as
    frequent as large ones: about as many below 1 σ as above 3 σ, none above 6.

    Parameters
    ----------
    rows
        Readings of all devices together.
    seed
        Same seed, same table, byte for byte.
    anomaly_share
        Share of the readings that lie in an attack, 0 to 0.25.
    devices
        How many there are; six types in turn.
    kinds
        Kinds of attacks; one that stands there twice comes twice as often.
    drift
        A slow change of how much is sent and how strong the signal is, which leaves the labels at 0; None for none.
    features
        2: data packets and signal strength. 115: flow statistics in the layout of N-BaIoT instead.

    Raises
    ------
    SettingError
        If a setting is out of range.

    Examples
    --------
    >>> table = Network(rows=4000).table()
    >>> table.columns[:5], table.shape
    (['time', 'device_id', 'device_type', 'data_packets', 'signal_strength'], (4000, 9))
    >>> Network(rows=4000, features=115).table().width
    122
    """

    rows: int = 63_000
    seed: int = 7
    anomaly_share: float = 0.08
    devices: int = 24
    kinds: tuple[str, ...] = here.KINDS
    drift: Drift | None = None
    features: int = NARROW

    file_name: ClassVar[str] = "network.csv"

    def __post_init__(self) -> None:
        check_common(anomaly_share=self.anomaly_share, devices=self.devices, seed=self.seed)
        check_kinds(self.kinds, here.KINDS)
        least = _FEWEST * self.devices
        told = f"{self.rows} rows of {self.devices} devices are less than half a day of each."
        refuse_unless(self.rows >= least, told, f"Ask for {least} or more.")
        known = self.features in (NARROW, WIDE)
        refuse_unless(known, f"{self.features} features are not simulated.", f"Ask for {NARROW} or {WIDE}.")

    def table(self) -> polars.DataFrame:
        """Return the readings in order of time, with the truth beside them.

        Returns
        -------
        polars.DataFrame
            ``time`` (str, ISO 8601, local), ``device_id`` and ``device_type`` (str), the channels (int64 and float64;
            the 115 features float32), ``network_traffic`` ("Normal" or "Anomalous"), and the truth: ``label`` (0 or 1),
            ``event`` (its kind, null outside), ``event_size`` (σ, null outside).

        Raises
        ------
        MissingExtraError
            If polars is not installed.
        """
        require_polars()
        import polars as pl

        readings = -(-self.rows // self.devices)
        traffic, attacks, sizes = self._simulate(readings)
        names = np.array([f"A{number + 1:03d}" for number in range(self.devices)])
        types = np.array([kind.name for kind in here.TYPES])[here.types_of(self.devices)]
        stamps = np.datetime_as_string(BEGIN + np.arange(readings) * np.timedelta64(10, "m"), unit="s")
        columns: dict[str, Any] = {
            "time": np.repeat(stamps, self.devices),
            "device_id": np.tile(names, readings),
            "device_type": np.tile(types, readings),
            **self._channels(traffic),
            **_truth(attacks, sizes, (readings, self.devices)),
        }
        return pl.DataFrame({name: column[: self.rows] for name, column in columns.items()})

    def _simulate(self, readings: int) -> tuple[here.Traffic, here.Attacks, FloatArray]:
        """Return the traffic, the attacks, and their measured sizes."""
        life, chance, slow = (np.random.default_rng([self.seed, stream]) for stream in (0, 1, 2))
        expected = here.usual(readings, self.devices, life)
        calm = here.normal(expected, life)
        unit = here.spread(calm, expected)
        attacks = self._attacks(readings, chance)
        if self.drift is not None:
            calm = here.moved(calm, unit, self.drift, slow)
        traffic, calm = here.read_out(here.attacked(calm, expected, unit, attacks)), here.read_out(calm)
        shown = ("sent", "signal") if self.features == NARROW else ("sent", "size_sent", "gap")
        departure = np.abs(traffic.streams(shown) - calm.streams(shown)) / unit.streams(shown)
        return traffic, attacks, _largest(departure.max(axis=0), attacks)

    def _attacks(self, readings: int, rng: np.random.Generator) -> here.Attacks:
        found = [
            (device, at.start, at.length, here.KINDS.index(at.kind))
            for device in range(self.devices)
            for at in plan(readings, share=self.anomaly_share, lengths=here.LENGTHS, deck=self.kinds, rng=rng)
        ]
        device, start, length, kind = np.array(found, np.int64).reshape(-1, 4).T
        low, high = _SIZES
        size = low * (high / low) ** rng.random(len(found))
        return here.Attacks(device, start, length, kind, size, rng.choice((-1.0, 1.0), len(found)))

    def _channels(self, traffic: here.Traffic) -> dict[str, npt.NDArray[np.generic]]:
        if self.features == WIDE:
            figures = flow_statistics(traffic, np.random.default_rng([self.seed, 3])).reshape(-1, WIDE)
            return {name: np.ascontiguousarray(figures[:, k]) for k, name in enumerate(flow_names())}
        return {
            "data_packets": traffic.sent.astype(np.int64).ravel(),
            "signal_strength": traffic.signal.ravel(),
        }


def _largest(departure: FloatArray, attacks: here.Attacks) -> FloatArray:
    """Return each attack's largest departure; ``departure`` has shape (readings, devices)."""
    which, row, _ = attacks.rows()
    found = np.zeros(len(attacks.size))
    np.maximum.at(found, which, departure[row, attacks.device[which]])
    return found


def _truth(attacks: here.Attacks, sizes: FloatArray, shape: tuple[int, int]) -> dict[str, polars.Series]:
    import polars as pl

    code, size = _by_reading(attacks, sizes, shape)
    return {
        "network_traffic": pl.Series(["Normal", "Anomalous"]).gather((code > 0).astype(np.int64)),
        "label": pl.Series((code > 0).astype(np.int64)),
        "event": pl.Series([None, *here.KINDS], dtype=pl.String).gather(code),
        "event_size": pl.Series(size).fill_nan(None).round(2),
    }


def _by_reading(attacks: here.Attacks, sizes: FloatArray, shape: tuple[int, int]) -> tuple[IntArray, FloatArray]:
    """Return the kind (counted from 1, 0 for none) and the size (NaN for none) at each row of the table."""
    which, row, _ = attacks.rows()
    place = (row, attacks.device[which])
    code, size = np.zeros(shape, np.int64), np.full(shape, np.nan)
    code[place], size[place] = attacks.kind[which] + 1, sizes[which]
    return code.ravel(), size.ravel()
