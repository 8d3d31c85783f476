"""``tocsin distill``: a student, and a table of both; the smallest, and all that was tried."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Shell

from tocsin.artifact import bundle
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe

BRIEF = ("--budget", "2000", "--epochs", "3", "--windows", "800")


@pytest.fixture(scope="module")
def teacher(room: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("teacher") / "room.tocsin"
    fit(room, Recipe(detector="pca", window=6)).save(path)
    return path


@pytest.mark.slow
def test_table(shell: Shell, teacher: Path, room: Path) -> None:
    done = shell("distill", teacher, room, *BRIEF, "-o", "small.tocsin", "--labelled", room)
    assert done.code == 0
    assert all(
        word in done.out for word in ("learned what pca says", "small.tocsin", "VUS-PR", "its teacher's verdict")
    )
    small = bundle.load("small.tocsin")
    assert small.provenance.detector == "stats_small"
    assert small.window == 6


@pytest.mark.slow
def test_json(shell: Shell, teacher: Path, room: Path) -> None:
    done = shell("distill", teacher, room, *BRIEF, "--student", "cnn_small", "-o", "small.tocsin", "--json")
    told = json.loads(done.out)
    assert told["after"]["parameters"] <= 2000
    assert set(told["likeness"]) == {"calm", "faulty", "rank"}


@pytest.mark.slow
def test_the_smallest_is_looked_for_and_all_tried_are_told(shell: Shell, teacher: Path, room: Path) -> None:
    words = ("distill", teacher, room, *BRIEF, "--student", "dense_small", "--jobs", "1", "-o", "small.tocsin")
    done = shell(*words, "--within", "0.3")
    assert done.code == 0
    assert all(word in done.out for word in ("What was tried", "kept", "±", "→ small.tocsin"))
    told = json.loads(shell(*words, "--within", "0", "--json").out)
    assert all(one["student"] == "dense_small" for one in told["tried"])


def test_what_cannot_be_is_told_before_the_work(shell: Shell, teacher: Path, room: Path) -> None:
    for words, said in (
        (("--student", "cnn_large"), "There is no 'cnn_large' among"),
        (("--budget", "0"), "budget is 0"),
        (("--within", "2"), "cannot be borne"),
        (("-o", teacher), "would be overwritten"),
        (("-o", room), "would be overwritten"),
    ):
        done = shell("distill", teacher, room, *words)
        assert done.code == 2
        assert said in done.err
