"""When readings reached us, and by how much that clock moved without the devices' fault."""

from __future__ import annotations

import time
from collections.abc import Callable

NOTICED_NS = 2 * 10**9
"""Clocks that drift by less, and absences that last less, are nobody's concern."""


class Stamps:
    """Stamps arrivals with the wall clock, and watches it by one that nobody sets.

    The wall clock is set by people and by NTP, machines are suspended, brokers go away, and we ourselves were not
    running for a while. None of that is a device's silence. Whoever listens calls :meth:`beat` whenever something
    arrives, sees to it that something does about once a second, and hands :meth:`shift` on with the next readings.

    Parameters
    ----------
    last
        The last stamp of an earlier process, in ns; the time since then is not counted as silence. 0 where there is
        none.
    wall, steady
        The clocks, in ns.

    Examples
    --------
    >>> hands = {"wall": 10**18, "steady": 0}
    >>> stamps = Stamps(wall=lambda: hands["wall"], steady=lambda: hands["steady"])
    >>> hands = {"wall": 10**18 + 3_601 * 10**9, "steady": 10**9}  # the clock is set on by an hour
    >>> stamps.beat() == hands["wall"], stamps.shift() // 10**9, stamps.shift()
    (True, 3600, 0)
    """

    def __init__(
        self,
        *,
        last: int = 0,
        wall: Callable[[], int] = time.time_ns,
        steady: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall, self._steady = wall, steady
        now, self._steady_then = wall(), steady()
        self._offset = now - self._steady_then
        self._shift = now - last if last else 0

    def beat(self, *, due_ns: int = 10**9) -> int:
        """Look at the clocks and return the stamp for what has just arrived.

        Parameters
        ----------
        due_ns
            Within which time something had to arrive, if only the broker's answer to a ping. Where it took much
            longer, the broker was away, or we were stopped, and could not have heard any device.
        """
        now, steady = self._wall(), self._steady()
        passed, moved = steady - self._steady_then, now - steady - self._offset
        self._steady_then = steady
        if passed > due_ns + NOTICED_NS:
            self._shift += passed
        if abs(moved) > NOTICED_NS:
            self._shift += moved
            self._offset += moved
        return now

    def shift(self) -> int:
        """Return by how much the stamps moved, in ns, and count from 0 again."""
        shift, self._shift = self._shift, 0
        return shift
