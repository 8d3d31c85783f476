"""Readings with faults put into them: what settings are judged on where nobody has labelled anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.errors import InputError
from tocsin.sources import Table
from tocsin.training.rehearse import USUAL_KINDS
from tocsin.training.simulate import KINDS, Fault, inject

SLOT = 48
"""Readings that each fault has to itself, in which no other begins or ends."""

_LEAD, _TAIL = 12, 6
"""Readings of a slot before and after its fault, at least; the longest fault has 30."""

LEAST = 3
"""Faults without which nothing is judged that deserves the name."""

SIZES = (1.0, 2.0, 4.0)
"""Sizes that faults take in turn, in deviations of their channel."""

_REACHED = 0.5
"""A fault that reaches less of its size than this cannot happen there: nothing drops out of a light that is off."""

_ATTEMPTS = 3
"""So often another place and length are tried where a fault reaches nothing."""

_ELSEWHERE = 16
"""Other times that are looked at for a contextual fault; the one least like the present is taken."""


@dataclass(frozen=True, eq=False)
class _Ground:
    """Values as they are and those in which faults happen, and what is needed to place them."""

    calm: FloatArray
    values: FloatArray
    device: IntArray
    unit: FloatArray
    rng: np.random.Generator


def with_faults(table: Table, *, rows: BoolArray, seed: int) -> Table:
    """Return a table in which faults of all kinds have happened to some of its readings, labelled as anomalies.

    Kinds, sizes and channels take turns; places and lengths are left to chance. Readings that are labelled already keep
    their label and are not touched. Beside the labels stand columns ``event`` and ``event_size``.

    Parameters
    ----------
    table
        In order of time.
    rows
        ndarray of shape (readings,), bool: where faults may happen. All others stay as they are.
    seed
        Same seed, same faults.

    Raises
    ------
    InputError
        If too few faults find a place.
    """
    labels = np.zeros(len(table), np.bool_) if table.labels is None else table.labels.copy()
    values = np.where(np.isfinite(table.readings.values), table.readings.values, np.nan)
    unit = _deviation(values[~labels], table.readings.device[~labels])
    ground = _Ground(values, values.copy(), table.readings.device, unit, np.random.default_rng([seed, len(table)]))
    kind, size = np.full(len(table), "", object), np.full(len(table), np.nan)
    faults = 0
    for fault in _faults(ground, _slots(table, rows & ~labels)):
        touched = slice(fault.start, fault.end)
        labels[touched], kind[touched], size[touched] = True, fault.kind, abs(fault.size)
        faults += 1
    if faults < LEAST:
        raise InputError(
            f"Only {faults} faults find a place in {np.count_nonzero(rows)} readings.",
            remedy="Give more normal readings, or fewer --folds.",
        )
    told = _told(table, kind.astype(np.str_), size)
    return replace(told, labels=labels, readings=replace(table.readings, values=ground.values))


def _deviation(values: FloatArray, device: IntArray) -> FloatArray:
    """Return each channel's standard deviation about its device's mean, 0 for what does not vary; shape (channels,)."""
    away = np.zeros_like(values)
    for one in np.unique(device):
        own = device == one
        known = np.isfinite(values[own])
        mean = np.where(known, values[own], 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        away[own] = np.where(known, values[own] - mean, 0)
    known = np.isfinite(values)
    found = np.sqrt((away**2).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
    largest = np.abs(np.where(known, values, 0)).max(axis=0, initial=0)
    return np.where(found > 1e-9 * largest, found, 0.0)


def _slots(table: Table, free: BoolArray) -> Iterator[slice]:
    """Yield stretches of ``SLOT`` readings of one device that may all be touched."""
    device = table.readings.device
    border = np.append(True, (device[1:] != device[:-1]) | (free[1:] != free[:-1]))
    begins = np.flatnonzero(border)
    for begin, end in zip(begins, np.append(begins[1:], len(device)), strict=True):
        if free[begin]:
            yield from (slice(int(k), int(k) + SLOT) for k in range(begin, end - SLOT + 1, SLOT))


def _faults(ground: _Ground, slots: Iterator[slice]) -> Iterator[Fault]:
    """Let faults happen, a kind after the other, and yield those that did."""
    moving = np.flatnonzero(ground.unit)
    for turn, slot in enumerate(slots if len(moving) else ()):
        for _ in range(_ATTEMPTS):
            fault = _fault(ground, moving, turn)
            faulty = _faulty(ground, slot, fault)
            if _reaches(ground, slot, fault, faulty):
                ground.values[slot] = faulty
                yield replace(fault, start=slot.start + fault.start)
                break


def _fault(ground: _Ground, moving: IntArray, turn: int) -> Fault:
    """Return a fault in rows of its slot; a contextual one shows what stands a slot before."""
    kind, rng = USUAL_KINDS[turn % len(USUAL_KINDS)], ground.rng
    rule = KINDS[kind]
    length = int(rng.integers(*rule.lengths, endpoint=True))
    start = int(rng.integers(_LEAD, SLOT - length - _TAIL, endpoint=True))
    count = min(int(rng.integers(*rule.channels, endpoint=True)), len(moving))
    first = moving[(turn + turn // len(USUAL_KINDS)) % len(moving)]
    rest = rng.permutation(moving[moving != first])[: count - 1]
    channels = tuple(sorted(int(k) for k in (first, *rest)))
    size = SIZES[turn // len(USUAL_KINDS) % len(SIZES)] * (float(rng.choice((-1, 1))) if rule.both_ways else 1.0)
    return Fault(kind, start, length, channels, size, lag=SLOT, seed=int(rng.integers(2**31)))


def _faulty(ground: _Ground, slot: slice, fault: Fault) -> FloatArray:
    """Return the slot's values with the fault in them."""
    other = _elsewhere(ground, slot, fault) if fault.kind == "contextual" else slot
    both = np.concatenate([ground.calm[other], ground.calm[slot]])
    return inject(both, [replace(fault, start=fault.start + SLOT)], deviation=ground.unit)[SLOT:]


