"""Waiting for a store that is away: try again for as long as it takes, and let nothing else go on meanwhile."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from tocsin.engine.live.meters import Meters
from tocsin.store import StoreAway

T = TypeVar("T")

FIRST_WAIT_S = 0.05
LONGEST_WAIT_S = 2.0
_SAY_AGAIN_S = 60.0

_LOG = logging.getLogger(__name__)


class Halted(Exception):  # noqa: N818  # no error: somebody asked for it
    """The watch is to stop, and the store is still away."""


class Patience:
    """Calls the store until it answers. That is the back-pressure: whoever waits here reads no further.

    Parameters
    ----------
    meters
        Counts refusals.
    stop
        Set when the watch is to stop; then each call is tried once.
    """

    def __init__(self, meters: Meters, stop: threading.Event) -> None:
        self._meters, self.stop = meters, stop
        self.trouble = ""
        """What the store says while it is away; "" while it answers."""

    def __call__(self, call: Callable[[], T]) -> T:
        """Return what ``call`` returns, tried again and again while the store is away.

        Raises
        ------
        Halted
            If the watch is to stop, and the store does not answer.
        """
        wait, since, said = FIRST_WAIT_S, time.monotonic(), -_SAY_AGAIN_S
        while True:
            try:
                found = call()
            except StoreAway as away:
                self.trouble = str(away)
                self._meters.add("tocsin_store_failures_total")
                if time.monotonic() - said >= _SAY_AGAIN_S:
                    said = time.monotonic()
                    _LOG.warning("%s It is tried again until it answers; nothing is read meanwhile.", away)
                if self.stop.wait(wait):
                    raise Halted(str(away)) from away
                wait = min(2 * wait, LONGEST_WAIT_S)
            else:
                if self.trouble:
                    _LOG.warning("The store answers again, after %.1f s.", time.monotonic() - since)
                self.trouble = ""
                return found
