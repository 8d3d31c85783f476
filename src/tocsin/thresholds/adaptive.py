"""A limit that follows what is normal, and is not fooled by faults on the way."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.blocks import Block, blocks
from tocsin.core.contracts import Found, Threshold
from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds._adaptive_law import PIECES, Law
from tocsin.thresholds._adaptive_limits import AdaptiveLimits
from tocsin.thresholds._adaptive_run import NOTICED, Run
from tocsin.thresholds._adaptive_tail import beyond

_ROUNDS, _CLOSE = 12, 2e-3
"""The reach is looked for in no more rounds than these, or until it is known to this share; three or four are usual."""

_QUIET = 0.1
"""Share of the reference's spread below which a device's spread is never taken to be."""


@dataclass(frozen=True)
class Adaptive(Threshold):
    """The limit lies some spreads above the centre of a device's usual scores, and moves with them.

    Parameters
    ----------
    rate
        Share of the scores of normal readings that may lie above the limit, above 0 and at most .1.
    window
        Scores of a device that are remembered; 16 at least.
    memory
        "exponential", where older scores fade, or "moving", where the last ``window`` count alike.
    patience
        Scores that a new level has to last to be noticed, and half as many again to be taken as normal; 20 at least.
    rebaseline
        May a lasting new level be taken as normal? Else it is noticed, and goes on being anomalous.

    Examples
    --------
    >>> scores = np.abs(np.random.default_rng(0).standard_normal(20_000))
    >>> found = Adaptive(1e-2).fit(Reference.of(scores)).limits
    >>> _, bounds = found.scan(found.init(1), scores[None], np.ones((1, 20_000), bool))
    >>> round(float((scores > bounds.limit).mean()), 3)
    0.01
    """

    rate: float = 1e-3
    window: int = 1000
    memory: Literal["exponential", "moving"] = "exponential"
    patience: int = 200
    rebaseline: bool = True
    fitted = AdaptiveLimits
    reference: ClassVar[str] = "calibration"  # type: ignore[misc]  # never another

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 0.1:
            raise SettingError(
                f"adaptive's rate is a share above 0 and at most .1, not {self.rate:g}.", remedy="For example: 1e-3"
            )
        if self.window < PIECES or self.patience < 20:
            raise SettingError(
                "adaptive's window counts scores from 16, its patience from 20.",
                remedy="Correct the one that is lower.",
            )
        if self.memory not in ("exponential", "moving"):
            raise SettingError(f"There is no memory {self.memory!r}.", remedy="Choose one of: exponential, moving.")

    def fit(self, reference: Reference) -> Found:
        """Return limits above which the asked share of the reference's own scores lies, when it is gone through."""
        score, laid = np.asarray(reference.score), blocks(reference.device)
        law = self._reaching(self._begun(score, laid), score, laid)
        limits = AdaptiveLimits(law)
        above, levels = _gone_through(limits, score, laid)
        return Found(limits, said=self._said(above, len(score)), warnings=self._warnings(levels, len(score)))

    def _reaching(self, law: Law, score: FloatArray, laid: list[Block]) -> Law:
        """Return the law whose reach the asked share of the reference exceeds when it is gone through with that reach.

        The farther it reaches, the more it learns from, the wider the spread is, and the less far a share of the scores
        lies in spreads: so there is one such reach, above what learning from everything finds, and below what is found
        with that.
        """
        low = self._asked(law, score, laid)
        high = self._asked(replace(law, reach=low), score, laid)
        for _ in range(_ROUNDS):
            middle = (low + high) / 2
            if high - low <= _CLOSE * high:
                break
            found = self._asked(replace(law, reach=middle), score, laid)
            low, high = (max(low, middle), min(high, found)) if found > middle else (max(low, found), min(high, middle))
        return replace(law, reach=(low + high) / 2)

    def _asked(self, law: Law, score: FloatArray, laid: list[Block]) -> float:
        """Return the reach that the asked share of the reference exceeds, 1 at least, when gone through with a law."""
        return max(beyond(_distances(law, score, laid), self.rate), 1.0)

    def _begun(self, score: FloatArray, laid: list[Block]) -> Law:
        """Return limits that lie too far away for anything to be above them."""
        usual = score[score <= np.quantile(score, 1 - self.rate)]
        centre = float(usual.mean())
        spread = float(np.abs(usual - centre).mean())
        least = max(spread, 1e-6 * abs(centre), 1e-12)
        steps = np.concatenate([np.abs(np.diff(score[block.rows], axis=1))[block.valid[:, 1:]] for block in laid])
        roughness = float(np.minimum(steps, 10 * least).mean()) / least if len(steps) else 0.0
        return Law(
            centre=centre,
            spread=least,
            reach=1e6,
            floor=max(_QUIET * spread, 1e-12),
            roughness=roughness,
            window=self.window,
            patience=self.patience,
            moving=self.memory == "moving",
            rebaseline=self.rebaseline,
        )

    def _said(self, above: int, scores: int) -> tuple[str, ...]:
        """Return what was asked and what the reference says to it, and what becomes of a lasting level."""
        then = "goes on being anomalous"
        if self.rebaseline:
            then = f"is taken for normal after {3 * (self.patience // 2)}"
        return (
            f"Of {scores:,} reference scores, gone through in order, {above:,} ({above / scores:.2g}) lie above the "
            f"limit in force; a share of {self.rate:g} was asked for.",
            f"A lasting new level of the scores is told after {2 * (self.patience // 2)} of them, and {then}.",
        )

    def _warnings(self, levels: int, scores: int) -> tuple[str, ...]:
        """Say so where the reference scores are too few for the rate or the memory, or not of one level."""
        said = []
        needed = math.ceil(max(3 / self.rate - 1e-9, 2 * self.window))
        if scores < needed:
            said.append(
                f"Only {scores:,} reference scores stand behind a rate of {self.rate:g} and a memory of "
                f"{self.window:,}; {needed:,} would show both. Give more normal readings, or ask for a higher rate or "
                "a shorter memory."
            )
        if levels:
            often = "" if levels == 1 else f" {levels} times"
            said.append(
                f"Within the reference the scores settle on a new level{often}. If something was wrong then, the limit "
                "has learned from it: label it, or leave it out."
            )
        return tuple(said)


def _distances(law: Law, score: FloatArray, laid: list[Block]) -> FloatArray:
    """Return how many spreads above the centre each score lies when the limits go through the reference."""
    found, run, begun = np.empty(len(score)), Run(law), AdaptiveLimits(law).init(1)
    for block in laid:
        for rows, valid in zip(block.rows, block.valid, strict=True):
            run.load(begun, 0)
            found[rows[valid]] = [_distance(run, each) for each in score[rows[valid]].tolist()]
    return found


def _distance(run: Run, score: float) -> float:
    """Return how many spreads above the centre a score lies, and let the run take it."""
    distance = (score - run.centre) / run.spread
    run.take(score)
    return distance


def _gone_through(limits: AdaptiveLimits, score: FloatArray, laid: list[Block]) -> tuple[int, int]:
    """Return how many scores of the reference lie above the limits, and how often a new level is noticed."""
    above, levels = 0, 0
    for block in laid:
        own = score[block.rows]
        _, bounds = limits.scan(limits.init(len(own)), own, block.valid)
        above += int(((own > bounds.limit) & block.valid).sum())
        levels += int(((bounds.regime == NOTICED) & block.valid).sum())
    return above, levels
