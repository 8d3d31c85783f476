"""The study of what thresholds promise counts as it says it does."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tocsin.artifact.calibration import Calibration
from tocsin.core.arrays import BoolArray
from tocsin.core.discover import load, names
from tocsin.core.reference import Reference
from tocsin.evaluation.outcome import Outcome
from tocsin.thresholds.percentile import Percentile
from tocsin.training.benchmark import Case
from tocsin.training.benchmark.simulated import Simulated

ROOT = Path(__file__).resolve().parents[1]
DAY_NS = 86_400 * 10**9


@pytest.fixture(scope="module")
def study() -> ModuleType:
    spec = importlib.util.spec_from_file_location("promised", ROOT / "benchmarks/promised.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["promised"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def flags(text: str) -> BoolArray:
    return np.array([sign == "#" for sign in text])


def outcome(*, labels: str, anomaly: str, told: str, device: str = "") -> Outcome:
    n = len(labels)
    owner = np.array([int(sign) for sign in device]) if device else np.zeros(n, np.int64)
    return Outcome(
        labels=flags(labels),
        score=np.ones(n),
        anomaly=flags(anomaly),
        told=flags(told),
        limit=np.ones(n),
        time=DAY_NS // 4 * np.arange(n),
        device=owner,
    )


def test_windows_that_hold_a_labelled_reading_are_neither_right_nor_wrong(study: ModuleType) -> None:
    said = outcome(
        labels="....##......",
        anomaly=".#...##.#...",
        told="..#..#######",
    )
    found = study.counts(said, said.time, reach=3, period_ns=DAY_NS // 4)
    assert found == {
        "watched": 8,
        "flagged": 2,
        "told": 5,
        "days": 2.0,
        "devices": 1,
        "false_alarms": 1,
        "events": 1,
        "caught": 1,
        "delays": [1],
    }


def test_an_alarm_in_the_shadow_of_an_event_is_neither_false_nor_a_catch(study: ModuleType) -> None:
    said = outcome(labels="..##....", anomaly="........", told="....#..#")
    found = study.counts(said, said.time, reach=3, period_ns=DAY_NS)
    assert (found["false_alarms"], found["caught"], found["watched"]) == (1, 0, 4)


def test_an_alarm_that_goes_on_counts_again(study: ModuleType) -> None:
    assert [study.again(rang, 100.0) for rang in (0, 99, 100, 299)] == [0, 0, 1, 2]
    assert study.again(10**6, np.inf) == 0


def test_the_shadow_of_an_event_stays_on_its_device(study: ModuleType) -> None:
    device = np.array([0, 0, 0, 1, 1, 1])
    assert study.shadowed(flags("..#..."), device, 3).tolist() == flags("..#...").tolist()
    assert study.shadowed(flags("#...#."), device, 2).tolist() == flags("##..##").tolist()
    assert study.shadowed(flags("#....."), device, 1).tolist() == flags("#.....").tolist()


def test_readings_that_share_a_bin_are_watched_once(study: ModuleType) -> None:
    said = outcome(labels="....", anomaly="##..", told="....", device="0011")
    found = study.counts(said, np.array([5, 5, 5, 6]), reach=1, period_ns=DAY_NS)
    assert (found["watched"], found["flagged"], found["days"], found["devices"]) == (3, 1, 3.0, 2)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"rate": 0.01, "flagged": 19, "watched": 1000}, True),
        ({"rate": 0.01, "flagged": 20, "watched": 1000}, False),
        ({"stretch": 100, "false_alarms": 3, "watched": 300, "devices": 1}, True),
        ({"stretch": 100, "false_alarms": 3, "watched": 299, "devices": 1}, False),
        ({"stretch": 100, "false_alarms": 1, "watched": 5, "devices": 1}, True),
        ({"stretch": 100, "false_alarms": 2, "watched": 5, "devices": 2}, True),
    ],
)
def test_what_counts_as_kept(study: ModuleType, told: dict[str, Any], kept: bool) -> None:
    assert study.kept(told) is kept


def test_a_row_adds_cases_up_and_keeps_promises_apart_from_warnings(study: ModuleType) -> None:
    one: dict[str, Any] = {"rate": 0.01, "told": 3, "watched": 100, "days": 1.5, "devices": 1}
    one |= {"false_alarms": 2, "events": 2, "caught": 1, "delays": [4]}
    cases = [
        one | {"enough": True, "flagged": 1},
        one | {"enough": True, "flagged": 10},
        one | {"enough": True, "flagged": 0},
        one | {"enough": False, "flagged": 10, "delays": [6, 9]},
        {"refused": "no clock"},
    ]
    row = study.summed(cases)
    assert (row["judged"], row["refused"]) == (4, ["no clock"])
    assert (row["promised"], row["kept"], row["not_enough"], row["broken"]) == (3, 2, 1, 1)
    assert (row["watched"], row["flagged"], row["false_alarms"], row["days"]) == (400, 21, 8, 6.0)
    assert (row["events"], row["caught"], row["delay"], row["stretch"]) == (8, 4, 4.0, None)


def test_a_set_without_a_clock_has_no_days(study: ModuleType) -> None:
    one: dict[str, Any] = {"enough": True, "stretch": 50.0, "by_day": False, "flagged": 0, "told": 0, "watched": 1}
    one |= {"days": None, "devices": 1, "false_alarms": 0, "events": 0, "caught": 0, "delays": []}
    row = study.summed([one, one | {"stretch": 70.0}])
    assert (row["days"], row["delay"], row["stretch"]) == (None, None, 60.0)
    assert row["by_day"] is False
    assert study.summed([one | {"by_day": True}])["by_day"] is True


@pytest.mark.parametrize("name", [name for name in names("thresholds") if name not in ("fixed", "labelled")])
def test_each_threshold_says_that_a_few_scores_are_not_enough_and_that_many_are(study: ModuleType, name: str) -> None:
    """The words are for people; the study must not silently miss them when they are changed."""
    promise = next(each for each in study.PROMISES if each.threshold == name)
    for scores, few in ((30, True), (20_000, False)):
        score = np.abs(np.random.default_rng(scores).standard_normal(scores))
        found = load("thresholds", name).parse(promise.written.partition(":")[2].format(readings=1000))
        told = found.fit(Reference.of(score)).warnings
        calibration = Calibration("", Percentile().fit(Reference.of(score)).limits, "calibration", scores, (), told)
        assert study.lacking(calibration) is few, told


def test_a_case_is_learned_once_and_judged_by_every_promise(study: ModuleType) -> None:
    benchmark = Simulated(rows=1500, tables=1)
    case: Case = next(iter(benchmark.cases(Path())))
    asked = [each for each in study.PROMISES if each.threshold in names("thresholds")]
    told = study.told_of(benchmark, case, detector="pca", asked=asked)
    assert told["reference"] > 100
    assert list(told["promises"]) == [each.name for each in asked]
    first = told["promises"]["percentile"]
    assert first["rate"] == 0.005
    assert 0 < first["watched"] < 600
    assert all(each["watched"] == first["watched"] for each in told["promises"].values())
    assert all(each["events"] == first["events"] for each in told["promises"].values())
