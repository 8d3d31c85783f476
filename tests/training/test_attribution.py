"""A fault injected into one channel has the greatest share: how often, and from which size on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from tocsin.artifact.artifact import Artifact
from tocsin.explain.occlusion import occlusion
from tocsin.graph.run import Runner
from tocsin.sources import open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe
from tocsin.training.simulate import Fault, inject
from tocsin.training.simulate.environment import Environment

TRIALS, LEARNED = 200, 2_000
ROOM = Environment(rows=3_000, seed=11, anomaly_share=0).table().drop("label", "event", "event_size")
VALUES = ROOM.drop("time").to_numpy()

RECIPES = {
    "lstm_autoencoder": Recipe(detector="lstm_autoencoder", settings={"epochs": 12, "batch_size": 64}),
    "isolation_forest": Recipe(detector="isolation_forest"),
}


class Rates(NamedTuple):
    """Shares of the trials."""

    top: float
    """The fault's channel has the greatest share of the highest score during the fault."""
    caught: float
    """That score is above the limit."""


@pytest.fixture(scope="module", params=RECIPES)
def artifact(request: pytest.FixtureRequest) -> Artifact:
    return train(open_table(ROOM.head(LEARNED)), RECIPES[request.param])


def deviation() -> np.ndarray:
    """Return each channel's spread about its daily rhythm, which is what sizes of faults are told in."""
    days = VALUES[: 20 * 144].reshape(20, 144, 5)
    return np.asarray((days - days.mean(axis=0)).reshape(-1, 5).std(axis=0))


def injected(trial: int, rng: np.random.Generator, window: int) -> tuple[int, np.ndarray]:
    """Return a channel, and the windows of readings the artifact has not seen, with a fault of 4 to 6 σ in it."""
    kind, length = ("spike", 3) if trial % 2 else ("drift", 16)
    channel, size = int(rng.integers(5)), float(rng.uniform(4, 6) * rng.choice([-1, 1]))
    start = int(rng.integers(LEARNED + window, len(VALUES) - length))
    faulty = inject(VALUES, [Fault(kind, start, length, (channel,), size)], deviation=deviation())
    rows = np.arange(start, start + length)[:, None] + np.arange(1 - window, 1)
    return channel, faulty[rows].astype(np.float32)


def measured(artifact: Artifact) -> Rates:
    run, rng = Runner(artifact.graph), np.random.default_rng(0)
    limit = getattr(artifact.calibration.limits, "limit")  # noqa: B009  # limits have no common fields
    top = caught = 0
    for trial in range(TRIALS):
        channel, windows = injected(trial, rng, artifact.window)
        found = run(windows)
        peak = [int(np.argmax(found.score))]
        shares = found.by_channel
        if shares is None:
            shares = occlusion(run, windows, found.score, usual=artifact.reference)
        top += int(np.argmax(np.nan_to_num(shares[peak][0]))) == channel
        caught += bool(found.score[peak][0] > limit)
    return Rates(top / TRIALS, caught / TRIALS)


LEAST = {"lstm_autoencoder": 0.90, "isolation_forest": 0.60}
"""A forest sees each reading by itself: most of these faults lie within their channel's usual range."""


def test_the_faulty_channel_has_the_top_share(artifact: Artifact) -> None:
    detector = artifact.provenance.detector
    found = measured(artifact)
    print(f"{detector}: top share in {found.top:.1%} of {TRIALS} trials, {found.caught:.1%} above the limit")  # noqa: T201  # the figure
    assert found.top >= LEAST[detector]
