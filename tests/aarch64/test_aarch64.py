"""The edge install on aarch64: a wheel of each dependency, and the same scores and verdicts as on x86-64."""

from __future__ import annotations

import re
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from tests.aarch64.box import MIRROR, SUITE, Box, download_wheels, missing

import tocsin
from tocsin.core.arrays import Float32Array
from tocsin.graph.run import Runner
from tocsin.sources import open_table
from tocsin.testing.live_fleet import LiveFleet
from tocsin.training.smaller.distill import distill
from tocsin.training.smaller.teaching import Teaching

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
NEWEST_GLIBC = (2, 28)
"""What the how-tos ask of a system; Debian 10 and Ubuntu 20.04 have it."""
DETECTORS = {"pca": {}, "lstm_autoencoder": {"epochs": 3}, "cnn_autoencoder": {"epochs": 3}}
WINDOWS = 200
APART = 1e-5
"""Greatest difference of a score between hosts, as a share of max(|score|, limit)."""


def reachable(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=20):
            return True
    except (OSError, urllib.error.URLError):
        return False


def glibc(wheel: Path) -> tuple[int, int]:
    """Return the oldest glibc that a wheel can do with; (0, 0) where it is Python alone."""
    named = {(2, 17)} if "manylinux2014_aarch64" in wheel.name else set()
    named |= {(int(major), int(minor)) for major, minor in re.findall(r"manylinux_(\d+)_(\d+)_aarch64", wheel.name)}
    return min(named, default=(0, 0))


def test_each_dependency_has_a_wheel_for_a_system_that_is_not_too_new(tmp_path: Path) -> None:
    try:
        wheels = download_wheels(tmp_path)
    except subprocess.CalledProcessError as failed:
        if b"No matching distribution" in failed.stderr:
            raise
        pytest.skip("the package index is out of reach")
    needs = {wheel.name.split("-")[0]: glibc(wheel) for wheel in wheels}
    assert {"numpy", "onnxruntime", "pydantic_core", "sqlalchemy", "paho_mqtt", "confluent_kafka"} <= needs.keys()
    assert "polars" not in needs
    assert max(needs.values()) <= NEWEST_GLIBC, needs


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    if why := missing():
        pytest.skip(why)
    if not reachable(f"{MIRROR}/dists/{SUITE}/Release"):
        pytest.skip("Debian's mirror is out of reach")
    return Box(tmp_path_factory.mktemp("aarch64") / "root")


def trained() -> dict[str, tocsin.Scorer]:
    """Return each detector, and a student of at most 20,000 parameters that learned from one of them."""
    table = LiveFleet(channels=5).calm().table()
    found = {
        name: tocsin.fit(table, tocsin.Recipe(detector=name, settings=settings)) for name, settings in DETECTORS.items()
    }
    brief = Teaching(budget=20_000, windows=2_000, epochs=3)
    small = distill(found["lstm_autoencoder"].artifact, open_table(table), brief)
    return {**found, "student": tocsin.Scorer(small.artifact)}


def windows_of(artifact: Path) -> Float32Array:
    """Return windows of readings with and without faults, in raw units, kept beside the artifact."""
    length = tocsin.load(artifact).artifact.window
    values = LiveFleet(devices=1, readings=WINDOWS + length - 1, channels=5, seed=5).values
    cut = np.lib.stride_tricks.sliding_window_view(values, length, axis=0).transpose(0, 2, 1)
    found = np.ascontiguousarray(cut, np.float32)
    np.save(artifact.with_suffix(".npy"), found)
    return found


def test_scores_and_verdicts_are_those_of_x86(box: Box, tmp_path: Path) -> None:
    here, limits, artifacts = {}, {}, []
    for name, scorer in trained().items():
        path = tmp_path / f"{name}.tocsin"
        scorer.save(path)
        artifacts.append(path)
        here[name] = Runner(scorer.artifact.graph)(windows_of(path)).score.astype(np.float64)
        limits[name] = float(np.nanmax(scorer.verdicts(LiveFleet(devices=1, channels=5, faulty=False).values).limit))
    assert box.python(HERE / "score.py", tmp_path / "there.npz", *artifacts) == "aarch64"
    there = np.load(tmp_path / "there.npz")
    for name, limit in limits.items():
        margin = APART * np.maximum(np.abs(here[name]), limit)
        assert len(there[name]) == WINDOWS
        assert (np.abs(there[name] - here[name]) <= margin).all(), name
        clear = np.abs(here[name] - limit) > margin
        assert ((there[name] > limit) == (here[name] > limit))[clear].all(), name
        assert 0 < (here[name] > limit).sum() < WINDOWS, f"{name}: the windows show both verdicts"
