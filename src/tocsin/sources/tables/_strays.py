"""Finding stamps that lie far ahead of all around them: one such would make every later reading late."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray
from tocsin.sources.tables._finding import Finding
from tocsin.sources.tables._spans import in_words

_DAY = 86_400 * 10**9
_PERIODS = 100
_START = 30 * _DAY  # the first readings have nothing before them that would tell, so more is asked of them
_RUN = 5  # stray stamps in a row, at most; more are a block that was moved
_DISORDER = 0.05  # of the readings step back: then the file has no order that a stamp could stray from


@dataclass(frozen=True, eq=False)
class Strays:
    """Readings whose time lies far ahead of those around them.

    Parameters
    ----------
    row
        ndarray of shape (m,), int64: their rows, ascending.
    ahead_ns
        ndarray of shape (m,), float64: how far each lies ahead, in ns.
    """

    row: IntArray
    ahead_ns: FloatArray

    def hidden(self, time: IntArray) -> IntArray:
        """Return ``time`` with NEVER in their place."""
        if not len(self.row):
            return time
        time = time.copy()
        time[self.row] = NEVER
        return time

    def findings(self, time: IntArray) -> list[Finding]:
        """Return what to tell of them, given ndarray of shape (rows,), int64, ns: the times as they were read."""
        if not len(self.row):
            return []
        first = int(self.row[0])
        stamp = np.datetime_as_string(time[first].astype("datetime64[ns]"), unit="s")
        more = len(self.row) - 1
        others = f", as {'is 1 more row' if more == 1 else f'are {more:,} more rows'}" if more else ""
        text = (
            f"row {first + 1:,} is stamped {stamp}Z, {in_words(int(self.ahead_ns[0]))} ahead of the rows around "
            f"it{others}; such a time is taken as unreadable"
        )
        return [Finding("warning", "far ahead", None, len(self.row), text)]


NO_STRAYS = Strays(np.zeros(0, np.int64), np.zeros(0))


def strays_in(device: IntArray, time: IntArray) -> Strays:
    """Return the readings, up to five in a row, whose time is far ahead of the same device's before and after them.

    Far is more than a day and than 100 periods. The last readings of a device may be right however far ahead they lie.

    Parameters
    ----------
    device, time
        ndarrays of shape (rows,), int64; in the file's order, ns, NEVER where the time could not be read.
    """
    known = np.flatnonzero(time != NEVER)
    order = known[np.argsort(device[known], kind="stable")] if device.any() else known
    when, who = time[order].astype(np.float64), device[order]
    steps = np.diff(when)
    steps[who[1:] != who[:-1]] = 0
    if not (steps < -_DAY).any() or np.count_nonzero(steps < 0) > max(_RUN, _DISORDER * len(when)):
        return NO_STRAYS
    far = max(_DAY, _PERIODS * float(np.median(steps[steps > 0]))) if (steps > 0).any() else _DAY
    jump = np.flatnonzero(steps > far) + 1
    begin, usual = _beginnings(when, who, max(far, _START))
    at, before = np.concatenate([jump, begin]), np.concatenate([when[jump - 1], usual])
    place, ahead = _ahead(when, who, at, before, far)
    row, first = np.unique(order[place], return_index=True)
    return Strays(row, ahead[first])


def _beginnings(when: FloatArray, who: IntArray, far: float) -> tuple[IntArray, FloatArray]:
    """Return where a device begins far ahead of its own sixth to tenth reading, and the median of these."""
    begin = np.flatnonzero(np.concatenate([[True], who[1:] != who[:-1]]))
    after = _median(*_following(when, who, begin, begin + _RUN))
    with np.errstate(invalid="ignore"):
        odd = when[begin] - after > far
    return begin[odd], after[odd]


def _ahead(
    when: FloatArray, who: IntArray, at: IntArray, before: FloatArray, far: float
) -> tuple[IntArray, FloatArray]:
    """Return the places ahead of ``before``, from ``at`` until time goes on near ``before``, and how far ahead."""
    if not len(at):
        return at, before
    following, inside = _following(when, who, at, at + 1)
    near = inside & (np.abs(following - before[:, None]) <= far)
    back = at + 1 + np.argmax(near, axis=1)
    goes_on = np.abs(_median(*_following(when, who, at, back)) - before) <= far
    run = np.minimum(at[:, None] + np.arange(_RUN), len(when) - 1)
    ahead = when[run] - before[:, None]
    stray = (near.any(axis=1) & goes_on)[:, None] & (run < back[:, None]) & (ahead > far)
    return run[stray], ahead[stray]


def _following(when: FloatArray, who: IntArray, of: IntArray, start: IntArray) -> tuple[FloatArray, BoolArray]:
    """Return five times from each ``start``, shape (n, 5), and which of them are of the same device as ``of``."""
    place = start[:, None] + np.arange(_RUN)
    within = np.minimum(place, len(when) - 1)
    return when[within], (place < len(when)) & (who[within] == who[of][:, None])


def _median(values: FloatArray, inside: BoolArray) -> FloatArray:
    """Return the median of each line's values that are ``inside``, NaN where none is."""
    found = np.full(len(values), np.nan)
    some = inside.any(axis=1)
    found[some] = np.nanmedian(np.where(inside[some], values[some], np.nan), axis=1)
    return found
