"""A limit that follows what is normal, and is not fooled by faults on the way."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.blocks import Block, blocks
from tocsin.core.contracts import Found, Threshold
from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds._adaptive_law import PIECES, Law
from tocsin.thresholds._adaptive_limits import AdaptiveLimits
from tocsin.thresholds._adaptive_run import Run
from tocsin.thresholds._tail import fit_tail, tail_quantile

_ROUNDS = 12
"""The reach is looked for in no more rounds than these; three or four are usual."""

_QUIET = 0.1
"""Share of the reference's spread below which a device's spread is never taken to be."""


_TAIL = 0.04
"""Share of the scores, the greatest ones, that the tail is fitted to; four times the rate where that is more."""

_FEWEST = 20
"""Scores in the tail that it takes at least to tell how it goes on."""


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
        law = self._begun(score, laid)
        for _ in range(_ROUNDS):
            reach = max(_beyond(_distances(law, score, laid), self.rate), 1.0)
            settled = math.isclose(reach, law.reach, rel_tol=1e-3)
            law = replace(law, reach=reach)
            if settled:
                break
        return Found(AdaptiveLimits(law), warnings=self._warnings(len(score)))

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

    def _warnings(self, scores: int) -> tuple[str, ...]:
        """Say so where the reference scores are too few for the rate asked."""
        needed = math.ceil(3 / self.rate - 1e-9)
        if scores >= needed:
            return ()
        return (
            f"Only {scores} reference scores stand behind a rate of {self.rate:g}; {needed} would put 3 of them beyond "
            "the limit. Give more normal readings, or ask for a higher rate.",
        )


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


def _beyond(distance: FloatArray, rate: float) -> float:
    """Return the distance that the asked share of them exceeds: told from the tail, which goes on where scores end."""
    level = float(np.quantile(distance, 1 - max(_TAIL, min(4 * rate, 0.4))))
    places = np.flatnonzero(distance > level)
    if len(places) < _FEWEST:
        return float(distance.max())
    excess = distance[places] - level
    scale, shape = fit_tail(excess, np.zeros(len(excess), np.bool_))
    shape = _unbiased(shape, len(places) * _apart(places))
    return level + tail_quantile(scale, shape, rate * len(distance) / len(places))


def _unbiased(shape: float, told: float) -> float:
    """Return the shape without the bias of the likeliest one, which tells the tail of few scores too short.

    Giles, Feng & Godwin (2016), "Bias-corrected maximum likelihood estimation of the parameters of the generalized
    Pareto distribution". ``told`` is the number of scores, each independent of the others.
    """
    held = max(shape, -0.2)
    return shape + (1 + held) * (3 + held) / (told * (1 + 3 * held))


def _apart(places: IntArray) -> float:
    """Return the share of high scores that do not just follow another, by the intervals between them.

    Ferro & Segers (2003), "Inference for clusters of extreme values", equation 5: the extremal index.
    """
    gap = np.diff(places).astype(np.float64)
    most = 0 if gap.max() <= 2 else 1
    return min(1.0, 2 * float((gap - most).sum()) ** 2 / (len(gap) * float(((gap - most) * (gap - 2 * most)).sum())))
