"""Parts by time: what is learned from, what stops the learning, and what the limit is found on, never mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from tocsin.core.arrays import BoolArray, Float32Array, IntArray
from tocsin.core.blocks import blocks
from tocsin.core.errors import InputError
from tocsin.core.kinds import SWITCHES, TURNS, Kind
from tocsin.core.verdicts import Status
from tocsin.core.windows import Windows
from tocsin.engine.ring import Filling, Ring
from tocsin.prepare import Bins
from tocsin.prepare.clock import Clock
from tocsin.prepare.counters import Counters
from tocsin.prepare.impute import Impute
from tocsin.sources import Table
from tocsin.training.recipe import Recipe
from tocsin.training.steps import steps_of

TRAINING, VALIDATION, CALIBRATION = 0, 1, 2
STOPPING, LESS_STOPPING = 0.15, 0.10
"""The validation part's share of the windows that can be learned from, and where much is held out to find a limit."""


@dataclass(frozen=True, eq=False)
class Parts:
    """Prepared readings, and the windows that lie wholly inside each part.

    Parameters
    ----------
    series
        ndarray of shape (rows, channels), float32, device after device, raw units, short gaps bridged.
    training, validation, calibration
        ndarrays of int64: rows in which the windows of each part end. No window straddles two parts.
    complete
        ndarray of int64: rows in which all complete windows end, whatever part or label they have.
    labels
        ndarray of shape (rows,), bool, or None: does the row belong to a labelled anomaly?
    kept_out
        Windows left out of all parts because they hold a labelled anomaly.
    time, device
        ndarrays of shape (rows,), int64: of each row.
    """

    series: Float32Array
    training: IntArray
    validation: IntArray
    calibration: IntArray
    complete: IntArray
    labels: BoolArray | None
    kept_out: int
    time: IntArray
    device: IntArray


def split(
    table: Table,
    *,
    clock: Clock,
    impute: Impute,
    length: int,
    kinds: Sequence[Kind] = (),
    with_anomalies: bool = False,
    held_out: float = STOPPING,
) -> Parts:
    """Prepare a table, in order of time, and part it: 70 % to learn from, 15 % to stop, 15 % to calibrate.

    The shares are of the windows that can be learned from: complete ones, without labelled anomalies. Where there is
    nothing to calibrate, the validation part has the rest.

    Parameters
    ----------
    table
        In order of time.
    clock, impute
        The prepare steps. Inside the training part short gaps are drawn straight; elsewhere values are held, as in
        scoring.
    length
        Readings in a window.
    kinds
        Kind of each channel; none where all are treated alike. Counters come out as rates, and no gap is drawn straight
        between two states or two angles.
    with_anomalies
        Keep windows with labelled anomalies in the training part, for detectors that learn from labels.
    held_out
        The share at the end on which the limit is found; 0 where it is stated.
    """
    bins, device, labels = _bins(table, clock)
    if not len(device):
        raise InputError("No reading has a time that can be used.", remedy="Check the time column, or use --time.")
    bins, straight = _rates(bins, device, Counters.of(kinds, period_ns=clock.period_ns)), _straight(kinds)
    tainted = _tainted(labels, len(device), length)
    # where the parts end depends on which windows are complete, hence first as if all were one part
    whole_part = np.zeros(len(device), np.int64)
    _, complete = _prepared(bins, device, whole_part, impute=impute, length=length, straight=straight)
    part = _part(bins.end, complete if with_anomalies else complete & ~tainted, held_out=held_out)
    series, whole = _prepared(bins, device, part, impute=impute, length=length, straight=straight)
    normal = whole if with_anomalies else whole & ~tainted
    return Parts(
        series,
        training=np.flatnonzero((part == TRAINING) & normal),
        validation=np.flatnonzero((part == VALIDATION) & whole & ~tainted),
        calibration=np.flatnonzero((part == CALIBRATION) & whole & ~tainted),
        complete=np.flatnonzero(complete),
        labels=labels,
        kept_out=int((whole & ~normal).sum()),
        time=bins.end,
        device=device,
    )


def parts_of(table: Table, recipe: Recipe) -> tuple[Clock, Impute, Parts]:
    """Return a table in parts as ``recipe`` has it, with the prepare steps that stand before the window.

    Parameters
    ----------
    table
        In order of time.
    recipe
        With a window and the kinds of all channels.
    """
    detector = recipe.make_detector()
    _, threshold = recipe.make_threshold(detector)
    length = recipe.readings(detector)
    clock, impute = steps_of(table, recipe, length=length)
    parts = split(
        table,
        clock=clock,
        impute=impute,
        length=length,
        kinds=recipe.kinds_of(table.readings.schema),
        with_anomalies=detector.needs_labels,
        held_out=threshold.share if threshold.reference == "calibration" else 0.0,
    )
    return clock, impute, parts


def windows_of(series: Float32Array, parts: Parts, *, length: int) -> Windows:
    """Return the training windows over ``series``, with the validation windows behind them."""

    def of(end: IntArray, later: Windows | None) -> Windows:
        labels = None if parts.labels is None else parts.labels[end]
        return Windows(series, end, length, labels=labels, validation=later)

    later = of(parts.validation, None) if len(parts.validation) else None
    return of(parts.training, later)


