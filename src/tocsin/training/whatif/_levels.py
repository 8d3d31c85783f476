"""Which limits are tried: where they part the scores, from those that ring often to the first that never does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.errors import InputError, SettingError
from tocsin.evaluation.metrics.points import flagged_runs
from tocsin.training.history import History

SHARES = (0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
"""Shares of the normal scores that shall lie above a limit."""

NEAR = 0.7
"""A share this near to that above the limit in force says nothing new."""

APART = 0.03
"""The least distance between two limits, as a share of that between the lowest and the highest."""

REACHED = (0.25, 0.5, 0.75)
"""Shares of the labelled events whose highest score shall stay below a limit, beyond the normal scores."""

_NOTHING = 1e-100

_LEAST = 5e-324
"""The least number above 0 that a float64 holds."""

DIGITS = 4
"""Digits of a limit: people have to type it."""


@dataclass(frozen=True)
class Level:
    """A limit to be tried.

    Parameters
    ----------
    excess
        How far above the limit in force, as a share of that one's size; 0 is the limit in force itself.
    limit
        In units of the score; None where the limit moves.
    """

    excess: float
    limit: float | None

    @property
    def times(self) -> float:
        """The multiple of the limit in force, where that lies above 0."""
        return 1 + self.excess

    def over(self, history: History) -> FloatArray:
        """Return the limit at each bin of a history: an ndarray of shape (n,), float64."""
        own = history.judged.limit
        if self.limit is not None:
            return np.where(np.isnan(own), np.nan, self.limit)
        return own + self.excess * _size(own)


def levels(history: History, *, asked: Sequence[str] = ()) -> list[Level]:
    """Return the limits to be tried, in rising order; the one in force is among them.

    Parameters
    ----------
    history
        At least one of its bins has a score and a limit.
    asked
        Multiples of the limit in force, such as "1.5", or percentiles of the normal scores, such as "p99.9"; none for
        those that leave one in 20, …, one in 10,000, and none of the normal scores above them, and for some beyond that
        part the labelled events.

    Raises
    ------
    InputError
        If no normal reading of the history got a score.
    SettingError
        If what is asked for is neither.
    """
    excess = np.sort(_excess(history)[history.normal])
    if not len(excess):
        raise InputError(
            "No reading got a score that can be taken to be normal.", remedy="Give more readings without anomalies."
        )
    wanted = [_asked(text, excess) for text in asked] or [*(normal := _parting(excess)), *_beyond(history, normal[0])]
    found = {level.excess: level for level in (_level(history, one) for one in (*wanted, 0.0))}
    return [found[one] for one in sorted(found)]


def _excess(history: History) -> FloatArray:
    """Return how far each score lies above the limit in force, as a share of its size; NaN where there is none."""
    return np.asarray((history.judged.score - history.judged.limit) / _size(history.judged.limit))


def _size(limit: FloatArray) -> FloatArray:
    """Return what a limit's multiples are multiples of; 1 where it is 0, or as good as that."""
    return np.where(np.abs(limit) < _NOTHING, 1.0, np.abs(limit))


def _parting(excess: FloatArray) -> list[float]:
    """Return places that leave the usual shares above them, and one just above all."""
    n = len(excess)
    own = np.mean(excess > 0)
    shares = [share for share in SHARES if share * n >= 1 and not NEAR * own < share < own / NEAR]
    top = float(excess[-1] + 1e-3 * abs(1 + excess[-1]))
    if excess[-1] <= 0:
        top = min(top, 0.0)  # the limit in force already is just above all
    places = [float(excess[n - 1 - int(share * n)]) for share in shares]
    apart = APART * (top - min(places, default=top))
    found = [top]
    for place in reversed(places):
        if found[-1] - place >= apart:
            found.append(place)
    return found


def _beyond(history: History, top: float) -> list[float]:
    """Return places above ``top``, and well apart, that some of the labelled events do not reach."""
    if history.labelled is None:
        return []
    starts, stops = flagged_runs(history.labelled & history.scored, history.device)
    excess = _excess(history)
    peaks = [float(excess[start:stop].max()) for start, stop in zip(starts, stops, strict=True)]
    found = [top]
    for place in np.quantile(peaks, REACHED).tolist() if peaks else []:
        if place - found[-1] > APART * abs(1 + place):
            found.append(place)
    return found[1:]


def _level(history: History, excess: float) -> Level:
    """Return a level near the one wanted, with a limit that can be typed."""
    own = history.judged.limit[history.scored]
    fixed, size = float(own[0]), float(_size(own[:1])[0])
    if (own != fixed).any():
        return Level(_short(1 + excess) - 1 if excess else 0.0, None)
    limit = _short(fixed + excess * size) if excess else fixed
    return Level((limit - fixed) / size, limit)


def _short(value: float) -> float:
    """Return ``value`` in so many digits as people type, rounded up so that what lay at it does not ring.

    >>> _short(0.61234567), _short(12345.6), _short(-0.0123456), _short(5e-324)
    (0.6124, 12350.0, -0.01234, 5e-324)
    """
    if not value:
        return 0.0
    unit = 10.0 ** (int(np.floor(np.log10(abs(value)))) + 1 - DIGITS) or _LEAST
    return float(f"{np.ceil(value / unit) * unit:.{DIGITS}g}")


def _asked(text: str, excess: FloatArray) -> float:
    """Return where a level lies that is written as a multiple or as a percentile."""
    try:
        value = float(text.removeprefix("p"))
    except ValueError:
        value = float("nan")
    if text.startswith("p") and 0 < value < 100:
        return float(np.percentile(excess, value))
    if not text.startswith("p") and 0 < value < float("inf"):
        return value - 1
    raise SettingError(
        f"{text!r} is no limit to try.", remedy="Give multiples of the limit in force, or percentiles: 0.8,1.5,p99.9"
    )
