"""Probation: whether a new artifact does on an edge what was promised of it, and what speaks against it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tocsin.cascade.observed import Observed

CHANCE = 1e-4
"""A share that chance alone would bring less often than this speaks against an artifact."""
LEAST_SHARE = 0.005
"""So many readings may be flagged, whatever was promised: plants have bad minutes."""
MOST_PROMISED = 0.05
"""A promise to flag more than this is none: so may a limit that was mistaken for another."""
WORSE = 3.0
"""So many times as many readings may be flagged, or be without a score, as were promised and seen before."""
SLOWER = 5.0
SLOW_S = 0.02
"""A reading may take five times as long to judge, and 20 ms in any case."""
FEW = 8
"""Independent verdicts below which nothing is said."""
DEATHS = 3
"""Ends of the watch, other than in good order, after which an artifact on probation is held to be the cause."""


@dataclass(frozen=True)
class Conduct:
    """How judging went for a while.

    Parameters
    ----------
    readings
        Verdicts of any status but "stale", which a silent device gets.
    judged
        Those with a score.
    anomalous
        Those above their limit.
    without
        Those without a score for another reason than a window that was not yet full.
    seconds
        Time that judging a reading took, on average; 0 where that is not known.
    """

    readings: int = 0
    judged: int = 0
    anomalous: int = 0
    without: int = 0
    seconds: float = 0.0

    @classmethod
    def of(cls, observed: Observed, seconds: float = 0.0) -> Conduct:
        """Return how an artifact has done, from what was observed of it."""
        readings = observed.readings - observed.statuses.get("stale", 0)
        without = readings - observed.judged - observed.statuses.get("warming", 0)
        return cls(readings, observed.judged, observed.anomalous, without, seconds)


def complaint(now: Conduct, before: Conduct, *, promised: float | None, window: int, over: bool = False) -> str:
    """Return what speaks against an artifact on probation, in a sentence; "" where nothing does.

    Of n independent readings of which each is flagged with the chance p, k or more are with a chance of at most
    exp(-n KL(k/n, p)), KL(q, p) = q ln(q/p) + (1-q) ln((1-q)/(1-p)) (H. Chernoff, 1952; W. Hoeffding, 1963, theorem 1).
    Windows that overlap are not independent, so n and k are divided by the length of a window. p is three times the
    greatest of what was promised, five per cent at most, what was seen of the artifact before, and half a per cent.

    Parameters
    ----------
    now
        Since the artifact is in force.
    before
        Of the artifact before it.
    promised
        Share of the readings above the limit that was found from them; None where it moves.
    window
        Readings in a window of the artifact.
    over
        Is the time of probation over? Until then windows may still be filling.

    Examples
    --------
    >>> complaint(Conduct(2000, 2000, 1500), Conduct(2000, 2000, 4), promised=0.005, window=10)
    '75 % of the readings are flagged; 0.5 % were promised, and 0.2 % were before.'
    >>> complaint(Conduct(2000, 2000, 12), Conduct(2000, 2000, 4), promised=0.005, window=10)
    ''
    >>> complaint(Conduct(2000, 2000, 1500), Conduct(0, 0, 0), promised=None, window=10)
    '75 % of the readings are flagged.'
    """
    most = max(min(promised or 0.0, MOST_PROMISED), _share(before.anomalous, before.judged), LEAST_SHARE)
    if _too_many(now.anomalous, now.judged, allowed=WORSE * most, window=window):
        told = [] if promised is None else [f"{_percent(promised)} were promised"]
        known = [f"{_percent(_share(before.anomalous, before.judged))} were before"] if before.judged else []
        said = ", and ".join([*told, *known])
        return f"{_percent(now.anomalous / now.judged)} of the readings are flagged{said and '; ' + said}."
    usual = max(_share(before.without, before.readings), LEAST_SHARE)
    if _too_many(now.without, now.readings, allowed=WORSE * usual, window=window):
        past = _percent(_share(before.without, before.readings))
        return f"{_percent(now.without / now.readings)} of the readings get no score; {past} got none before."
    if over and now.readings and not now.judged:
        return f"None of {now.readings:,} readings got a score."
    if before.seconds and now.seconds > max(SLOWER * before.seconds, SLOW_S):
        return f"Judging a reading takes {1e3 * now.seconds:.3g} ms; before it took {1e3 * before.seconds:.3g} ms."
    return ""


def _too_many(found: int, total: int, *, allowed: float, window: int) -> bool:
    n = total / window
    if n < FEW or not found:
        return False
    q, p = found / total, min(allowed, 1 - 1e-9)
    if q <= p:
        return False
    rest = 0.0 if q == 1 else (1 - q) * math.log((1 - q) / (1 - p))
    return math.exp(-n * (q * math.log(q / p) + rest)) < CHANCE


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
