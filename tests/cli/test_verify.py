"""``tocsin verify``: the promise, and what happens to an artifact that breaks it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tocsin.engine.scorer import Scorer
from tocsin.graph.network import Network

Shell = Callable[..., tuple[int, str, str]]

CHECKS = ["row by row", "random slices", "snapshot and restore", "each device alone", "a fleet at once"]


def test_five_cuts_change_nothing(shell: Shell, artifact: Path, room: Path) -> None:
    code, out, err = shell("verify", artifact, room, "--rows", "150")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line[:22].strip() for line in lines] == CHECKS
    assert all(line.endswith("readings  same") for line in lines)


def test_json(shell: Shell, artifact: Path, room: Path) -> None:
    told = json.loads(shell("verify", artifact, room, "--rows", "150", "--json")[1])
    assert told["notes"] == []
    assert [check["check"] for check in told["checks"]] == CHECKS
    assert {check["difference"] for check in told["checks"]} == {None}


@pytest.fixture
def fickle(scorer: Scorer, tmp_path: Path) -> Path:
    """An artifact whose graph scores a window by the company it comes in: it scales by the batch's greatest value."""
    network = Network(window=12, channels=5)
    last = network.op("Gather", network.input, network.integers([11]), attributes={"axis": 1})
    first = network.op("Gather", last, network.integers([0]), attributes={"axis": 2})
    value = network.op("Reshape", first, network.integers([-1]))
    greatest = network.op("ReduceMax", value, network.integers([0]), attributes={"keepdims": 1})
    graph = network.seal(network.op("Div", value, greatest))
    path = tmp_path / "fickle.tocsin"
    Scorer(replace(scorer.artifact, graph=graph.onnx)).save(path)
    return path


def test_the_first_difference_is_told_with_exit_code_1(shell: Shell, fickle: Path, room: Path) -> None:
    code, out, err = shell("verify", fickle, room, "--rows", "150")
    assert (code, err) == (1, "")
    first = out.splitlines()[0]
    assert first.startswith("row by row                  150 readings  DIFFERS  row 12, device -: score is 0.")
    assert " whole, 1.0 cut" in first
