"""How far normal readings stray from what is expected: which windows tell, and by how much."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tocsin.core.arrays import IntArray
from tocsin.engine.scorer import Scorer
from tocsin.graph.network import Network
from tocsin.sources import open_table
from tocsin.training.band import band_of
from tocsin.training.fit import train
from tocsin.training.parts import Parts
from tocsin.training.recipe import Recipe

NONE = np.zeros(0, np.int64)


def as_before(*, expects: bool = True) -> bytes:
    """Return a graph that expects the reading before."""
    network = Network(window=2, channels=2)
    before, last = (network.op("Gather", network.input, network.integers(k), attributes={"axis": 1}) for k in (0, 1))
    score = network.op("ReduceMax", last, network.integers([1]), attributes={"keepdims": 0})
    return network.seal(score, expected=before if expects else None).onnx


def parts(*, training: IntArray, validation: IntArray = NONE, calibration: IntArray = NONE) -> Parts:
    """Return readings that move by 0, 1, 2, … a step in one channel, down in the other, and five times as far."""
    moved = np.cumsum(np.arange(400)).astype(np.float32)
    series = np.stack([moved, -5 * moved], axis=1)
    place = np.arange(400)
    return Parts(series, training, validation, calibration, training, None, 0, place, 0 * place)


def test_of_a_hundred_and_one_steps_the_last_but_one_ends_the_band() -> None:
    found = band_of(as_before(), parts(training=np.arange(1, 9), calibration=np.arange(200, 301)), length=2)
    assert found.tolist() == [299, 5 * 299]


@pytest.mark.parametrize(
    ("validation", "calibration", "greatest"),
    [
        (np.arange(150, 250), np.arange(300, 400), 399),
        (np.arange(150, 250), np.arange(300, 399), 249),
        (np.arange(150, 249), NONE, 49),
    ],
)
def test_the_latest_part_with_a_hundred_windows_tells(
    validation: IntArray, calibration: IntArray, greatest: float
) -> None:
    held = parts(training=np.arange(10, 50), validation=validation, calibration=calibration)
    assert band_of(as_before(), held, length=2)[0] == pytest.approx(greatest, abs=1)


def test_where_nothing_is_expected_there_is_no_band() -> None:
    held = parts(training=np.arange(1, 300))
    assert band_of(as_before(expects=False), held, length=2).shape == (0,)
    assert band_of(as_before(), parts(training=NONE), length=2).shape == (0,)


def test_an_artifact_has_its_band_in_the_units_of_the_readings() -> None:
    """A forecast of noise of deviation 1 and 5 is off by 2.58 deviations once in a hundred times."""
    noise = np.random.default_rng(0).normal([2000, 50], [1, 5], (3000, 2))
    table = open_table(pl.DataFrame({"a": noise[:, 0], "b": noise[:, 1]}))
    artifact = train(table, Recipe(detector="ridge", window=3))
    assert artifact.band == pytest.approx([2.58, 12.9], rel=0.15)
    assert train(table, Recipe(detector="isolation_forest", settings={"trees": 5})).band.shape == (0,)


def waves(rows: int = 1500) -> pl.DataFrame:
    """Return a wave far from 0, one with a trend, and a direction that turns past north, once a minute."""
    rng, k = np.random.default_rng(1), np.arange(rows)
    time = np.datetime64("2024-01-01", "ns") + k * np.timedelta64(60, "s")
    near, noise = np.sin(k / 15), rng.standard_normal((rows, 3))
    north = (40 * np.sin(k / 40) + 2 * noise[:, 2]) % 360
    return pl.DataFrame(
        {
            "time": time,
            "level": 5000 + 30 * near + noise[:, 0],
            "trend": 0.05 * k + 4 * near + 0.1 * noise[:, 1],
            "north": north,
        }
    )


@pytest.mark.parametrize("scale", ["minmax", "robust"])
@pytest.mark.parametrize(
    "prepare", [(), ("difference:1",), ("detrend:20", "lag:3"), ("denoise:haar,1",), ("rolling:5", "difference:2,keep")]
)
def test_behind_any_steps_the_band_is_in_the_units_of_the_readings(scale: str, prepare: tuple[str, ...]) -> None:
    table = open_table(waves())
    recipe = Recipe(detector="ridge", window=12, scale=scale, prepare=prepare, kinds={"north": "degrees"})
    artifact = train(table, recipe)
    expected = Scorer(artifact).judge(table).verdicts.expected
    apart = np.abs(table.readings.values - expected)
    judged = np.isfinite(expected).all(axis=1)
    assert judged.mean() > 0.9
    assert (np.median(apart[judged], axis=0) < [4, 1, 8]).all()
    assert (artifact.band < [16, 4, 32]).all()
