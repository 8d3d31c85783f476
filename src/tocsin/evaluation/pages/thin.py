"""Making a million readings light enough for a page or a picture: no extreme, anomaly or gap is lost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, FloatArray, IntArray

GAP_FACTOR = 3.5
"""A pause longer than this many usual steps breaks the line."""
MAX_GAPS = 1000


def bucket_starts(rows: int, points: int, *, detail: Sequence[tuple[int, int]] = (), cuts: IntArray) -> IntArray:
    """Return the row at which each bucket starts; a bucket is drawn as the smallest and largest value in it.

    While ``rows`` fits into ``points`` every row is its own bucket. Beyond, half of the buckets go to stretches that
    will be looked at closely, one row each, and half are spread evenly.

    Parameters
    ----------
    rows
        Readings of the device.
    points
        How many points may be drawn; a bucket takes two.
    detail
        Stretches of rows (start, stop) to keep whole, most wanted first.
    cuts
        ndarray of shape (k,), int64: rows at which a bucket must start.

    Returns
    -------
    ndarray of shape (buckets,), int64
        Rising, beginning with 0; empty for no rows.
    """
    if rows <= points:
        return np.arange(rows)
    step = -(-rows // max(points // 4, 1))
    kept = _within(detail, quota=points // 4)
    starts = np.concatenate([np.arange(0, rows, step), kept, kept + 1, cuts])
    return np.unique(starts[starts < rows])


def _within(stretches: Sequence[tuple[int, int]], quota: int) -> IntArray:
    kept: list[IntArray] = []
    for start, stop in stretches:
        if stop - start <= quota:
            quota -= stop - start
            kept.append(np.arange(start, stop))
    return np.concatenate(kept) if kept else np.zeros(0, np.int64)


def extremes(values: npt.NDArray[np.floating], starts: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the smallest and the largest value of each bucket, per column; NaN where a bucket holds none."""
    if not len(starts):
        empty = np.zeros((0, *values.shape[1:]))
        return empty, empty
    low = np.fmin.reduceat(values, starts, axis=0)
    return low, low if len(starts) == len(values) else np.fmax.reduceat(values, starts, axis=0)


def gaps(time: IntArray) -> IntArray:
    """Return the rows before which nothing came for longer than usual; the longest 1,000 where there are more.

    ``time`` is rising, ndarray of shape (n,), int64.
    """
    step = np.diff(time)
    moved = step[step > 0]
    if not len(moved):
        return np.zeros(0, np.int64)
    found = np.flatnonzero(step > GAP_FACTOR * np.median(moved))
    longest = found[np.argsort(step[found], kind="stable")[-MAX_GAPS:]]
    return np.sort(longest) + 1


def worst_spread(rows: IntArray, severity: FloatArray, most: int) -> IntArray:
    """Return at most ``most`` of ``rows``: the row of highest severity out of each of as many equal groups.

    So no region falls silent, and the worst of all is always among them. ``severity`` has the shape of ``rows``.
    """
    if len(rows) <= most:
        return rows
    group = np.arange(len(rows)) * most // len(rows)
    order = np.lexsort((severity, group))
    last = np.flatnonzero(np.diff(group[order], append=most))
    return np.sort(rows[order[last]])


def ranges(flags: BoolArray, time: FloatArray, most: int, *, cuts: IntArray) -> list[tuple[float, float]]:
    """Return from when to when each run of True lasts; the ``most`` longest where there are more.

    A run ends before each row in ``cuts``, so that nothing is said of a pause.
    """
    part = np.zeros(len(flags), np.int64)
    part[cuts] = 2
    starts, stops = runs(np.cumsum(part) + flags.astype(np.int64))
    here = flags[starts] if len(starts) else np.zeros(0, bool)
    starts, stops = starts[here], stops[here]
    kept = np.sort(np.argsort(stops - starts, kind="stable")[-most:])
    return list(zip(time[starts[kept]].tolist(), time[stops[kept] - 1].tolist(), strict=True))


def runs(code: IntArray) -> tuple[IntArray, IntArray]:
    """Return starts and stops (exclusive) of the maximal runs of one value."""
    if not len(code):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(code)) + 1])
    return starts, np.append(starts[1:], len(code))
