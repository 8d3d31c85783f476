"""How alike a student and its teacher are, on windows that the student has not learned from."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.graph.run import Runner
from tocsin.training.smaller._classroom import Classroom

_FEWEST = 0.02
"""The share of windows above the limit, and below it, without which levels cannot be compared."""

_MOST = 2.0
"""No student is this far off; a factor is held within it and its inverse."""


@dataclass(frozen=True)
class Likeness:
    """How alike two artifacts are.

    Parameters
    ----------
    calm, faulty
        Share of the windows with the same verdict, of those as they were and of those with a fault put in.
    rank
        Spearman's correlation of their scores over all of them.
    """

    calm: float
    faulty: float
    rank: float

    def as_dict(self) -> dict[str, float]:
        """Return all of it as plain values, ready for JSON."""
        return asdict(self)

    def told(self) -> str:
        """Return it in a sentence."""
        return (
            f"On windows it has not learned from it gives its teacher's verdict on {100 * self.calm:.1f} % of the "
            f"normal ones and {100 * self.faulty:.1f} % of those with a fault; their scores' ranks correlate with "
            f"{self.rank:.3f}."
        )


def likeness(room: Classroom, student: Runner, *, limit: float) -> Likeness:
    """Compare a student with its teacher, each at the limit it begins with.

    Parameters
    ----------
    room
        Where it learned.
    student
        Its graph.
    limit
        Its limit.
    """
    later, score = room.later, student(room.later.raw).score.astype(np.float64)
    same = (score > limit) == (later.score > room.limit)
    told = later.score.astype(np.float64)
    return Likeness(_share(same[later.calm]), _share(same[~later.calm]), spearman(score, told))


def matched(room: Classroom, student: Runner) -> float:
    """Return the factor that lets as many windows of a student lie above the teacher's limit as of the teacher.

    Whoever guesses tells less of what is strange than there is; where a limit is stated, that would cost alarms.
    """
    later = room.later
    share = float(np.mean(later.score > room.limit))
    if not _FEWEST < share < 1 - _FEWEST:
        return 1.0
    level = float(np.quantile(student(later.raw).score.astype(np.float64), 1 - share)) - room.base
    return float(np.clip((room.limit - room.base) / level, 1 / _MOST, _MOST)) if level > 0 else 1.0


def spearman(one: FloatArray, other: FloatArray) -> float:
    """Return the correlation of ranks (Spearman 1904); 0 where one of them is constant.

    >>> spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 9.0]))
    1.0
    """
    first, second = (np.argsort(np.argsort(values)).astype(np.float64) for values in (one, other))
    if len(one) < 2 or any(np.ptp(values) == 0 for values in (one, other)):
        return 0.0
    return float(np.round(np.corrcoef(first, second)[0, 1], 12))


def _share(same: BoolArray) -> float:
    return float(np.mean(same)) if len(same) else 1.0
