"""How often readings come, and whether they already lie on one grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import IntArray
from tocsin.sources._spans import in_words

_JITTER = 0.01  # of a period
_SHARE = 0.99  # of the steps


@dataclass(frozen=True)
class Cadence:
    """How often readings come.

    Parameters
    ----------
    period_ns
        Median positive step between readings of one device in ns; 1 where rows are the clock.
    regular
        Is the table one grid already? At least 99 % of the steps are whole multiples of the period within 1 % of it,
        and at most 1 % repeat a time. Then no clock is needed.
    row_clock
        Is the time just the row's number?
    """

    period_ns: int
    regular: bool
    row_clock: bool = False

    def text(self) -> str:
        """Return the cadence in words."""
        if self.row_clock:
            return "one a row"
        return f"{'every' if self.regular else 'irregular, mostly every'} {in_words(self.period_ns)}"

    @staticmethod
    def of(steps: IntArray) -> Cadence:
        """Return the cadence behind the steps in ns between successive readings of one device, in order of time.

        Parameters
        ----------
        steps
            ndarray of shape (n,), int64, ns, none negative; of all devices, one after the other.

        Examples
        --------
        >>> minute = 60 * 10**9
        >>> Cadence.of(np.array([minute, minute, 2 * minute]))
        Cadence(period_ns=60000000000, regular=True, row_clock=False)
        """
        positive = steps[steps > 0]
        if not len(positive):
            return Cadence(1, regular=False)
        period = int(np.median(positive))
        repeats = 1 - len(positive) / len(steps)
        off = np.abs(positive - np.rint(positive / period).astype(np.int64) * period)
        on_grid = np.mean((off <= _JITTER * period) & (positive >= (1 - _JITTER) * period))
        return Cadence(period, regular=bool(on_grid >= _SHARE and repeats <= 1 - _SHARE))
