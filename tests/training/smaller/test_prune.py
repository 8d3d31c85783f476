"""Pruned artifacts are smaller, complete, and still hear what the big one hears."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import InputError, SettingError
from tocsin.engine.verify import verify
from tocsin.export.detection import detection_of, scored_by
from tocsin.export.parameters import parameters
from tocsin.sources import Table, open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment
from tocsin.training.smaller._front import front_of
from tocsin.training.smaller.prune import Pruning, _detector, _graph, _restored, pruned

Recorded = Callable[[str, object], None]

FAMILIES = {
    "autoencoder": {"hidden": (16, 4), "epochs": 6},
    "cnn_autoencoder": {"filters": (8, 6), "epochs": 6, "normalisation": "window"},
    "lstm_autoencoder": {"hidden": (12, 6), "epochs": 2},
    "gru": {"hidden": (12, 6), "epochs": 2, "cell": "gru"},
}
SLIM = {"autoencoder": "8,4", "cnn_autoencoder": "4,3", "lstm_autoencoder": "6,3", "gru": "6,3"}


def learned(table: Table, family: str, **settings: object) -> Artifact:
    name = "lstm_autoencoder" if family == "gru" else family
    return train(table, Recipe(detector=name, settings={**FAMILIES[family], **settings}, raise_after=2))


@pytest.fixture(scope="module")
def table() -> Table:
    return open_table(Environment(rows=900, seed=3).table())


@pytest.fixture(scope="module")
def big(table: Table) -> Artifact:
    return learned(table, "autoencoder")


@pytest.mark.parametrize("family", list(FAMILIES))
def test_the_network_comes_back_to_the_last_byte(table: Table, family: str) -> None:
    artifact = learned(table, family, epochs=0)
    detector, front = _detector(artifact), front_of(artifact)
    network = _restored(detector, artifact, front)
    again = front.fold(_graph(detector, network, (artifact.window, len(artifact.schema))))
    assert again.onnx == artifact.graph


@pytest.mark.parametrize(
    "family", ["autoencoder", *(pytest.param(name, marks=pytest.mark.slow) for name in list(FAMILIES)[1:])]
)
def test_units_leave_and_the_artifact_is_whole(table: Table, family: str, tmp_path: Path) -> None:
    artifact = learned(table, family, epochs=2)
    small = pruned(artifact, table, Pruning(keep=0.5, rounds=2))
    assert small.provenance.settings["filters" if "cnn" in family else "hidden"] == SLIM[family]
    assert parameters(small.graph) < 0.7 * parameters(artifact.graph)
    assert small.calibration.threshold == artifact.calibration.threshold
    assert small.calibration.limits != artifact.calibration.limits
    assert small.policy == artifact.policy
    bundle.save(small, tmp_path / "small.tocsin")
    assert bundle.load(tmp_path / "small.tocsin").graph == small.graph


def test_it_says_what_happened(table: Table, big: Artifact) -> None:
    small = pruned(big, table, Pruning(keep=0.5, rounds=1))
    before, after = parameters(big.graph), parameters(small.graph)
    told = small.provenance.why[-1]
    assert told.startswith(f"Pruned from a network of {before:,} parameters to {after:,}: 50 % of the units stay")
    assert small.provenance.curves["training_loss"]


def test_the_same_twice(table: Table, big: Artifact) -> None:
    once, twice = (pruned(big, table, Pruning(rounds=1, seed=5)) for _ in range(2))
    assert once.graph == twice.graph


def test_it_is_verified(table: Table, big: Artifact) -> None:
    found = verify(pruned(big, table, Pruning(rounds=1)), table.readings, devices=table.devices)
    assert [check.difference for check in found] == [""] * 5


@pytest.mark.parametrize("keep", [0.0, 1.0, -1.0, float("nan")])
def test_a_share_is_between_none_and_all(keep: float) -> None:
    with pytest.raises(SettingError, match="keep is"):
        Pruning(keep=keep)


def test_rounds_are_few() -> None:
    with pytest.raises(SettingError, match="rounds is 0"):
        Pruning(rounds=0)


def test_other_detectors_are_sent_to_distillation(table: Table) -> None:
    with pytest.raises(SettingError, match=r"No unit can be taken out of pca.*tocsin distill"):
        pruned(train(table, Recipe(detector="pca")), table)


def test_columns_that_steps_add_are_refused(table: Table) -> None:
    artifact = train(
        table, Recipe(detector="autoencoder", settings=FAMILIES["autoencoder"] | {"epochs": 1}, prepare=("lag:1",))
    )
    with pytest.raises(SettingError, match=r"steps that add columns \(lag:1\)"):
        pruned(artifact, table)


def test_a_graph_that_is_no_longer_its_detectors_is_refused(table: Table, big: Artifact) -> None:
    other = learned(table, "autoencoder", epochs=1, hidden=(15, 4))
    with pytest.raises(SettingError, match="other layers"):
        pruned(replace(big, graph=other.graph), table)


def test_other_channels_are_refused(big: Artifact) -> None:
    strangers = pl.DataFrame({"time": range(500), "pressure": np.random.default_rng(0).normal(size=500)})
    with pytest.raises(InputError, match="channels are pressure"):
        pruned(big, open_table(strangers))


def test_too_few_readings_are_refused(big: Artifact) -> None:
    few = Environment(rows=900, seed=3).table().head(25)
    with pytest.raises(InputError, match="too few readings"):
        pruned(big, open_table(few))


@pytest.mark.slow
@pytest.mark.parametrize("family", ["autoencoder", "cnn_autoencoder"])
def test_beside_a_small_one_that_learned_from_scratch(family: str, record_property: Recorded) -> None:
    """Pruned or small from the start: both are told, since pruning pays only where it is not worse."""
    table, later = (open_table(Environment(rows=6000, seed=seed).table()) for seed in (3, 4))
    artifact = train(table, Recipe(detector=family))
    small = pruned(artifact, table, Pruning(keep=0.5))
    scratch = train(table, Recipe(detector=family, settings=dict(small.provenance.settings)))
    found = {}
    for name, one in (("big", artifact), ("pruned", small), ("from scratch", scratch)):
        detected = detection_of(scored_by(one, later))
        assert detected is not None
        assert detected.vus_pr is not None
        found[name] = detected.vus_pr
        record_property(name, f"{parameters(one.graph):,} parameters, VUS-PR {detected.vus_pr:.3f}")
    assert found["pruned"] > found["big"] - 0.1
