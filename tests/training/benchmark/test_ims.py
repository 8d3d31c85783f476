"""IMS: days of warning, and what was rung for nothing, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tocsin.evaluation.outcome import Outcome
from tocsin.training.benchmark import Case, Plan, Run, run
from tocsin.training.benchmark.ims import Ims
from tocsin.training.recipe import Recipe

HOUR = 3600 * 10**9


def facts_of(case: Case, told: Sequence[int], *, hours: int = 48) -> dict[str, float]:
    """Facts of hourly readings, the first twelve learned from, with alarms at the hours ``told``."""
    flags = np.isin(np.arange(hours), told)
    nothing = np.zeros(hours)
    outcome = Outcome(
        labels=np.zeros(hours, np.bool_),
        score=nothing,
        anomaly=flags,
        told=flags,
        limit=nothing,
        time=np.arange(hours) * HOUR,
        device=np.zeros(hours, np.int64),
    )
    learn = np.arange(hours) < 12
    return Ims().facts(replace(case, learn=learn, judged=~learn), outcome, window=1)


def test_a_warning_that_lasts(case: Case) -> None:
    found = facts_of(case, [3, 15, 16, 35, 36, 40, 44, 47])
    assert found == {
        "warning_days": pytest.approx(32 / 24),
        "lasting_days": pytest.approx(12 / 24),
        "false_alarms": 1,
        "learned_alarms": 1,
        "told_share": pytest.approx(7 / 36),
    }


def test_an_alarm_that_falls_silent_is_no_warning(case: Case) -> None:
    found = facts_of(case, [20, 21])
    assert (found["lasting_days"], found["false_alarms"]) == (0, 1)
    assert found["warning_days"] == pytest.approx(27 / 24)


def test_no_alarm_at_all(case: Case) -> None:
    found = facts_of(case, [])
    assert (found["warning_days"], found["lasting_days"], found["false_alarms"]) == (0, 0, 0)


def test_a_failure_warns_of_nothing(case: Case) -> None:
    sheet = Ims().sheets([case])[0]
    assert sheet.measure([Run("a", case, 0, failure="no")])["lasting_days"] == 0


def test_the_real_bearing(shared_data: Path, tmp_path: Path) -> None:
    report, runs = run(
        "ims", shared_data, {"rolling_zscore": Recipe(detector="rolling_zscore")}, plan=Plan(), folder=tmp_path
    )
    (case,) = {id(own.case): own.case for own in runs}.values()
    assert int(case.learn.sum()) == 225
    rows = {row.method: row.values for row in report.tables[0].rows}
    assert rows["all-ones"]["lasting_days"] == pytest.approx(5.26, abs=0.01)
    assert rows["all-ones"]["told_share"] == 1
