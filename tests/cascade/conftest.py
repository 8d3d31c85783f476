"""A plant's key, a stranger's, and small artifacts of one fleet: a good one, one that always rings, one of others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.artifact.signature import sign
from tocsin.artifact.signing_key import SigningKey
from tocsin.artifact.trust import Trust
from tocsin.cascade.envelope import Envelope
from tocsin.cascade.push import envelope_of
from tocsin.sources import open_table
from tocsin.testing.live_fleet import LiveFleet
from tocsin.thresholds.fixed import Fixed
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe


class Plant(NamedTuple):
    """Where everything lies."""

    folder: Path
    key: SigningKey
    trust: Trust

    def envelope(self, name: str, version: int, *, edge: str = "hall-3") -> Envelope:
        """Return a push of one of the artifacts."""
        return replace(envelope_of(self.folder / name, version), edge=edge)


@pytest.fixture(scope="session")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """Keys, and signed artifacts: configured, better, ringing (all is above its limit), foreign (other channels)."""
    folder = tmp_path_factory.mktemp("plant")
    key = SigningKey.make(folder / "plant.key")
    SigningKey.make(folder / "other.key")
    fleet = LiveFleet(devices=2, faulty=False).calm(readings=400)
    table = open_table(fleet.table())
    small = train(table, Recipe(detector="rolling_zscore", window=8, threshold="percentile:99.5"))
    better = train(table, Recipe(detector="pca", window=8, threshold="percentile:99.5"))
    strange = open_table(fleet.table().rename({"c0": "pressure"}))
    made = {
        "configured": small,
        "better": better,
        "third": train(table, Recipe(detector="rolling_zscore", window=6, threshold="percentile:99.5")),
        "ringing": _ringing(better),
        "foreign": train(strange, Recipe(detector="rolling_zscore", window=8)),
    }
    for name, artifact in made.items():
        bundle.save(artifact, folder / f"{name}.tocsin")
        sign(folder / f"{name}.tocsin", key, folder / f"{name}.tocsin")
    bundle.save(better, folder / "unsigned.tocsin")
    bundle.save(replace(better, graph=b"no graph at all"), folder / "broken.tocsin")
    sign(folder / "broken.tocsin", key, folder / "broken.tocsin")
    return Plant(folder, key, Trust.read([folder / "plant.pub"]))


def _ringing(artifact: Artifact) -> Artifact:
    """Return an artifact with a limit so absurd that everything rings."""
    limits = Fixed(1e-9).fit(artifact.evidence).limits
    return replace(artifact, calibration=replace(artifact.calibration, threshold="fixed:1e-9", limits=limits))


def readings(count: int = 200) -> np.ndarray:
    """Return ordinary readings of one device."""
    return LiveFleet(devices=1, readings=count, faulty=False, seed=5).values
