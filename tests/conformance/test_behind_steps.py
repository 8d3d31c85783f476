"""A detector behind prepare steps keeps every promise that it keeps alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pytest

from tocsin.core.contracts import Detector, Graph
from tocsin.core.windows import Windows
from tocsin.detectors.isolation_forest import IsolationForest
from tocsin.detectors.rolling_zscore import RollingZscore
from tocsin.prepare import Features, parse, prepare
from tocsin.prepare.scale import Scale
from tocsin.testing.detector_checks import Check, detector_checks

ADDED = parse(["rolling:5", "lag:1,3"])
CHANGED = parse(["denoise:db2,1", "detrend:6,keep", "difference:1", "rolling:3"])
HOPS = parse(["bands:8,2"])


def _behind(steps: Features, detector: Detector, windows: Windows, seed: int) -> Graph:
    prepared = prepare(steps, windows, scale=Scale(detector.default_scale))  # type: ignore[arg-type]  # checked by Scale
    return prepared.fold(detector.fit(prepared.windows, seed=seed))


@dataclass(frozen=True, kw_only=True)
class ForestBehindSteps(Detector):
    """An isolation forest that sees rolling and lagged columns, too."""

    default_window: ClassVar[int] = ADDED.readings(1)
    default_scale: ClassVar[str] = "none"

    trees: int = 60

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        return _behind(ADDED, IsolationForest(trees=self.trees), windows, seed)


@dataclass(frozen=True, kw_only=True)
class ZscoreBehindSteps(Detector):
    """A rolling z-score, which tells shares, of rolling and lagged columns, too."""

    default_window: ClassVar[int] = ADDED.readings(20)
    default_scale: ClassVar[str] = "zscore"

    floor: float = 0.05

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        return _behind(ADDED, RollingZscore(floor=self.floor), windows, seed)


@dataclass(frozen=True, kw_only=True)
class ZscoreOfChangedValues(Detector):
    """A rolling z-score of values that several steps have changed, one after the other."""

    default_window: ClassVar[int] = CHANGED.readings(20)
    default_scale: ClassVar[str] = "zscore"

    floor: float = 0.05

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        return _behind(CHANGED, RollingZscore(floor=self.floor), windows, seed)


@dataclass(frozen=True, kw_only=True)
class ForestOfHops(Detector):
    """An isolation forest that sees one row for several readings."""

    default_window: ClassVar[int] = HOPS.readings(1)
    default_scale: ClassVar[str] = "zscore"

    trees: int = 60

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        return _behind(HOPS, IsolationForest(trees=self.trees), windows, seed)


CHECKS = [
    check
    for kind in (ForestBehindSteps, ZscoreBehindSteps, ZscoreOfChangedValues, ForestOfHops)
    for check in detector_checks(kind)
]


@pytest.mark.parametrize("check", CHECKS, ids=[check.id for check in CHECKS])
def test_detector_conforms_behind_steps(check: Check) -> None:
    check()
