"""Stretches of normal readings, as the clock and the hold hand them on: the ground on which faults are rehearsed."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.blocks import blocks
from tocsin.core.errors import InputError
from tocsin.prepare import Bins
from tocsin.sources import Table

_LONGEST = 20_000
"""Readings that are looked at for a rhythm, at most."""


@dataclass(frozen=True, eq=False)
class Ground:
    """All readings on the artifact's grid, device after device, in order of time.

    Parameters
    ----------
    device, time
        ndarrays of shape (n,), int64; the time in ns, or the row's number where rows are the clock.
    held
        ndarray of shape (n, channels), float64: values with short silences bridged; NaN after longer ones.
    known
        ndarray of shape (n, channels), bool: was there news of the channel?
    normal
        ndarray of shape (n,), bool: not labelled as an anomaly, and nothing missing.
    apart
        ndarray of shape (n,), bool: another device, or a pause that is not bridged, lies before.
    """

    device: IntArray
    time: IntArray
    held: FloatArray
    known: BoolArray
    normal: BoolArray
    apart: BoolArray

    def starts(self, length: int) -> IntArray:
        """Return the rows from which on ``length`` readings are normal and without a pause."""
        rows = len(self.normal) - length + 1
        if rows < 1:
            return np.zeros(0, np.int64)
        odd = np.concatenate([[0], np.cumsum(~self.normal)])
        breaks = np.concatenate([[0], np.cumsum(self.apart)])
        whole = odd[length:] == odd[:rows]
        return np.flatnonzero(whole & (breaks[length:] == breaks[1 : rows + 1]))

    def deviation(self) -> FloatArray:
        """Return ndarray of shape (channels,), float64: standard deviation of normal values about each device's mean.

        What does not vary but by rounding has 0.
        """
        values, device = self.held[self.normal], self.device[self.normal]
        count = np.maximum(np.bincount(device), 1)
        mean = np.column_stack([np.bincount(device, channel) / count for channel in values.T])
        found = np.std(values - mean[device], axis=0)
        return np.where(found > 1e-9 * np.abs(values).max(axis=0), found, 0.0)

    def half_rhythm(self) -> int:
        """Return after how many readings the channels are least like themselves: half a day where there is a day.

        The lag at which the autocorrelation, averaged over the channels, is least. Of the longest stretch.
        """
        ends = np.flatnonzero(np.append(self.apart[1:] | ~self.normal[1:], True)) + 1
        begins = np.concatenate([[0], ends[:-1]])
        longest = int(np.argmax(ends - begins))
        values = np.nan_to_num(self.held[begins[longest] : ends[longest]][-_LONGEST:])
        if len(values) < 4:
            return 1
        lags = len(values) // 2
        return 1 + int(np.argmin(_autocorrelation(values)[1 : lags + 1]))


def ground_of(table: Table, artifact: Artifact) -> Ground:
    """Return the readings of a table in order of time as the artifact's clock and hold hand them on.

    Raises
    ------
    InputError
        If no reading has a time that can be used.
    """
    bins, device = _bins(table, artifact)
    if not len(device):
        raise InputError("No reading has a time that can be used.", remedy="Check the time column, or use --time.")
    held = np.empty(bins.values.shape)
    begins = np.append(True, device[1:] != device[:-1])
    for own in np.split(np.arange(len(device)), np.flatnonzero(begins)[1:]):
        block = _taken(bins, own, alone=True)
        held[own] = artifact.impute.scan(artifact.impute.init(1), block, np.ones((1, len(own)), np.bool_))[1][0]
    normal = np.isfinite(held).all(axis=1) & ~_labelled(table, artifact, device, bins.end)
    return Ground(device, bins.end, held, ~np.isnan(bins.values), normal, begins | bins.fresh | bins.jump)


def _bins(table: Table, artifact: Artifact) -> tuple[Bins, IntArray]:
    readings, clock, pieces, devices = table.readings, artifact.clock, [], []
    values = np.where(np.isfinite(readings.values), readings.values, np.nan)
    for block in blocks(readings.device):
        dial, ticked = clock.push(
            clock.init(len(block.devices)), readings.time[block.rows], values[block.rows], valid=block.valid
        )
        _, rest = clock.flush(dial)
        for some in (ticked, rest):
            pieces.append(some.bins)
            devices.append(block.devices[some.device])
    device = np.concatenate([np.zeros(0, np.int64), *devices])
    if not len(device):
        return Bins(device, np.zeros((0, len(artifact.schema))), device > 0, device > 0), device
    whole = Bins(**{f.name: np.concatenate([getattr(piece, f.name) for piece in pieces]) for f in fields(Bins)})
    order = np.lexsort((whole.end, device))
    return _taken(whole, order), device[order]


def _taken(bins: Bins, rows: IntArray, *, alone: bool = False) -> Bins:
    index = rows[None] if alone else rows
    return Bins(**{f.name: getattr(bins, f.name)[index] for f in fields(Bins)})


def _labelled(table: Table, artifact: Artifact, device: IntArray, end: IntArray) -> BoolArray:
    """Return which bins hold a reading that is labelled as an anomaly."""
    out = np.zeros(len(device), np.bool_)
    if table.labels is None:
        return out
    ends, owner = artifact.clock.end_of(table.readings.time[table.labels]), table.readings.device[table.labels]
    for one in np.unique(owner):
        own = np.flatnonzero(device == one)
        out[own] = np.isin(end[own], ends[owner == one])
    return out


def _autocorrelation(values: FloatArray) -> FloatArray:
    """Return the autocorrelation at each lag, averaged over the channels that vary (Wiener–Khinchin)."""
    centred = values - values.mean(axis=0)
    spread = centred.std(axis=0)
    centred = centred[:, spread > 0] / spread[spread > 0]
    if not centred.shape[1]:
        return np.zeros(len(values))
    power = np.abs(np.fft.rfft(centred, n=2 * len(values), axis=0)) ** 2
    raw = np.fft.irfft(power.mean(axis=1))[: len(values)]
    return np.asarray(raw / np.arange(len(values), 0, -1))
