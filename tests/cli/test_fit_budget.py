"""``tocsin fit --budget``: what can be borne, on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.artifact import bundle
from tocsin.training.simulate.environment import Environment

Shell = Callable[..., tuple[int, str, str]]

QUICK = ("--detector", "rolling_zscore", "--window", "12", "-o", "x.tocsin")


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated room, normal for fifty days."""
    path = tmp_path_factory.mktemp("room") / "normal.csv"
    Environment(rows=144 * 50, seed=3, anomaly_share=0.0).table().write_csv(path)
    return path


def test_a_budget_is_a_threshold_and_its_evidence_is_told(shell: Shell, months: Path) -> None:
    code, out, err = shell("fit", months, *QUICK, "--budget", "2 per device per week")
    assert (code, err) == (0, "")
    assert "budget:2 per device per week" in out
    assert "What stands behind the limit" in out
    own = bundle.load("x.tocsin").calibration
    assert own.threshold == "budget:2 per device per week"
    assert own.said[0].startswith("At most 2 false alarms per device per week: kept on 20 days of normal readings")
    assert json.loads(shell("fit", months, *QUICK, "--budget", "2 per device per week", "--json")[1])["said"] == list(
        own.said
    )


def test_too_few_readings_are_a_warning_that_the_artifact_keeps(shell: Shell, months: Path) -> None:
    code, out, _ = shell("fit", months, *QUICK, "--budget", "1 per device per month")
    assert code == 0
    assert "Not enough normal readings for that promise" in " ".join(out.split())
    assert "Not enough" in bundle.load("x.tocsin").calibration.warnings[0]


def test_a_budget_beside_a_threshold_is_refused(shell: Shell, months: Path) -> None:
    code, _, err = shell("fit", months, *QUICK, "--budget", "1 per day", "--threshold", "fixed:3")
    assert code != 0
    assert "--budget is a threshold too" in err


def test_what_is_no_budget_is_refused_before_anything_is_learned(shell: Shell, months: Path) -> None:
    code, out, err = shell("fit", months, *QUICK, "--budget", "rarely")
    assert (code != 0, out) == (True, "")
    assert "'rarely' is no budget of false alarms." in err
