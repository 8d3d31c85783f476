"""A detector behind prepare steps keeps every promise that it keeps alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pytest

from tocsin.core.contracts import Detector, Graph
from tocsin.core.windows import Windows
from tocsin.detectors.isolation_forest import IsolationForest
from tocsin.detectors.rolling_zscore import RollingZscore
from tocsin.prepare import parse
from tocsin.testing.detector_checks import Check, detector_checks

STEPS = parse(["rolling:5", "lag:1,3"])


def _behind(detector: Detector, windows: Windows, length: int, seed: int) -> Graph:
    inner = Windows(STEPS(windows.series), windows.end, length, labels=windows.labels)
    return STEPS.fold(detector.fit(inner, seed=seed), window=length, channels=windows.channels)


@dataclass(frozen=True, kw_only=True)
class ForestBehindSteps(Detector):
    """An isolation forest that sees rolling and lagged columns, too."""

    default_window: ClassVar[int] = STEPS.reach + 1
    default_scale: ClassVar[str] = "none"

    trees: int = 60

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        return _behind(IsolationForest(trees=self.trees), windows, 1, seed)


@dataclass(frozen=True, kw_only=True)
class ZscoreBehindSteps(Detector):
    """A rolling z-score, which tells shares, of rolling and lagged columns, too."""

    default_window: ClassVar[int] = STEPS.reach + 20
    default_scale: ClassVar[str] = "zscore"

    floor: float = 0.05

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        return _behind(RollingZscore(floor=self.floor), windows, 20, seed)


CHECKS = [*detector_checks(ForestBehindSteps), *detector_checks(ZscoreBehindSteps)]


@pytest.mark.parametrize("check", CHECKS, ids=[check.id for check in CHECKS])
def test_detector_conforms_behind_steps(check: Check) -> None:
    check()
