"""TON_IoT: learned from the first normal rows, judged on later ones, by kind of attack."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tocsin.training.benchmark import Plan, run
from tocsin.training.benchmark.ton_iot import TonIot


def test_the_split_is_by_time_and_normal_rows_come_first(shared_data: Path) -> None:
    cases = {case.name: case for case in TonIot().cases(shared_data / "ton_iot")}
    assert sorted(cases) == ["Fridge", "Motion_Light", "Thermostat", "Weather"]
    fridge = cases["Fridge"]
    assert int(fridge.learn.sum()) == 9000
    assert not fridge.labels[fridge.learn].any()
    assert fridge.kind is not None
    counted = {name: int((fridge.kind == name).sum()) for name in ("ddos", "xss", "normal", "")}
    assert counted == {"ddos": 5000, "xss": 2042, "normal": 0, "": 15_000}
    assert fridge.table.readings.schema.names == ("fridge_temperature", "temp_condition")


def test_kinds_are_counted(shared_data: Path, tmp_path: Path) -> None:
    report, runs = run("ton_iot", shared_data, {}, plan=Plan(only="Thermostat"), folder=tmp_path)
    rows = {row.method: row.values for row in report.tables[1].rows}
    assert rows["all-ones"]["injection"] == 1
    assert rows["all-ones"]["ddos"] is None
    random = next(own for own in runs if own.method == "random")
    outcome, kind = random.outcome(), random.case.kind
    assert outcome is not None
    assert kind is not None
    of_kind = random.case.judged & (kind == "backdoor")
    assert rows["random"]["backdoor"] == pytest.approx(float(np.mean(outcome.anomaly[of_kind])))
