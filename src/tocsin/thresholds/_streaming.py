"""Limits that go on learning the tail of each device's scores, one reading at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.core.contracts import Bounds, Limits
from tocsin.thresholds._excesses import Excesses
from tocsin.thresholds._tail import fit_tail, tail_quantile
from tocsin.thresholds._trend import gain

_CLUSTERED = 3.0
"""Flagged scores in memory may be so many roots more than are expected, for they come in clusters."""

_RISE = 2.5
"""The limit may come to lie so many times as far above the level as the reference's, …"""

_LOUDER = 100
"""… and farther only where so many excesses in memory, none of them flagged, lie beyond the reference's limit."""


@dataclass(frozen=True)
class TailLimits(Limits[Excesses]):
    """A limit for each device, from the tail of its own newest scores; every device begins with the reference's.

    Parameters
    ----------
    rate
        Share of normal scores that should lie above the limit.
    level
        Scores above it make the tail. As the margin, it counts from the moving mean where one is followed.
    margin
        The limit to begin with.
    excesses
        Excesses over the level to begin with, ``keep`` at most.
    scores, exceeding
        How many scores these stand for, and how many of those exceeded the level.
    keep
        Excesses remembered of a device.
    every
        The tail is fitted anew after so many new excesses; 0 for never.
    chance
        Share of the excesses that chance flags. Of about so many flagged ones in memory it is believed that they came
        by chance; others are left out, and all where this is 0.
    alike
        Excesses that together tell as much as an independent one.
    mean, drift
        The mean to begin with, and over how many scores it moves; 0 where none is followed. A device's own first scores
        soon replace it, whatever they are: its level may be another.
    """

    rate: float
    level: float
    margin: float
    excesses: tuple[float, ...]
    scores: int
    exceeding: int
    keep: int
    every: int
    chance: float
    alike: float = 1.0
    mean: float = 0.0
    drift: int = 0

    def init(self, devices: int) -> Excesses:
        """Return the state of devices that are taken to be like the reference."""
        newest = np.zeros((devices, self.keep), np.float32)
        newest[:, : len(self.excesses)] = self.excesses
        return Excesses(
            newest=newest,
            learned=np.full(devices, len(self.excesses)),
            due=np.zeros(devices, np.int64),
            flagged=np.zeros(devices, np.int64),
            scores=np.full(devices, self.scores),
            exceeding=np.full(devices, self.exceeding),
            margin=np.full(devices, self.margin),
            mean=np.full(devices, self.mean),
            young=np.full(devices, self.drift),
        )

    def step(self, state: Excesses, x: FloatArray) -> tuple[Excesses, Bounds]:
        """Take one score of every device, shape (devices,); return the limits that were in force."""
        after = _copy(state)
        limit = self._advance(after, x)
        return after, Bounds(limit, np.zeros(limit.shape, np.uint8))

    def scan(self, state: Excesses, block: FloatArray, valid: BoolArray) -> tuple[Excesses, Bounds]:
        """Take scores of shape (devices, time): column by column for a fleet, row by row for long series."""
        after, given = _copy(state), np.where(valid, block, np.nan)
        limit = np.full(given.shape, np.nan)
        if len(given) > given.shape[1]:
            for k in range(given.shape[1]):
                limit[:, k] = self._advance(after, given[:, k])
        else:
            follow = self._follow if self.drift else self._leap
            for device, row in enumerate(given):
                follow(after, device, row, limit[device])
        return after, Bounds(limit, np.zeros(limit.shape, np.uint8))

    def _advance(self, after: Excesses, x: FloatArray) -> FloatArray:
        """Take one score of every device into ``after``; few of them have anything to learn."""
        limit, above = after.mean + after.margin, x - after.mean
        with np.errstate(invalid="ignore"):
            flagged, exceeding = x > limit, above > self.level
            usual = x <= limit
        after.scores[usual] += 1
        if self.drift:
            self._move(after, above, usual)
        if self.every:
            for device in np.flatnonzero(exceeding & usual):
                self._learn(after, device, above[device] - self.level)
            for device in np.flatnonzero(flagged):
                self._count(after, device)
        return np.where(np.isnan(x), np.nan, limit)

    def _move(self, after: Excesses, above: FloatArray, usual: BoolArray) -> None:
        """Let the means follow: plain ones of a device's first scores, then exponential ones of usual scores."""
        share = np.maximum(gain(self.drift), 1 / (self.drift - after.young + 1))
        moves = usual | (~np.isnan(above) & (after.young > 0))
        after.mean[moves] += share[moves] * above[moves]
        after.young[moves & (after.young > 0)] -= 1

    def _leap(self, after: Excesses, device: int, row: FloatArray, limit: FloatArray) -> None:
        """Follow one device without a moving mean from one score above the level to the next."""
        with np.errstate(invalid="ignore"):
            usual, above = row <= self.level, row > self.level
        counts, begin, counted = np.cumsum(usual).tolist(), 0, 0
        for place, score in zip(np.flatnonzero(above).tolist(), row[above].tolist(), strict=True):
            margin = float(after.margin[device])
            limit[begin : place + 1], begin = margin, place + 1
            after.scores[device] += counts[place] - counted
            counted = counts[place]
            self._take(after, device, score, flagged=score > margin)
        limit[begin:] = after.margin[device]
        after.scores[device] += int(usual.sum()) - counted
        limit[np.isnan(row)] = np.nan

    def _follow(self, after: Excesses, device: int, row: FloatArray, limit: FloatArray) -> None:
        """Follow one device with its moving mean, in plain numbers: a NumPy step costs a hundred times as much."""
        mean, margin, told = float(after.mean[device]), float(after.margin[device]), [np.nan] * len(row)
        usual, young, share = 0, int(after.young[device]), gain(self.drift)
        for k, score in enumerate(row.tolist()):
            if score != score:
                continue
            bound, above = mean + margin, score - mean
            told[k] = bound
            if score <= bound and above <= self.level:
                usual += 1
            else:
                after.scores[device] += usual
                usual = 0
                self._take(after, device, above, flagged=score > bound)
                margin = float(after.margin[device])
            if young:
                mean += max(share, 1 / (self.drift - young + 1)) * above
                young -= 1
            elif score <= bound:
                mean += share * above
        after.scores[device] += usual
        after.mean[device], after.young[device], limit[:] = mean, young, told

    def _take(self, after: Excesses, device: int, above: float, *, flagged: bool) -> None:
        """Take a score above the level."""
        if not flagged:
            after.scores[device] += 1
            if self.every:
                self._learn(after, device, above - self.level)
        elif self.every:
            self._count(after, device)

    def _count(self, after: Excesses, device: np.intp | int) -> None:
        """Learn that a flagged score was greater than the limit, and no more of it; the limit waits for usual ones."""
        if after.flagged[device] < self._believed(min(int(after.learned[device]), self.keep)):
            after.scores[device] += 1
            self._put(after, device, -(float(after.margin[device]) - self.level))

    def _believed(self, excesses: int) -> float:
        """Return how many flagged ones among so many excesses are believed to have come by chance."""
        expected = self.chance * excesses
        return expected + _CLUSTERED * math.sqrt(expected) + 1 if expected else 0.0

    def _learn(self, after: Excesses, device: np.intp | int, excess: float) -> None:
        """Learn an excess, and fit the tail anew when it is time."""
        self._put(after, device, excess)
        after.due[device] += 1
        if after.due[device] >= self.every:
            after.due[device] = 0
            after.margin[device] = self._margin(after, device)

    def _put(self, after: Excesses, device: np.intp | int, excess: float) -> None:
        """Put an excess into the ring; counts are halved from time to time, so that old ones fade."""
        ring, learned = after.newest[device], int(after.learned[device])
        place = learned % self.keep
        after.flagged[device] += int(excess < 0) - int(ring[place] < 0)
        ring[place] = excess
        after.learned[device] = learned + 1
        after.exceeding[device] += 1
        if after.exceeding[device] >= 2 * self.keep:
            after.exceeding[device] //= 2
            after.scores[device] //= 2

    def _margin(self, after: Excesses, device: np.intp | int) -> float:
        """Return the margin that the tail in the ring asks for."""
        ring = after.newest[device, : int(after.learned[device])].astype(np.float64)
        beyond = ring < 0
        if beyond.all():
            return float(after.margin[device])
        scale, shape = fit_tail(np.abs(ring), beyond, worth=len(ring) / self.alike)
        share = self.rate * int(after.scores[device]) / int(after.exceeding[device])
        return self.level + min(tail_quantile(scale, shape, min(share, 1.0)), self._highest(ring))

    def _highest(self, ring: FloatArray) -> float:
        """Return how far above the level the margin may lie: not far above the first one, until many scores say so."""
        begun = self.margin - self.level
        return math.inf if (ring > begun).sum() >= _LOUDER else _RISE * begun


def _copy(state: Excesses) -> Excesses:
    return Excesses(**{f.name: getattr(state, f.name).copy() for f in fields(state)})
