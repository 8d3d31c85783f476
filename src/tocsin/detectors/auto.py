"""The default: an ensemble that looks at the readings first, and trusts its members by what faults they notice."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.discover import load
from tocsin.core.windows import Windows
from tocsin.detectors._folds import Member, join, judge
from tocsin.detectors._inject import FAULTS, faulty, told_apart
from tocsin.detectors._settings import above, at_least, at_most, enough
from tocsin.detectors._steady import Steady
from tocsin.detectors.ensemble import Ensemble, merged, short
from tocsin.graph.run import Runner

_TRIED = 200
"""Held-out windows of each stretch that faults are put into."""


@dataclass(frozen=True, kw_only=True)
class Auto(Detector):
    """The default: looks at the readings, lets a small set of detectors learn, and averages those that notice faults.

    An :class:`~tocsin.detectors.ensemble.Ensemble` whose members earn their weights: faults are put into normal windows
    that a member has not learned from, and how well it tells them from the windows as they were (area under ROC, the
    mean over six kinds of fault) says how far its weight leaves the equal one. Who notices them little better than
    chance has no say. Faults only lean on the weights, and choose no winner, since injected faults are poor guides to
    the best single detector, and an average is better than nearly any (Chen et al. 2025, "TSB-AutoAD").

    Where a single channel has been seen for less than four weeks, nobody can know what a week of it is like; then
    ``tocsin fit`` trains ``beyond_range`` instead, which tells what has never been seen. What was chosen and why is
    kept in the artifact: see ``tocsin inspect``.

    Parameters
    ----------
    members
        Who is tried, in that order.
    lean
        How far injected faults lean on the weights: 0 for equal ones, 1 to go by them alone.
    chance
        Least mean area under ROC of a member that has a say, 0 to 1; who guesses reaches .5.
    minutes
        No further member is tried when so much time has passed.

    Examples
    --------
    >>> Auto(lean=0).members
    ('pca', 'sub_pca', 'ridge', 'kmeans', 'ewma')
    """

    default_window: ClassVar[int] = Ensemble.default_window
    window_rule: ClassVar[Literal["fixed", "period", "memory"]] = Ensemble.window_rule
    window_bounds: ClassVar[tuple[int, int]] = Ensemble.window_bounds
    default_scale: ClassVar[str] = Ensemble.default_scale
    default_threshold: ClassVar[str] = Ensemble.default_threshold
    quick: ClassVar[Mapping[str, Any]] = {"members": ("pca", "ridge")}

    members: tuple[str, ...] = ("pca", "sub_pca", "ridge", "kmeans", "ewma")
    lean: float = 0.5
    chance: float = 0.55
    minutes: float = 10.0

    def __post_init__(self) -> None:
        self._ensemble()
        at_least("lean", self.lean, 0)
        at_most("lean", self.lean, 1)
        at_least("chance", self.chance, 0)
        at_most("chance", self.chance, 1)
        above("minutes", self.minutes, 0)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Let the members learn, put faults into what they have not learned from, and merge those that notice."""
        enough(windows)
        ensemble = self._ensemble()
        steadied = ensemble.steadied(windows)
        members, noticed = self._tried(windows, steadied, folds=ensemble.folds, seed=seed)
        weights = self._weights(noticed)
        graph = merged(windows, steadied, members, weights=weights)
        why = (*_told(members, noticed, weights), *self._untried(len(members)), *graph.why)
        return replace(graph, why=why)

    def _ensemble(self) -> Ensemble:
        return Ensemble(members=self.members)

    def _untried(self, tried: int) -> tuple[str, ...]:
        left = ", ".join(self.members[tried:])
        return (f"{left}: not tried, {self.minutes:g} minutes were up.",) if left else ()

    def _tried(self, windows: Windows, steadied: Steady, *, folds: int, seed: int) -> tuple[list[Member], FloatArray]:
        """Return those that had time to learn, and how well each notices each fault, shape (members, faults)."""
        began = time.monotonic()
        members: list[Member] = []
        noticed: list[FloatArray] = []
        for name in self.members:
            if members and time.monotonic() - began > 60 * self.minutes:
                break
            trial = _Trial(windows, steadied, seed)
            seen = short(name, steadied.of(windows))
            members.append(join(name, load("detectors", name)(), seen, folds=folds, seed=seed, trial=trial))
            noticed.append(trial.noticed())
        return members, np.array(noticed)

    def _weights(self, noticed: FloatArray) -> FloatArray:
        """Return weights that sum to 1, 0 for those near chance, unless all are."""
        better = noticed.mean(axis=1) - 0.5
        heard = better >= self.chance - 0.5
        earned = np.where(heard, np.maximum(better, 0), 0)
        if not earned.any():
            return np.full(len(better), 1 / len(better))
        return np.asarray((1 - self.lean) * heard / heard.sum() + self.lean * earned / earned.sum())


class _Trial:
    """Puts faults into the windows that a fold held out, and keeps how well they were noticed."""

    def __init__(self, windows: Windows, steadied: Steady, seed: int) -> None:
        self._windows, self._steadied, self._seed = windows, steadied, seed
        self._found: list[list[float]] = []

    def __call__(self, runner: Runner, held: IntArray) -> None:
        some = held[np.linspace(0, len(held) - 1, min(len(held), _TRIED)).astype(np.int64)]
        whole = Windows(self._windows.series, some, self._windows.length).take(slice(None))
        normal = self._said(runner, whole)
        self._found.append(
            [
                told_apart(normal, self._said(runner, faulty(whole, kind, seed=self._seed + k)))
                for k, kind in enumerate(FAULTS)
            ]
        )

    def _said(self, runner: Runner, whole: np.ndarray[Any, Any]) -> FloatArray:
        seen = self._steadied.windows(whole)[:, -runner.window :]
        return judge(runner, np.ascontiguousarray(seen)).score

    def noticed(self) -> FloatArray:
        """Return how well each fault was told apart, mean over the folds, shape (faults,)."""
        return np.asarray(np.mean(self._found, axis=0))


def _told(members: list[Member], noticed: FloatArray, weights: FloatArray) -> list[str]:
    """Return a sentence for each member."""
    sentences = []
    for member, areas, weight in zip(members, noticed, weights, strict=True):
        each = ", ".join(f"{kind} {area:.2f}" for kind, area in zip(FAULTS, areas, strict=True))
        say = f"weight {weight:.2f}" if weight else "no say"
        sentences.append(
            f"{member.name}, on {member.window} readings: {say}; injected faults, area under ROC of "
            f"{areas.mean():.2f} ({each})."
        )
    return sentences
