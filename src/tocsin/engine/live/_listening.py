"""How long a lane has been listened to in vain: the only time in which a device can fall silent."""

from __future__ import annotations

from collections.abc import Collection

LONGEST_S = 1.0
"""A round that takes longer, because the store or the machine was busy, counts for so long: nobody was listening."""


class Listening:
    """Counts, lane by lane, the time since something came, as far as somebody was listening.

    Examples
    --------
    >>> listening = Listening()
    >>> for second in (0.0, 0.5, 1.0, 60.0):
    ...     listening.follow({"pumps/0"}, second, quiet=True)
    >>> listening.idle_ns("pumps/0")
    2000000000
    >>> listening.heard("pumps/0"); listening.idle_ns("pumps/0")
    0
    """

    def __init__(self) -> None:
        self._idle_s: dict[str, float] = {}
        self._then: float | None = None

    def follow(self, lanes: Collection[str], now: float, *, quiet: bool) -> None:
        """Note that a round is over.

        Parameters
        ----------
        lanes
            Those in hand; one that was not before has been listened to for no time.
        now
            On the monotonic clock, in s.
        quiet
            Would a device have been heard? Not while the source is not connected, or much waits to be read.
        """
        passed = 0.0 if self._then is None or not quiet else min(now - self._then, LONGEST_S)
        self._idle_s = {lane: self._idle_s[lane] + passed if lane in self._idle_s else 0.0 for lane in lanes}
        self._then = now

    def heard(self, lane: str) -> None:
        """Note that something came."""
        self._idle_s[lane] = 0.0

    def idle_ns(self, lane: str) -> int:
        """Return for how long a lane has brought nothing, in ns."""
        return int(self._idle_s.get(lane, 0.0) * 1e9)
