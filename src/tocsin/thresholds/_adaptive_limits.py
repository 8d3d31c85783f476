"""Limits that follow the scores: learned from usual ones, and moved to a lasting new level where that is allowed."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from tocsin.core.arrays import BoolArray, ByteArray, FloatArray, IntArray
from tocsin.core.contracts import Bounds, Limits
from tocsin.core.state import take
from tocsin.thresholds._adaptive_law import FAR, PIECES, Law
from tocsin.thresholds._adaptive_level import Level
from tocsin.thresholds._adaptive_run import Run

_FLEET = 128
"""From so many devices on, a NumPy step for all is faster than a plain loop for each."""

_KINDS = {"count": np.int64, "balance": np.int64, "seen": np.int64, "noticed": np.bool_}


@dataclass(frozen=True)
class AdaptiveLimits(Limits[Level]):
    """The limit is the centre of a device's usual scores and some spreads on top; both are learned as scores come.

    A score at or below the limit is usual, and learned from, unless it lies among others that are above it. Those are
    learned from only where they have become a lasting level, and where that is allowed.

    Parameters
    ----------
    law
        The numbers.

    Examples
    --------
    >>> law = Law(centre=1, spread=0.5, reach=6, floor=0.05, roughness=0, window=160, patience=20)
    >>> limits, scores = AdaptiveLimits(law), np.r_[np.ones(40), np.full(40, 9.0)]
    >>> _, bounds = limits.scan(limits.init(1), scores[None], np.ones((1, 80), bool))
    >>> bounds.limit[0, [0, 40, 79]].round(1).tolist(), np.flatnonzero(bounds.regime).tolist()
    ([4.0, 2.8, 9.3], [59, 69])
    """

    law: Law

    def init(self, devices: int) -> Level:
        """Return the state of devices that are taken to be as the reference was."""
        law = self.law
        begun: dict[str, Any] = {f.name: np.zeros(devices, _KINDS.get(f.name, np.float64)) for f in fields(Level)}
        begun["near"] = np.full(devices, law.centre, np.float64)
        for name, value in (("centre", law.centre), ("spread", law.spread)):
            begun[name] = np.full(devices, value, np.float64)
            begun[f"{name}s"] = np.full((devices, PIECES if law.moving else 0), value, np.float64)
        return Level(**begun)

    def step(self, state: Level, x: FloatArray) -> tuple[Level, Bounds]:
        """Take one score of every device, of shape (devices,)."""
        score, limit = np.clip(x, -FAR, FAR), self.law.limit(state.centre, state.spread)
        usual = score <= limit
        usual &= state.balance == 0
        silent, away = np.isnan(score), score - state.near
        np.copyto(away, 0.0, where=~usual)
        count, total = state.count + usual, state.total + away
        after = replace(state, count=count, total=total, offset=state.offset + np.abs(away, out=away))
        regime = np.zeros(len(score), np.uint8)
        if (full := count == self.law.piece).any():
            after = self._renew(after, np.flatnonzero(full))
        if (strange := ~(usual | silent)).any():
            after = self._watch(after, score, np.flatnonzero(strange), regime)
        return after, Bounds(np.where(silent, np.nan, limit) if silent.any() else limit, regime)

    def scan(self, state: Level, block: FloatArray, valid: BoolArray) -> tuple[Level, Bounds]:
        """Take a block of scores, of shape (devices, time)."""
        known = np.where(valid, np.clip(block, -FAR, FAR), np.nan)
        limit, regime = np.empty(known.shape), np.zeros(known.shape, np.uint8)
        if len(known) < _FLEET:
            state, run = _copied(state), Run(self.law)
            for device in range(len(known)):
                run.load(state, device)
                run.follow(known[device], limit[device], regime[device])
                run.save(state, device)
        else:
            for k in range(known.shape[1]):
                state, bounds = self.step(state, known[:, k])
                limit[:, k], regime[:, k] = bounds.limit, bounds.regime
        return state, Bounds(limit, regime)

    def _watch(self, level: Level, score: FloatArray, of: IntArray, regime: ByteArray) -> Level:
        """Let some devices take a score above the limit, or one among such; write what is to be said."""
        own, new = take(level, of), score[of]
        begins, above = own.balance == 0, new > self.law.limit(own.centre, own.spread)
        block, before = self.law.block, np.where(begins, np.nan, own.before)
        found = {
            "balance": np.where(above, np.minimum(own.balance + 1, block), own.balance - 1),
            "seen": np.where(begins, 0, own.seen) + 1,
            "heap": np.where(begins, 0.0, own.heap) + new,
            "stray": np.where(begins, 0.0, own.stray) + np.abs(new - before),
            "jitter": np.where(begins, 0.0, own.jitter + np.abs(new - own.last)),
            "last": new,
            "before": before,
            "noticed": own.noticed & ~begins,
        }
        after = _with(level, of, found)
        if (turning := of[found["seen"] == block]).size:
            after, run = _copied(after), Run(self.law)
            for device in turning.tolist():
                run.load(after, device)
                regime[device] = run.turn()
                run.save(after, device)
        return after

    def _renew(self, level: Level, of: IntArray) -> Level:
        """Let some devices learn from the piece that they have gathered."""
        centre, spread, near, centres, spreads = self.law.renewed(
            centre=level.centre[of],
            spread=level.spread[of],
            near=level.near[of],
            total=level.total[of],
            offset=level.offset[of],
            centres=tuple(level.centres[of].T),
            spreads=tuple(level.spreads[of].T),
            larger=np.maximum,
        )
        found: dict[str, Any] = {
            "centre": centre,
            "spread": spread,
            "near": near,
            "count": 0,
            "total": 0.0,
            "offset": 0.0,
        }
        if self.law.moving:
            found |= {"centres": np.stack(centres, axis=1), "spreads": np.stack(spreads, axis=1)}
        return _with(level, of, found)


def _with(level: Level, of: IntArray, found: dict[str, Any]) -> Level:
    """Return the state with some fields of some devices replaced."""
    copies = {name: getattr(level, name).copy() for name in found}
    for name, value in found.items():
        copies[name][of] = value
    return replace(level, **copies)


def _copied(level: Level) -> Level:
    return Level(**{field.name: getattr(level, field.name).copy() for field in fields(Level)})
