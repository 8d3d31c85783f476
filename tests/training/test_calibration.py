"""What the person training is told about the limit."""

from __future__ import annotations

import numpy as np
import polars as pl

from tocsin.artifact.artifact import Artifact
from tocsin.sources import open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe


def trained(values: np.ndarray) -> Artifact:
    return train(open_table(pl.DataFrame({"a": values})), Recipe(detector="isolation_forest", settings={"trees": 30}))


def test_a_calibration_part_unlike_the_training_part_is_said_to_be() -> None:
    rng = np.random.default_rng(0)
    steady = rng.normal(size=4000)
    worn = steady.copy()
    worn[3400:] += 8
    assert not any("looks unlike" in text for text in trained(steady).calibration.warnings)
    assert any("looks unlike" in text for text in trained(worn).calibration.warnings)


def test_held_out_normal_readings_exceed_the_limit_about_as_often_as_asked() -> None:
    rng = np.random.default_rng(1)
    artifact = train(
        open_table(pl.DataFrame({"a": rng.normal(size=20_000), "b": rng.normal(size=20_000)})),
        Recipe(detector="isolation_forest", threshold="percentile:99"),
    )
    from tocsin.engine.scorer import Scorer

    fresh = Scorer(artifact).score(rng.normal(size=(20_000, 2)))
    assert 0.006 < fresh.anomaly.mean() < 0.015


def test_a_stated_limit_needs_no_calibration_part() -> None:
    from tocsin.training.simulate.environment import Environment

    artifact = train(open_table(Environment(rows=800).table()), Recipe(detector="rolling_zscore"))
    assert artifact.calibration.reference == "stated"
    assert artifact.calibration.scores == 0


def test_a_stated_limit_that_no_later_window_was_held_against_says_so() -> None:
    readings = pl.DataFrame({"a": np.random.default_rng(0).normal(size=400)})
    holed = readings.with_columns(a=pl.when((pl.int_range(400) % 10 < 6) | (pl.int_range(400) < 240)).then("a"))
    recipe = Recipe(detector="rolling_zscore", window=12, clock="off")
    assert train(open_table(readings), recipe).calibration.warnings == ()
    (warning,) = train(open_table(holed), recipe).calibration.warnings
    assert warning.startswith("No complete normal window lies in the last 30 % of the time")
    # a part that is shorter than a window holds none, and that is nobody's fault
    assert train(open_table(readings), Recipe(detector="rolling_zscore", window=200)).calibration.warnings == ()
