"""``tocsin prune``: a smaller artifact, and a table of both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Shell

from tocsin.artifact import bundle
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe


@pytest.fixture(scope="module")
def network(room: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("network") / "room.tocsin"
    fit(room, Recipe(detector="autoencoder", settings={"hidden": (16, 4), "epochs": 3})).save(path)
    return path


@pytest.mark.slow
def test_table(shell: Shell, network: Path, room: Path) -> None:
    done = shell("prune", network, room, "--rounds", "1", "-o", "small.tocsin", "--labelled", room)
    assert done.code == 0
    assert "Pruned from a network of" in done.out
    assert all(word in done.out for word in ("small.tocsin", "÷", "VUS-PR"))
    assert bundle.load("small.tocsin").provenance.settings["hidden"] == "8,4"


@pytest.mark.slow
def test_json(shell: Shell, network: Path, room: Path) -> None:
    done = shell("prune", network, room, "--rounds", "1", "--keep", "0.25", "-o", "small.tocsin", "--json")
    told = json.loads(done.out)
    assert told["after"]["parameters"] < told["before"]["parameters"]


def test_what_cannot_be_is_told_before_the_work(shell: Shell, artifact: Path, network: Path, room: Path) -> None:
    for words, said in (
        (("prune", artifact, room), "No unit can be taken out of rolling_zscore"),
        (("prune", network, room, "--keep", "1.5"), "keep is 1.5"),
        (("prune", network, room, "-o", network), "would be overwritten"),
        (("prune", network, room, "-o", room), "would be overwritten"),
    ):
        done = shell(*words)
        assert done.code == 2
        assert said in done.err
