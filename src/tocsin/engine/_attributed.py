"""A score taken apart by the method that was asked for, with what to know before trusting it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import InputError
from tocsin.explain.gradients import integrated_gradients
from tocsin.explain.occlusion import occlusion
from tocsin.explain.shapley import shapley
from tocsin.graph.run import Runner

Method = Literal["shares", "gradients", "shap"]

_LOWERED = -0.005
"""A portion below this is worth a word: rounding would show it."""

_USELESS = 0.1
"""A share of the rise that gradients may miss at most: beyond, their parts tell nothing, and are not told."""


@dataclass(frozen=True, eq=False)
class Attributed:
    """Each channel's part in a score.

    Parameters
    ----------
    shares
        ndarray of shape (channels,), float64, summing to ``whole``; NaN where unattributed.
    whole, base
        What is taken apart, and the score that it is told above: 0 for shares.
    source
        Where the shares come from; see ``SOURCES`` of :mod:`tocsin.engine._explanation`.
    over_time
        ndarray of shape (window, channels), float64, or None.
    notes
        What to know before trusting it.
    """

    shares: FloatArray
    whole: float
    base: float
    source: str
    over_time: FloatArray | None = None
    notes: tuple[str, ...] = ()

    @property
    def portions(self) -> FloatArray:
        """The shares as portions of the whole; NaN where there is nothing to divide."""
        return self.shares / self.whole if self.whole > 0 else np.full(self.shares.shape, np.nan)


def attribute(artifact: Artifact, window: Float32Array, *, method: Method, seed: int) -> Attributed:
    """Take the score of ``window``, ndarray of shape (window, channels), apart."""
    runner = Runner(artifact.graph)
    if method == "gradients":
        return _by_gradients(artifact, runner, window)
    if method == "shap":
        return _by_shapley(artifact, runner, window, seed)
    return _by_shares(artifact, runner, window)


def _by_shares(artifact: Artifact, runner: Runner, window: Float32Array) -> Attributed:
    found = runner(window[None])
    shares = found.by_channel
    if own := shares is not None:
        source = "graph"
    else:
        source, shares = "occlusion", occlusion(runner, window[None], found.score, normal=artifact.normal)
    notes = () if np.isfinite(shares).all() else ("No channel by itself makes the score: it is unattributed.",)
    if not own and not notes:
        notes = ("The detector tells no shares of its own; these come from exchanging channels with normal windows.",)
    return Attributed(shares[0].astype(np.float64), float(found.score[0]), 0.0, source, notes=notes)


def _by_gradients(artifact: Artifact, runner: Runner, window: Float32Array) -> Attributed:
    found = integrated_gradients(runner, window, usual=artifact.reference)
    rise = found.score - found.base
    notes = _of_rise(found.by_channel, rise, found.base)
    if rise > 0 and found.missed > _USELESS:
        raise InputError(
            f"Gradients do not suit this score: their parts miss {100 * found.missed:,.0f} % of the rise, even in "
            f"{found.steps} steps, for it moves in jumps or turns sharply.",
            remedy="Take it apart with --method shap, or shares.",
        )
    if not found.complete:
        notes += (
            f"The parts miss {100 * found.missed:.2g} % of the rise, even in {found.steps} steps: this detector's "
            "score moves in jumps or turns sharply, and gradients do not suit it. Shares or shap do.",
        )
    return Attributed(found.by_channel, rise, found.base, "gradients", found.parts, notes)


def _by_shapley(artifact: Artifact, runner: Runner, window: Float32Array, seed: int) -> Attributed:
    found = shapley(runner, window, usual=artifact.reference, seed=seed)
    rise = found.score - found.base
    notes = _of_rise(found.values, rise, found.base)
    if not found.exact and rise > 0:
        worst = 100 * float(found.error.max()) / rise
        notes += (f"Orders of channels were drawn: a portion's standard error is at most {worst:.2g} %.",)
    return Attributed(found.values, rise, found.base, "shap", notes=notes)


def _of_rise(shares: FloatArray, rise: float, base: float) -> tuple[str, ...]:
    """Return what the rise is, and what shares of it mean."""
    if rise <= 0:
        return ("Usual values throughout score no less than this: there is no rise to take apart.",)
    told = f"Usual values throughout would score {base:.4g}; the rise is what the score has above that."
    lowered = " Channels with less than 0 % made the score lower." if shares.min() / rise < _LOWERED else ""
    return (told + lowered,)
