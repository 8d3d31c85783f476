"""Every benchmark of the room: files are found or named, the split leaks nothing, and the command line tells of it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from tocsin.cli.benchmark import benchmark as verb
from tocsin.core.discover import load, names, summary
from tocsin.core.errors import InputError, SettingError
from tocsin.evaluation.guards import check_split
from tocsin.training.benchmark import Benchmark

NAMES = names("training.benchmark")
NEEDY = [name for name in NAMES if load("training.benchmark", name).sign]
"""Those that need files."""

LONGEST = 120
"""The longest default window of a detector."""


def made(name: str) -> Benchmark:
    found = load("training.benchmark", name)()
    assert isinstance(found, Benchmark)
    return found


def test_the_room_holds_the_published_benchmarks() -> None:
    assert set(NAMES) >= {"ai4i2020", "ims", "nab", "occupancy", "skab", "smap_msl", "ton_iot", "wsn"}
    with pytest.raises(SettingError, match="There is no 'nap'"):
        load("training.benchmark", "nap")


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_it_is_and_where_its_files_come_from(name: str) -> None:
    own = made(name)
    assert summary("training.benchmark", name).endswith(".")
    assert own.origin.count("https://") or own.origin.count("repository")
    assert all(field.default is not None for field in fields(own))  # type: ignore[arg-type]  # a dataclass by contract
    told = " ".join((verb.__doc__ or "").split())
    assert f"{name}: " in told


@pytest.mark.parametrize("name", NEEDY)
def test_missing_files_are_told_with_their_origin(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Fetch them first") as told:
        made(name).find(tmp_path)
    assert made(name).origin in str(told.value)


@pytest.mark.parametrize("name", ["ai4i2020", "ims", "occupancy", "skab", "smap_msl", "ton_iot", "wsn"])
def test_no_case_lets_anything_learn_from_what_is_judged(name: str, shared_data: Path) -> None:
    own = made(name)
    for case in own.cases(own.find(shared_data)):
        assert len(case.labels) == len(case.table) == len(case.learn) == len(case.judged)
        assert case.learn.sum() >= 70
        assert case.judged.any()
        check_split(case.learn, case.judged, case.table.readings.device, window=LONGEST)
        time, device = case.table.readings.time, case.table.readings.device
        assert (np.diff(time)[np.diff(device) == 0] >= 0).all()


@pytest.mark.parametrize("name", ["nab", "smap_msl", "wsn", "ims"])
def test_where_the_protocol_names_no_labels_none_are_learned_from(name: str, shared_data: Path) -> None:
    own = made(name)
    assert not any(case.teaches or case.normal_only for case in own.cases(own.find(shared_data)))
