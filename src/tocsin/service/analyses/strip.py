"""One device's readings in order of time, and what a chart of them needs: few points that hide nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray
from tocsin.core.errors import InputError
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine.reporting import band_of
from tocsin.engine.scored import Scored
from tocsin.evaluation.pages.thin import extremes, gaps, ranges
from tocsin.service.stamps import stamps

MOST_RANGES = 500
"""Stretches of one kind that are told; the longest where there are more."""

_DIGITS = 7
"""Digits of what is expected, which float32 holds."""


@dataclass(frozen=True, eq=False)
class Strip:
    """One device's readings in order of time.

    Parameters
    ----------
    scored
        The file.
    index
        Of the device.
    band
        ndarray of shape (channels,) or (0,), float64: how far normal readings stray from what is expected.
    time
        ndarray of shape (n,), int64: ns, or row numbers.
    values
        ndarray of shape (channels, n), float64.
    expected
        ndarray of shape (channels, n) or (0, n), float32.
    verdicts
        One for each reading.
    labels
        ndarray of shape (n,), bool, or None.
    """

    scored: Scored
    index: int
    band: FloatArray
    time: IntArray
    values: FloatArray
    expected: npt.NDArray[np.float32]
    verdicts: Verdicts
    labels: BoolArray | None

    @staticmethod
    def of(scored: Scored, artifact: Artifact, index: int) -> Strip:
        """Lay the readings of a device out, channel by channel; those without a time cannot be drawn."""
        own = scored.table.readings
        here = np.flatnonzero((own.device == index) & (own.time != NEVER))
        time = own.time[here]
        if (np.diff(time) < 0).any():
            here = here[np.argsort(time, kind="stable")]
        labels = scored.table.labels
        return Strip(
            scored=scored,
            index=index,
            band=band_of(artifact),
            time=own.time[here],
            values=np.ascontiguousarray(own.values[here].T),
            expected=np.ascontiguousarray(scored.verdicts.expected[here].T),
            verdicts=scored.verdicts.take(here),
            labels=None if labels is None else labels[here],
        )

    @property
    def rows(self) -> bool:
        """True where rows are the clock."""
        return self.scored.table.cadence.row_clock

    @cached_property
    def breaks(self) -> IntArray:
        """The readings before which nothing came for longer than usual."""
        return np.zeros(0, np.int64) if self.rows else gaps(self.time)

    def between(self, since: int | None, until: int | None) -> slice:
        """Return the readings from ``since`` to ``until``, both included, and one more on either side."""
        first = 0 if since is None else int(np.searchsorted(self.time, since)) - 1
        last = len(self.time) if until is None else int(np.searchsorted(self.time, until, side="right")) + 1
        first = max(first, 0)
        return slice(first, max(min(last, len(self.time)), first))

    def drawn(self, part: slice, *, channels: Sequence[str] | None, points: int) -> dict[str, Any]:
        """Return what a chart of a part draws.

        While its readings fit into ``points``, each is a point. Beyond, they are gathered in equal buckets, which never
        reach over a gap; of each bucket there are two points, its least and its greatest value, so that no extreme is
        lost, and of its anomalies the worst.

        Parameters
        ----------
        part
            Which readings.
        channels
            Names; None for all.
        points
            How many points a line may have; gaps may add a few.

        Raises
        ------
        InputError
            If there is no such channel.
        """
        cuts = self.breaks[(self.breaks > part.start) & (self.breaks < part.stop)] - part.start
        starts = bucket_starts(part.stop - part.start, points, cuts=cuts)
        own = _Part(self, part, starts, cuts)
        time = self.time[part]
        return {
            "device": self.scored.table.devices[self.index],
            "row_clock": self.rows,
            "since": _first(stamps(time[:1], rows=self.rows)),
            "until": _first(stamps(time[-1:], rows=self.rows)),
            "rows": len(time),
            "exact": own.exact,
            "drawn": len(own.places),
            "time": stamps(time[own.places], rows=self.rows),
            "channels": {name: own.channel(k) for k, name in self._chosen(channels)},
            "score": _plain(own.line(self.verdicts.score)),
            "limit": _plain(self.verdicts.limit[part][own.places]),
            "anomalies": own.anomalies(self._chosen(channels)),
            "incidents": own.incidents(),
            "gaps": [stamps(time[[cut - 1, cut]], rows=self.rows) for cut in cuts.tolist()],
            "labels": None if self.labels is None else own.spans(self.labels[part]),
            "away": own.away(),
        }

    def _chosen(self, channels: Sequence[str] | None) -> list[tuple[int, str]]:
        names = self.scored.table.readings.schema.names
        if unknown := [name for name in channels or () if name not in names]:
            raise InputError(f"There is no channel {unknown[0]!r}.", remedy=f"There are: {', '.join(names[:20])}.")
        return [(k, name) for k, name in enumerate(names) if channels is None or name in channels]


@dataclass(frozen=True, eq=False)
class _Part:
    """A part of a strip, cut into buckets."""

    strip: Strip
    part: slice
    starts: IntArray
    cuts: IntArray

    @property
    def exact(self) -> bool:
        return len(self.starts) == int(self.part.stop - self.part.start)

    @cached_property
    def places(self) -> IntArray:
        """The readings at whose times points are drawn: each, or the first and last of each bucket."""
        if self.exact:
            return self.starts
        stops = np.append(self.starts[1:], self.part.stop - self.part.start)
        return np.stack([self.starts, stops - 1], axis=1).ravel()

    def line(self, values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """Return a line's points: of each bucket the least and the greatest value, in the order that joins up best."""
        own = values[self.part]
        if self.exact:
            return own
        low, high = extremes(own, self.starts)
        begins = own[self.starts]
        with np.errstate(invalid="ignore"):
            falling = np.abs(high - begins) < np.abs(begins - low)
        return np.stack([np.where(falling, high, low), np.where(falling, low, high)], axis=1).ravel()

    def channel(self, k: int) -> dict[str, Any]:
        """Return what is drawn of a channel."""
        strip = self.strip
        known = len(strip.expected) > 0
        expected = strip.expected[k, self.part][self.places].astype(np.float64) if known else None
        band = float(strip.band[k]) if len(strip.band) else np.nan
        drawn = expected is not None and np.isfinite(band)
        return {
            "unit": strip.scored.table.readings.schema.channels[k].unit,
            "value": _plain(self.line(strip.values[k])),
            "expected": None if expected is None else _short(expected),
            "low": _short(expected - band) if expected is not None and drawn else None,
            "high": _short(expected + band) if expected is not None and drawn else None,
        }

    def anomalies(self, channels: list[tuple[int, str]]) -> dict[str, Any]:
        """Return each anomaly, or the worst of each bucket."""
        strip = self.strip
        score, limit = strip.verdicts.score[self.part], strip.verdicts.limit[self.part]
        found = np.flatnonzero(score > limit)
        kept = found if self.exact else _worst(found, score[found] - limit[found], self.starts)
        return {
            "all": len(found),
            "time": stamps(strip.time[self.part][kept], rows=strip.rows),
            "score": _plain(score[kept]),
            "values": {name: _plain(strip.values[k, self.part][kept]) for k, name in channels},
        }

    def incidents(self) -> list[str]:
        """Return the ids of the incidents that reach into the part."""
        time, scored = self.strip.time[self.part], self.strip.scored
        if not len(time):
            return []
        own = [one for one in scored.incidents if one.device == self.strip.index]
        return [scored.id_of(one) for one in own if one.start <= time[-1] and one.end >= time[0]]

    def spans(self, flags: BoolArray) -> list[list[str | int | None]]:
        """Return from when to when each run of True lasts."""
        places = ranges(flags, np.arange(len(flags), dtype=np.float64), MOST_RANGES, cuts=self.cuts)
        time = self.strip.time[self.part]
        return [stamps(time[[int(first), int(last)]], rows=self.strip.rows) for first, last in places]

    def away(self) -> list[list[Any]]:
        """Return from when to when readings had no score, and why."""
        status = self.strip.verdicts.status[self.part]
        codes = [Status(code) for code in np.unique(status[status != Status.ok])]
        return [[*span, code.name] for code in codes for span in self.spans(status == code)]