def _elsewhere(ground: _Ground, slot: slice, fault: Fault) -> slice:
    """Return the other time at which the device's channels read least like now, of some that are looked at."""
    device = ground.device[slot.start]
    first, end = np.searchsorted(ground.device, (device, device + 1)).tolist()
    others = ground.rng.integers(first, end + 1 - SLOT, _ELSEWHERE).tolist()
    rows, channels = np.arange(fault.start, fault.end)[:, None], list(fault.channels)
    now = ground.calm[slot][rows, channels]
    away = [np.abs(ground.calm[start : start + SLOT][rows, channels] - now).max() for start in others]
    start = others[int(np.argmax(np.nan_to_num(away, nan=-1.0)))]
    return slice(start, start + SLOT)


def _reaches(ground: _Ground, slot: slice, fault: Fault, faulty: FloatArray) -> bool:
    """Tell whether anything happened that is worth the name, to readings that are known."""
    touched, within = list(fault.channels), slice(fault.start, fault.end)
    away = np.abs(faulty[within, touched] - ground.calm[slot][within, touched]) / ground.unit[touched]
    needed = _REACHED * (abs(fault.size) if KINDS[fault.kind].sized else 1.0)
    return bool(np.isfinite(away).all() and away.max() >= needed)


def _told(table: Table, kind: np.ndarray, size: FloatArray) -> Table:
    """Return the table with columns that tell kind and size of each reading's event."""
    import polars as pl

    held = table.reading >= 0
    kinds = np.where(held, kind[table.reading], "")
    sizes = np.where(held, size[table.reading], np.nan)
    columns = table.columns.with_columns(
        event=pl.Series(kinds.tolist(), dtype=pl.String),
        event_size=pl.Series([None if np.isnan(x) else f"{x:g}" for x in sizes], dtype=pl.String),
    )
    return replace(table, columns=columns)
