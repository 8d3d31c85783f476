"""How often readings come, and whether they already lie on one grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import IntArray
from tocsin.sources.tables._spans import in_words

_JITTER = 0.01  # of a period
_SHARE = 0.99  # of the steps
_NEAR = 0.05  # of a period, within which a round one is meant
_SECOND = 10**9
_ROUND = np.array(
    [lead * 10**k for k in range(9) for lead in (1, 2, 5)]
    + [n * _SECOND for n in (1, 2, 5, 10, 15, 20, 30)]
    + [n * 60 * _SECOND for n in (1, 2, 5, 10, 15, 20, 30)]
    + [n * 3_600 * _SECOND for n in (1, 2, 3, 4, 6, 12, 24)]
)
"""The periods that people choose, in ns, ascending."""


@dataclass(frozen=True)
class Cadence:
    """How often readings come.

    Parameters
    ----------
    period_ns
        Of the fastest channel, in ns: the median step between its values of one device, exact where the table is
        regular, else the round period near it if there is one; 1 where rows are the clock.
    regular
        Is the table one grid already? At least 99 % of the steps are whole multiples of the period within 1 % of it,
        and at most 1 % repeat a time. Then no clock is needed.
    row_clock
        Is the time just the row's number?
    slowest_ns
        Period of the slowest channel that keeps one, in ns; never below ``period_ns``.
    """

    period_ns: int
    regular: bool
    row_clock: bool = False
    slowest_ns: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "slowest_ns", max(self.slowest_ns, self.period_ns))

    def text(self) -> str:
        """Return the cadence in words."""
        if self.row_clock:
            return "one a row"
        return f"{'every' if self.regular else 'irregular, mostly every'} {in_words(self.period_ns)}"

    @staticmethod
    def of(steps: IntArray, paces: IntArray | None = None) -> Cadence:
        """Return the cadence behind the steps in ns between successive readings of one device, in order of time.

        Parameters
        ----------
        steps
            ndarray of shape (n,), int64, ns, none negative; of all devices, one after the other.
        paces
            ndarray of shape (channels,), int64, ns: the period of each channel; None where all speak in each reading.

        Examples
        --------
        >>> minute = 60 * 10**9
        >>> Cadence.of(np.array([minute, minute, 2 * minute]))
        Cadence(period_ns=60000000000, regular=True, row_clock=False, slowest_ns=60000000000)
        """
        positive = steps[steps > 0]
        if not len(positive):
            return Cadence(1, regular=False)
        period = int(np.median(positive))
        paces = np.array([period]) if paces is None or not len(paces) else paces
        if _on_grid(steps, positive, period):
            return Cadence(period, regular=True, slowest_ns=int(paces.max()))
        return Cadence(_rounded(int(paces.min())), regular=False, slowest_ns=_rounded(int(paces.max())))


def _on_grid(steps: IntArray, positive: IntArray, period: int) -> bool:
    repeats = 1 - len(positive) / len(steps)
    off = np.abs(positive - np.rint(positive / period).astype(np.int64) * period)
    near = np.mean((off <= _JITTER * period) & (positive >= (1 - _JITTER) * period))
    return bool(near >= _SHARE and repeats <= 1 - _SHARE)


def _rounded(period: int) -> int:
    """Return the round period that is meant, or the period itself where none is near."""
    nearest = int(_ROUND[np.argmin(np.abs(_ROUND - period))])
    return nearest if abs(nearest - period) <= _NEAR * nearest else period
