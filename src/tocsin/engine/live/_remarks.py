"""What a feed tells people who have just set it up: that nothing comes, or why nothing is made of what comes.

Each of these looks like a quiet plant from afar, so each is said in the log, with an example, once an hour.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from tocsin.core.arrays import NEVER, BoolArray
from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.tidings import Tidings

PATIENCE_S = 60.0
"""So long nothing need come at first, nor any channel."""
AGAIN_S = 3_600.0
"""So long the same is not said again."""
ENOUGH = 20
"""So many readings may tell what is wrong with most of them."""
MOST = 0.9
"""Such a share of readings is most of them."""
AHEAD_NS = 5 * 60 * 10**9
"""A clock may go fast by so much."""

_DAY_NS = 86_400 * 10**9
_KINDS = 64
_SHOWN = 160
_DETAIL = re.compile(r'"[^"]*"|\'[^\']*\'|\d[\d.,]*')
_CURES = {
    "late": "their times repeat, or lie before some that were judged. Do two senders share a device's name, or send "
    "the past again? Stragglers are waited for with `allowance`.",
    "invalid": "their times cannot be read, or lie more than a day ahead. Check the clocks of the devices, and whether "
    "they write times as in training.",
}
_LOG = logging.getLogger(__name__)


class Remarks:
    """Notices what only people can put right, and says it in the log, each kind once an hour.

    Parameters
    ----------
    feed
        Whose remarks they are.
    live
        Does time pass while nothing comes?
    clock
        Monotonic, in s.

    Examples
    --------
    >>> remarks = Remarks("plant", live=True)
    >>> remarks.wants(["temperature"])
    >>> remarks.polled(heard=False, connected=True)  # nothing to say before a minute has passed
    """

    def __init__(self, feed: str, *, live: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._feed, self._live, self._clock = feed, live, clock
        self._said: dict[str, float] = {}
        self._quiet_since: float | None = clock()
        self._missing: set[str] = set()
        self._first: float | None = None
        self._readings = 0
        self._statuses = Counter[str]()
        self._example = ""

    def wants(self, channels: Iterable[str]) -> None:
        """Note which channels are judged."""
        self._missing, self._first, self._readings = set(channels), None, 0

    def polled(self, *, heard: bool, connected: bool) -> None:
        """Note whether a poll brought anything; until it first does, that is worth a word."""
        if heard:
            self._quiet_since = None
        elif not connected and self._quiet_since is not None:
            self._quiet_since = self._clock()
        elif self._live and self._quiet_since is not None and self._clock() - self._quiet_since >= PATIENCE_S:
            self._say(
                "nothing",
                "Nothing has come yet, though the connection stands. Does anybody send, and is the address right: its "
                "topic, table or file?",
            )

    def put_aside(self, letters: Sequence[DeadLetter]) -> None:
        """Tell of messages that mean nothing: the first of each kind."""
        for letter in letters:
            told = f"Put aside, from {letter.origin}: {_plain(letter.payload)} — {letter.reason}"
            self._say(f"aside {_DETAIL.sub('…', letter.reason)}", told)

    def judged(self, arrivals: Arrivals, tidings: Tidings) -> None:
        """Look at readings and at what became of them."""
        if not len(arrivals):
            return
        self._channels(arrivals)
        self._times(arrivals)
        self._statuses.update(tidings.statuses)
        whole = self._statuses.total()
        if whole < ENOUGH:
            return
        for status, cure in _CURES.items():
            if (bad := self._statuses[status]) >= MOST * whole:
                self._say(status, f"{bad} of the last {whole} readings are {status}: {cure}{self._example}")
        self._statuses.clear()
        self._example = ""

    def _channels(self, arrivals: Arrivals) -> None:
        """Tell which channels no reading has brought."""
        if not self._missing:
            return
        if self._first is None:
            self._first = self._clock()
        self._readings += len(arrivals)
        came = np.asarray(~np.isnan(arrivals.values).all(axis=0))
        self._missing -= {name for name, there in zip(arrivals.channels, came.tolist(), strict=True) if there}
        if self._missing and self._readings >= ENOUGH and self._clock() - self._first >= PATIENCE_S:
            names = ", ".join(sorted(self._missing))
            self._say(
                "channels", f"None of the first {self._readings} readings brought {names}. Do they have other names?"
            )
            self._missing = set()

    def _times(self, arrivals: Arrivals) -> None:
        """Look for clocks that are wrong."""
        ahead = arrivals.time - arrivals.arrived
        unfit = (arrivals.time == NEVER) | (ahead > _DAY_NS)
        if unfit.any():
            self._example = self._example or _example(arrivals, unfit)
            return
        least = int(ahead.min())
        if self._live and least > AHEAD_NS:
            told = (
                f"Readings bear times that are {least / 60e9:.0f} min ahead. Is a time zone missing, or a clock wrong?"
            )
            self._say("ahead", f"{told} Incidents would bear such times.")

    def _say(self, kind: str, text: str) -> None:
        now = self._clock()
        if now - self._said.get(kind, -AGAIN_S) < AGAIN_S:
            return
        if len(self._said) >= _KINDS:
            self._said = {one: when for one, when in self._said.items() if now - when < AGAIN_S}
        if len(self._said) < _KINDS:
            self._said[kind] = now
            _LOG.warning("%s", text, extra={"feed": self._feed})


def _plain(payload: bytes) -> str:
    r"""Return the beginning of a message as it can be shown.

    >>> _plain(b"temp=21\x1b[2J")
    'temp=21·[2J'
    """
    text = payload[: 4 * _SHOWN].decode("utf-8", "replace")
    shown = "".join(sign if sign.isprintable() else "·" for sign in text[:_SHOWN])
    return shown + ("…" if len(text) > _SHOWN else "") or "(empty)"


def _example(arrivals: Arrivals, unfit: BoolArray) -> str:
    row = int(np.flatnonzero(unfit)[0])
    device, when = arrivals.devices[int(arrivals.device[row])], int(arrivals.time[row])
    said = "no time that can be read" if when == NEVER else f"{str(np.datetime64(when, 'ns'))[:19]} UTC"
    return f" For example {device}: {said}."
