"""Reading variables: one table, a file each, lists in a request; what is wrong has Azure's code."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tocsin.service.azure.asked import VariableValues
from tocsin.service.azure.errors import CodedError
from tocsin.service.azure.variables import variables_in, variables_of

TIMES = ["2026-03-01T08:00:00Z", "2026-03-01T08:01:00Z", "2026-03-01T08:02:00Z"]
START = 1_772_352_000 * 10**9
MINUTE = 60 * 10**9


def test_one_table(tmp_path: Path) -> None:
    rows = [f"{time},{k},{k / 4},7" for k, time in enumerate(TIMES)]
    (tmp_path / "one.csv").write_text("\n".join(["timestamp,flow,temp,label", *rows]), "utf-8")
    found = variables_in(tmp_path / "one.csv", "OneTable")
    assert [own.name for own in found] == ["flow", "temp", "label"]
    assert found[1].values.tolist() == [0, 0.25, 0.5]
    assert found[2].values.tolist() == [7, 7, 7]
    assert all((own.time == [START, START + MINUTE, START + 2 * MINUTE]).all() for own in found)


def test_a_file_for_each(tmp_path: Path) -> None:
    for name, first in (("flow", 1), ("temp", 2)):
        rows = [f"{time},{first + k}" for k, time in enumerate(TIMES)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["timestamp,value", *rows]), "utf-8")
    (tmp_path / "readme.txt").write_text("no table", "utf-8")
    found = variables_in(tmp_path, "MultiTable")
    assert {own.name: own.values.tolist() for own in found} == {"flow": [1, 2, 3], "temp": [2, 3, 4]}


def test_minus_two_hundred_is_a_value() -> None:
    found = variables_of([VariableValues(variable="v", timestamps=TIMES, values=[-200, None, 1.5])])
    assert found[0].values[[0, 2]].tolist() == [-200, 1.5]


def test_lists_that_share_their_times_and_lists_that_do_not() -> None:
    one = VariableValues(variable="one", timestamps=TIMES, values=[1, 2, 3])
    same = variables_of([one, VariableValues(variable="two", timestamps=TIMES, values=[4, 5, 6])])
    other = variables_of([one, VariableValues(variable="two", timestamps=TIMES[1:], values=[5, 6])])
    assert [own.values.tolist() for own in same] == [[1, 2, 3], [4, 5, 6]]
    assert [own.values.tolist() for own in other] == [[1, 2, 3], [5, 6]]
    assert other[1].time.tolist() == [START + MINUTE, START + 2 * MINUTE]


@pytest.mark.parametrize(
    ("text", "schema", "code"),
    [
        ("time,flow\n2026-03-01,1\n2026-03-02,2\n", "OneTable", "FileColumnsNotExist"),
        ("timestamp\n2026-03-01\n2026-03-02\n", "OneTable", "NoVariablesFound"),
        ("timestamp,flow\n2026-03-01,1\n2026-03-02,high\n", "OneTable", "VariableParseError"),
        ("timestamp,flow\nnever,1\nnever,2\n", "OneTable", "VariableParseError"),
        ("timestamp,flow\n2026-03-01,1\n2026-03-02,2\nnever,3\n", "OneTable", "InvalidTimestampFormat"),
        ("", "OneTable", "ReadingFileError"),
        ("timestamp,flow\n2026-03-01,1\n2026-03-02,2\n", "MultiTable", "FileColumnsNotExist"),
    ],
)
def test_what_is_wrong_with_a_file(
    tmp_path: Path, text: str, schema: Literal["OneTable", "MultiTable"], code: str
) -> None:
    (tmp_path / "one.csv").write_text(text, "utf-8")
    with pytest.raises(CodedError) as told:
        variables_in(tmp_path / "one.csv" if schema == "OneTable" else tmp_path, schema)
    assert told.value.code == code
    assert str(tmp_path) not in told.value.message


def test_a_folder_without_tables(tmp_path: Path) -> None:
    with pytest.raises(CodedError, match="holds no CSV"):
        variables_in(tmp_path, "MultiTable")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ([], "NoVariablesFound"),
        ([("v", TIMES, [1, 2])], "VariableParseError"),
        ([("v", TIMES, [1, 2, 3]), ("v", TIMES, [1, 2, 3])], "DuplicatedVariables"),
        ([("v", ["x", *TIMES[1:]], [1, 2, 3])], "InvalidTimestampFormat"),
        ([("v", TIMES[:1], [1])], "NotEnoughInput"),
    ],
)
def test_what_is_wrong_with_a_request(asked: list[tuple[str, list[str], list[float]]], code: str) -> None:
    lists = [VariableValues(variable=name, timestamps=times, values=list(values)) for name, times, values in asked]
    with pytest.raises(CodedError) as told:
        variables_of(lists)
    assert told.value.code == code