def _bins(table: Table, clock: Clock) -> tuple[Bins, IntArray, BoolArray | None]:
    """Return the bins of all devices, device after device, and each bin's label: any of its readings is anomalous."""
    readings, pieces, devices = table.readings, [], []
    for block in blocks(readings.device):
        values = np.where(np.isfinite(readings.values), readings.values, np.nan)[block.rows]
        dial, ticked = clock.push(clock.init(len(block.devices)), readings.time[block.rows], values, valid=block.valid)
        _, rest = clock.flush(dial)
        for some in (ticked, rest):
            pieces.append(some.bins)
            devices.append(block.devices[some.device])
    device = np.concatenate(devices)
    whole = Bins(**{f.name: np.concatenate([getattr(p, f.name) for p in pieces]) for f in fields(Bins)})
    order = np.lexsort((whole.end, device))
    whole, device = _cut(whole, order), device[order]
    return whole, device, None if table.labels is None else _labelled(table.labels, table, clock, device, whole.end)


def _labelled(marked: BoolArray, table: Table, clock: Clock, device: IntArray, end: IntArray) -> BoolArray:
    out = np.zeros(len(device), np.bool_)
    ends = clock.end_of(table.readings.time[marked])
    owner = table.readings.device[marked]
    for own in _runs(device):
        out[own] = np.isin(end[own], ends[owner == device[own.start]])
    return out


def _part(end: IntArray, usable: BoolArray, *, held_out: float) -> IntArray:
    """Cut by time, the same for all devices: first what is learned from, then what stops the learning, then the rest.

    The shares are of the usable windows. A series that ends in anomalies, or in gaps, would have no last part if all
    bins counted.
    """
    ordered = np.sort(end[usable] if usable.any() else end)
    stopping = STOPPING if held_out <= STOPPING else LESS_STOPPING
    shares = (1 - stopping - held_out, 1 - held_out) if held_out else (1 - 2 * STOPPING,)
    cuts = [ordered[min(int(share * len(ordered)), len(ordered) - 1)] for share in shares]
    return np.searchsorted(np.array(cuts), end, side="right")


def _straight(kinds: Sequence[Kind]) -> BoolArray | None:
    """Return between which channels' values a straight line means something; None for all."""
    broken = np.isin(kinds, [*SWITCHES, *TURNS])
    return ~broken if broken.any() else None


def _rates(bins: Bins, device: IntArray, counters: Counters) -> Bins:
    """Return the bins with rates instead of counters."""
    values = bins.values.copy()
    for own in _runs(device) if counters.which else []:
        everywhere = np.ones((1, own.stop - own.start), np.bool_)
        values[own] = counters.scan(counters.init(1), _alone(_cut(bins, own)), everywhere)[1].values[0]
    return Bins(bins.end, values, bins.fresh, bins.jump)


def _prepared(
    bins: Bins, device: IntArray, part: IntArray, *, impute: Impute, length: int, straight: BoolArray | None
) -> tuple[Float32Array, BoolArray]:
    """Return all values as a detector sees them, and which windows are complete and within one part."""
    series = np.empty(bins.values.shape, np.float32)
    whole = np.zeros(len(device), np.bool_)
    for own in _runs(device):
        series[own], whole[own] = _alone_prepared(_cut(bins, own), part[own], impute, length, straight)
    return series, whole


def _alone_prepared(
    bins: Bins, part: IntArray, impute: Impute, length: int, straight: BoolArray | None
) -> tuple[Float32Array, BoolArray]:
    """Do so for one device."""
    ring = Ring(length, bins.values.shape[1])
    everywhere = np.ones((1, len(part)), np.bool_)
    values = bins.values.copy()
    learned = np.flatnonzero(part == TRAINING)
    drawn = impute.between(_cut(bins, learned))
    values[learned] = drawn if straight is None else np.where(straight, drawn, values[learned])
    given = Bins(bins.end, values, bins.fresh, bins.jump)
    _, held = impute.scan(impute.init(1), _alone(given), everywhere)
    border = np.append(True, part[1:] != part[:-1])
    _, framed = ring.scan(ring.init(1), Filling(held, (bins.fresh | border)[None], bins.jump[None]), everywhere)
    return np.nan_to_num(held[0]).astype(np.float32), framed.status[0] == Status.ok


def _tainted(labels: BoolArray | None, rows: int, length: int) -> BoolArray:
    """Return which windows hold a labelled anomaly; of complete windows only, the answer means anything."""
    if labels is None:
        return np.zeros(rows, np.bool_)
    count = np.concatenate([np.zeros(length, np.int64), np.cumsum(labels)])
    return np.asarray(count[length:] - count[:rows] > 0)


def _runs(device: IntArray) -> list[slice]:
    starts = np.flatnonzero(np.append(True, device[1:] != device[:-1]))
    return [slice(int(a), int(b)) for a, b in zip(starts, np.append(starts[1:], len(device)), strict=True)]


def _cut(bins: Bins, index: slice | IntArray) -> Bins:
    return Bins(**{f.name: getattr(bins, f.name)[index] for f in fields(Bins)})


def _alone(bins: Bins) -> Bins:
    return Bins(**{f.name: getattr(bins, f.name)[None] for f in fields(Bins)})
