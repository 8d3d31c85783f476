"""When nobody is to be called: quiet hours, and maintenance. Verdicts are kept then, and incidents held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.alerting.maintenance import Maintenance
from tocsin.alerting.quiet_hours import QuietHours
from tocsin.core.arrays import BoolArray, IntArray


@dataclass(frozen=True)
class Calendar:
    """All quiet hours and all maintenance.

    Parameters
    ----------
    quiet
        Of all devices.
    maintenance
        Each of some devices.
    reach_ns
        For so long after maintenance windows still hold readings of it: a window's length, in ns.

    Examples
    --------
    >>> own = Calendar.parse(["Sat,Sun"], ["2026-03-02T08:00Z/2026-03-02T09:00Z"], reach_ns=0)
    >>> days = np.array([["2026-03-01T12:00", "2026-03-02T08:30"]], "datetime64[ns]").astype(np.int64)
    >>> own.hushed(days).tolist(), own.spared(days, own.concern(["pump-1"])).tolist()
    ([[True, False]], [[False, True]])
    """

    quiet: tuple[QuietHours, ...]
    maintenance: tuple[Maintenance, ...]
    reach_ns: int

    @classmethod
    def parse(cls, quiet: Sequence[str], maintenance: Sequence[str], *, reach_ns: int) -> Calendar:
        """Return the calendar of what is written; see :class:`QuietHours` and :class:`Maintenance`."""
        return cls(tuple(map(QuietHours.parse, quiet)), tuple(map(Maintenance.parse, maintenance)), reach_ns)

    def concern(self, names: Sequence[str]) -> BoolArray:
        """Tell which maintenance concerns the devices called ``names``: an ndarray of shape (names, maintenance)."""
        found = [[work.holds(name) for work in self.maintenance] for name in names]
        return np.array(found, np.bool_).reshape(len(names), len(self.maintenance))

    def hushed(self, time: IntArray) -> BoolArray:
        """Tell which times lie in quiet hours; shaped as ``time``, int64, ns."""
        found = np.zeros(time.shape, np.bool_)
        for hours in self.quiet:
            found |= hours.cover(time)
        return found

    def spared(self, time: IntArray, concern: BoolArray) -> BoolArray:
        """Tell at which times, of shape (devices, n), the windows hold readings of maintenance.

        ``concern`` has shape (devices, maintenance); see :meth:`concern`.
        """
        found = np.zeros(time.shape, np.bool_)
        for k, work in enumerate(self.maintenance):
            found |= concern[:, k, None] & (time >= work.start) & (time < work.stop + self.reach_ns)
        return found
