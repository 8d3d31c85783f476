"""The period of a table: how many readings lie between two times at which everything is much the same again."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.rhythm import first_of_highest, peaks, resemblance

SHORTEST = 6
LONGEST = 20_160
"""Two weeks of minutes."""

_LEAST = 0.25
"""A resemblance below this is taken for chance, however many readings there are."""
_CERTAIN, _CUSTOMARY = 0.7, 0.35
"""What it takes where fewer than three periods are seen; the second for periods that people keep."""
_NEARLY = 0.75
"""Of the highest peak: noise lifts multiples of a period above it by as much."""
_CHANCE = 4.0
"""Standard errors of the autocorrelation of noise that a peak must exceed."""
_DROP = 0.2
"""How far resemblance must fall before a peak: a slow drift resembles itself at all short lags."""
_FAR = 5.0
"""Robust deviations at which values are cut, so that a few spikes do not hide a rhythm."""
_CUSTOMS_S = (60.0, 3_600.0, 86_400.0, 604_800.0)
_NEAR = 0.03


def period_in(rows: FloatArray, *, cadence_s: float | None) -> tuple[int, float] | None:
    """Return the period in rows and the resemblance at it, or None where there is none.

    Each channel is freed of its trend and of spikes. The period is the shortest of the highest peaks of the mean
    autocorrelation that are no chance: above 4 standard errors of noise and .25, behind a real trough, and repeated at
    twice the lag. Where fewer than three periods are seen it must reach .7, or .35 at a minute, hour, day or week; one
    that is within 3 % of such a span is taken to be that.

    Parameters
    ----------
    rows
        ndarray of shape (n, channels), float64, at even steps, without missing values.
    cadence_s
        Seconds between rows; None where nobody knows.

    Examples
    --------
    >>> period_in(np.sin(np.arange(6000) * 2 * np.pi / 288)[:, None], cadence_s=300.0)
    (288, 1.0)
    """
    count = len(rows)
    lagged = resemblance(_levelled(rows), min(int(1.1 * count / 2), LONGEST), paired=True)
    lags = peaks(lagged, shortest=SHORTEST)
    sure = [lag for lag in lags.tolist() if _is_no_chance(lagged, lag, count, cadence_s)]
    found = first_of_highest(np.array(sure, np.int64), lagged[sure], nearly=_NEARLY) if sure else None
    return None if found is None else (_custom(found, cadence_s) or found, round(min(float(lagged[found]), 1.0), 3))


def _is_no_chance(lagged: FloatArray, lag: int, count: int, cadence_s: float | None) -> bool:
    height, pairs = float(lagged[lag]), count - lag
    if height < max(_LEAST, _CHANCE / np.sqrt(pairs)) or height - lagged[:lag].min() < _DROP:
        return False
    if 3 * lag > count:
        return height >= (_CERTAIN if _custom(lag, cadence_s) is None else _CUSTOMARY)
    twice = lagged[int(1.9 * lag) : int(2.1 * lag) + 2]
    return not len(twice) or bool(twice.max() >= 0.5 * height)


def _custom(lag: int, cadence_s: float | None) -> int | None:
    """Return the lag that is meant if this one is about a minute, an hour, a day or a week."""
    spans = [] if cadence_s is None else [span / cadence_s for span in _CUSTOMS_S]
    return next((round(span) for span in spans if span >= SHORTEST and abs(lag / span - 1) <= _NEAR), None)


def _levelled(rows: FloatArray) -> FloatArray:
    """Return each channel that moves without its trend, cut at 5 robust deviations."""
    if len(rows) < 4:
        return np.zeros((len(rows), 0))
    at = np.linspace(-1, 1, len(rows))
    centred = rows - np.median(rows, axis=0)
    spread = (np.diff(np.percentile(centred, [25, 75], axis=0), axis=0) / 1.349)[0]
    spread = np.where(spread > 0, spread, centred.std(axis=0))
    cut = np.clip(centred, -_FAR * spread, _FAR * spread)
    levelled: FloatArray = cut - cut.mean(axis=0) - at[:, None] * (at @ cut / (at @ at))
    return levelled
