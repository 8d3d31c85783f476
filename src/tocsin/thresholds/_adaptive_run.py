"""One device's way through its scores: plain numbers in a plain loop, because a NumPy step costs 30 µs and this .3."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from tocsin.core.arrays import ByteArray, FloatArray
from tocsin.thresholds._adaptive_law import Law
from tocsin.thresholds._adaptive_level import Level

NOTICED, ADOPTED = 1, 2

STEADY = 0.5
"""A level is steady where two blocks' means lie no farther apart than this share of its spread; a ramp's lie 1."""

LIKE = 4.0
"""A level's spread may be so many times the one in force, …"""

SHARE = 0.5
"""… or this share of the way it has risen: a wave from nothing to the top strays by .64 of its mean."""

SMOOTH = 3.0
"""A level's scores may be so many times as smooth as those of the reference; ramps and waves are smoother."""

_NAMES = tuple(field.name for field in fields(Level))


class Run:
    """The adaptive law for one device. Loaded from the state's arrays, followed along a series, saved back.

    Its fields are those of :class:`Level`, as plain numbers, and the limit in force.
    """

    limit: float
    centre: float
    spread: float
    near: float
    count: int
    total: float
    offset: float
    balance: int
    seen: int
    heap: float
    stray: float
    jitter: float
    last: float
    before: float
    noticed: bool
    centres: tuple[float, ...]
    spreads: tuple[float, ...]

    def __init__(self, law: Law) -> None:
        self.law, self.piece, self.block = law, law.piece, law.block

    def load(self, level: Level, device: int) -> None:
        """Take over what is remembered of ``device``."""
        for name in _NAMES:
            setattr(self, name, getattr(level, name)[device].tolist())
        self.centres, self.spreads = tuple(self.centres), tuple(self.spreads)
        self.limit = self.law.limit(self.centre, self.spread)

    def save(self, level: Level, device: int) -> None:
        """Write back what is to be remembered of ``device``."""
        for name in _NAMES:
            getattr(level, name)[device] = getattr(self, name)

    def follow(self, scores: FloatArray, limits: FloatArray, regimes: ByteArray) -> None:
        """Go along scores of shape (n,), and write the limits and regimes in force; NaN is no news."""
        found = []
        for k, score in enumerate(scores.tolist()):
            found.append(self.limit if score == score else np.nan)
            if said := self.take(score):
                regimes[k] = said
        limits[:] = found

    def take(self, score: float) -> int:
        """Take a score or NaN; return what is to be said of the level, or 0."""
        if score <= self.limit and not self.balance:
            self._learn(score)
            return 0
        return self._watch(score) if score == score else 0

    def _learn(self, score: float) -> None:
        """Learn from a usual score."""
        away = score - self.near
        self.count += 1
        self.total += away
        self.offset += abs(away)
        if self.count == self.piece:
            self.centre, self.spread, self.near, self.centres, self.spreads = self.law.renewed(
                centre=self.centre,
                spread=self.spread,
                near=self.near,
                total=self.total,
                offset=self.offset,
                centres=self.centres,
                spreads=self.spreads,
                larger=max,
            )
            self._begin()

    def _begin(self) -> None:
        """Begin a piece at the level in force."""
        self.count, self.total, self.offset = 0, 0.0, 0.0
        self.limit = self.law.limit(self.centre, self.spread)

    def _watch(self, score: float) -> int:
        """Take a score above the limit, or one among such; return what is to be said of the level, or 0."""
        if not self.balance:
            self.before, self.noticed, self.last = np.nan, False, score
            self.seen, self.heap, self.stray, self.jitter = 0, 0.0, 0.0, 0.0
        self.balance = min(self.balance + 1, self.block) if score > self.limit else self.balance - 1
        self.seen += 1
        self.heap += score
        self.stray += abs(score - self.before)
        self.jitter += abs(score - self.last)
        self.last = score
        return self.turn() if self.seen == self.block else 0

    def turn(self) -> int:
        """Compare a block with the one before; return what is to be said."""
        mean, stray, jitter = self.heap / self.block, self.stray / self.block, self.jitter / self.block
        settled = self._settled(mean, stray, jitter)
        self.before, self.seen, self.heap, self.stray, self.jitter = mean, 0, 0.0, 0.0, 0.0
        if not settled or (self.noticed and not self.law.rebaseline):
            return 0
        if not self.noticed:
            self.noticed = True
            return NOTICED
        self._adopt(mean, stray)
        return ADOPTED

    def _settled(self, mean: float, stray: float, jitter: float) -> bool:
        """Tell whether a block goes on as the one before, neither climbing nor swinging; never in the first block."""
        least = self.law.at_least(mean, 0.0, larger=max)
        steady = abs(mean - self.before) <= STEADY * max(stray, least)
        bounded = stray <= max(LIKE * self.spread, SHARE * (mean - self.centre))
        return steady and bounded and (stray <= least or SMOOTH * jitter >= self.law.roughness * stray)

    def _adopt(self, mean: float, stray: float) -> None:
        """Take the level for normal from here on."""
        self.centre, self.near, self.spread = mean, mean, self.law.at_least(mean, stray, larger=max)
        self.centres, self.spreads = (mean,) * len(self.centres), (self.spread,) * len(self.spreads)
        self.balance = 0
        self._begin()