def bucket_starts(rows: int, points: int, *, cuts: IntArray) -> IntArray:
    """Return the row at which each bucket starts: each row while they fit into ``points``, else equal buckets.

    Parameters
    ----------
    rows
        How many there are.
    points
        How many points may be drawn; a bucket takes two.
    cuts
        ndarray of shape (k,), int64: rows at which a bucket must start.

    Examples
    --------
    >>> bucket_starts(3, 4, cuts=np.array([2])).tolist(), bucket_starts(10, 4, cuts=np.array([7])).tolist()
    ([0, 1, 2], [0, 5, 7])
    """
    if rows <= points:
        return np.arange(rows)
    step = -(-rows // max(points // 2, 1))
    return np.union1d(np.arange(0, rows, step), cuts)


def _worst(found: IntArray, excess: FloatArray, starts: IntArray) -> IntArray:
    """Return of each bucket's anomalies the one that is farthest above its limit."""
    bucket = np.searchsorted(starts, found, side="right")
    order = np.lexsort((excess, bucket))
    last = np.flatnonzero(np.diff(bucket[order], append=-1))
    return np.sort(found[order[last]])


def _plain(values: npt.NDArray[np.floating]) -> list[float]:
    return list(values.tolist())


def _short(values: FloatArray) -> list[float]:
    """Return values with the digits that a chart can show, and no more to send."""
    largest = np.nanmax(np.abs(values), initial=1e-300)
    return list(np.round(values, int(np.clip(_DIGITS - 1 - np.floor(np.log10(largest)), 0, 300))).tolist())


def _first(values: list[Any]) -> Any:
    return values[0] if values else None
