"""The proof: what an export makes of golden windows, beside what its artifact makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.core.scores import Scores
from tocsin.export._apart import apart
from tocsin.export._broken import broken
from tocsin.export.golden import KINDS, Golden
from tocsin.export.held import Held
from tocsin.export.starting import starting_limit
from tocsin.export.target import Made, Promise
from tocsin.graph.run import Runner


@dataclass(frozen=True, eq=False)
class Proof:
    """Golden windows as two have scored them, and whether what was promised of that holds.

    Parameters
    ----------
    promise
        What was promised.
    limit
        Above which a score is anomalous.
    golden
        The windows.
    own, other
        What the artifact says of them, and what the export does.

    Examples
    --------
    >>> windows = Golden(np.zeros((2, 1, 1), np.float32), kind=("normal",) * 2, words=("the first", "the second"))
    >>> one, two = (Scores(np.array(score, np.float32)) for score in ([1, 3], [1, 1]))
    >>> print(*Proof(Promise(apart=np.inf, margin=0.1, agreement=0), 2.0, windows, one, two).failures)
    On windows of the kind "normal", 1 of 2 verdicts is turned although the score is more than 10 % off the limit. The
    worst is "the second": artifact 3, export 1, limit 2.
    """

    promise: Promise
    limit: float
    golden: Golden
    own: Scores
    other: Scores

    def __post_init__(self) -> None:
        if self.other.score.shape != self.own.score.shape:
            raise ValueError(f"the export's scores have shape {self.other.score.shape}, not {self.own.score.shape}")

    @cached_property
    def apart(self) -> FloatArray:
        """How far the scores are apart, as shares of max(|score|, limit): ndarray of shape (n,), float64."""
        return apart(self.own.score, self.other.score, scale=self._scale)

    @cached_property
    def shares_apart(self) -> FloatArray | None:
        """The same for the channel whose share differs most; None where one of the two tells no shares."""
        own, other = self.own.by_channel, self.other.by_channel
        if own is None or other is None:
            return None
        return np.asarray(apart(own, other, scale=self._scale[:, None]).max(axis=1))

    @cached_property
    def turned(self) -> BoolArray:
        """Which verdicts differ: ndarray of shape (n,), bool."""
        return np.asarray((self._mine > self.limit) != (self.other.score.astype(np.float64) > self.limit))

    @cached_property
    def outside(self) -> BoolArray:
        """Which windows the artifact scores so far from the limit that their verdicts must not differ."""
        return np.asarray(np.abs(self._mine - self.limit) > self.promise.margin * abs(self.limit))

    @cached_property
    def held(self) -> tuple[Held, ...]:
        """How the two agree, kind by kind."""
        return tuple(self._held(kind) for kind in KINDS if kind in self.golden.kind)

    @cached_property
    def failures(self) -> tuple[str, ...]:
        """Where the promise is broken, in plain sentences; none where it holds."""
        return broken(self)

    @property
    def failed(self) -> bool:
        """True if the promise is broken anywhere."""
        return bool(self.failures)

    def of(self, kind: str) -> BoolArray:
        """Return which windows are of a kind: ndarray of shape (n,), bool."""
        return np.asarray(np.array(self.golden.kind) == kind)

    @property
    def _mine(self) -> FloatArray:
        return self.own.score.astype(np.float64)

    @property
    def _scale(self) -> FloatArray:
        return np.maximum(np.abs(self._mine), abs(self.limit))

    def _held(self, kind: str) -> Held:
        own, shares = self.of(kind), self.shares_apart
        return Held(
            kind,
            windows=int(own.sum()),
            apart=float(self.apart[own].max()),
            shares_apart=None if shares is None else float(shares[own].max()),
            flips_outside=int((self.turned & self.outside & own).sum()),
            flips_inside=int((self.turned & ~self.outside & own).sum()),
        )


def prove(artifact: Artifact, made: Made, golden: Golden, *, promise: Promise) -> Proof:
    """Have an export score golden windows, and hold it to the artifact's own scores.

    Parameters
    ----------
    artifact
        What the export was made from.
    made
        The export.
    golden
        What both score.
    promise
        How far the two may be apart.
    """
    own = Runner(artifact.graph)(golden.windows)
    return Proof(promise, starting_limit(artifact), golden, own, made.score(golden.windows))
