"""What a verdict costs beyond its score, where a fleet is judged at once: in one process, so that only ratios count."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tocsin.core.discover import names

ROOT = Path(__file__).resolve().parents[2]
DEVICES = 10_000
MOST = 0.10
"""Of what scoring takes. The aim is half of it, which benchmarks/run.py measures on a quiet machine."""


@pytest.fixture(scope="module")
def side() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verdict_side", ROOT / "benchmarks/speed/verdict_side.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["verdict_side"] = module
    spec.loader.exec_module(module)
    return module


def test_a_hundredth_of_the_devices_is_anomalous_in_turns(side: ModuleType) -> None:
    early, same, late = (side.scores(1000, turn)[:, 0] > 10 for turn in (0, side.LASTS - 1, side.LASTS))
    assert early.sum() == 10
    assert np.array_equal(early, same)
    assert not (early & late).any()


def test_incidents_open_and_close_meanwhile(side: ModuleType) -> None:
    turns = [side.scores(200, turn) for turn in range(2 * side.LASTS)]
    opened = [state.open.copy() for state in side.fleet(side.toy_limits("fixed"), turns)]
    assert not opened[1].any()
    assert np.flatnonzero(opened[side.LASTS - 1]).tolist() == [0, 1]
    assert np.flatnonzero(opened[-1]).tolist() == [2, 3]


@pytest.mark.slow
def test_thresholds_and_policy_cost_little_beside_scoring(side: ModuleType) -> None:
    asked = {"devices": DEVICES, "rounds": 3, "steps": 8, "graphs": ["lstm_autoencoder"]}
    found = side.verdicts(asked)
    share = {name: found[name] / found["lstm_autoencoder"] for name in names("thresholds")}
    assert max(share.values()) < MOST, share
