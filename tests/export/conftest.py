"""One artifact that a second trains, and what it was trained on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated room of 900 readings with labelled events, five channels."""
    path = tmp_path_factory.mktemp("export") / "room.csv"
    Environment(rows=900, seed=3).table().write_csv(path)
    return path


@pytest.fixture(scope="session")
def artifact_file(room: Path) -> Path:
    """An artifact of the room."""
    path = room.with_suffix(".tocsin")
    fit(room, Recipe(detector="pca")).save(path)
    return path


@pytest.fixture(scope="session")
def artifact(artifact_file: Path) -> Artifact:
    return bundle.load(artifact_file)


SMALL = {
    "autoencoder": {"hidden": [16, 8], "epochs": 15},
    "cnn_autoencoder": {"filters": [8, 8], "code": 4, "epochs": 5},
    "lstm_autoencoder": {"hidden": [16, 8], "epochs": 5},
}
"""Networks of each kind that a second trains; windows of ten readings."""


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Artifact]:
    """Artifacts of networks, by detector, of a simulated room without events."""
    path = tmp_path_factory.mktemp("small") / "room.csv"
    Environment(rows=3000, seed=3, anomaly_share=0.0).table().head(1200).write_csv(path)
    taught = {name: {**settings, "learning_rate": 5e-3} for name, settings in SMALL.items()}
    return {name: fit(path, Recipe(detector=name, settings=taught[name], window=10)).artifact for name in taught}
