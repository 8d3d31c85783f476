"""Special channels at work: a counter, an angle, switches and a still channel, from training to the last verdict."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tocsin
from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import ArtifactError
from tocsin.core.readings import Readings
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine.pipeline import Pipeline
from tocsin.engine.reporting import settings_of
from tocsin.engine.verify import verify
from tocsin.sources import Table, open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe

N = 900
KINDS = ("real", "degrees", "counter", "binary", "constant")
ZSCORE = Recipe(detector="rolling_zscore", window=12, scale="zscore")
PCA = Recipe(detector="pca", window=6)
FOREST = Recipe(detector="isolation_forest", settings={"trees": 20}, prepare=("lag:2",))
RECIPES = {"rolling_zscore": ZSCORE, "pca": PCA, "isolation_forest": FOREST}


def values_of(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    at = np.arange(N)
    return {
        "temp": 20 + np.sin(at / 20) + 0.2 * rng.normal(size=N),
        "wind": np.cumsum(rng.normal(0, 9, N)) % 360,
        "kwh": 2e7 + np.cumsum(rng.uniform(0.01, 0.03, N)),
        "door": (rng.random(N) < 0.15).astype(float),
        "valve": np.zeros(N),
    }


def table_of(columns: dict[str, np.ndarray]) -> Table:
    rows = len(next(iter(columns.values())))
    time = np.datetime64("2024-01-01", "ns") + np.arange(rows) * np.timedelta64(60, "s")
    return open_table(pl.DataFrame({"time": time, **columns})).in_time_order()


@cache
def artifact_of(name: str) -> Artifact:
    return train(table_of(values_of()), RECIPES[name])


def verdicts_of(artifact: Artifact, readings: Readings, cuts: list[int]) -> Verdicts:
    pipeline, parts = Pipeline(artifact), []
    pipeline.join(("a", "b")[: int(readings.device.max()) + 1])
    borders = [0, *sorted({cut for cut in cuts if 0 < cut < len(readings)}), len(readings)]
    for start, stop in pairwise(borders):
        parts.append(pipeline.push(readings.take(slice(start, stop))))
        snapshot, pipeline = pipeline.snapshot(), Pipeline(artifact)
        pipeline.restore(snapshot)
    return Verdicts.join(parts)


def quiet(columns: dict[str, np.ndarray], *, recipe: Recipe = PCA) -> tuple[Verdicts, Verdicts]:
    """Return verdicts on normal readings, and on ``columns``, by an artifact with a generous limit."""
    artifact = train(table_of(values_of()), replace(recipe, threshold="percentile:99.9", raise_after=1))
    return tuple(verdicts_of(artifact, table_of(some).readings, []) for some in (values_of(), columns))  # type: ignore[return-value]  # two


@pytest.mark.parametrize("name", RECIPES)
def test_kinds_are_recognised_sealed_and_told(name: str, tmp_path: Path) -> None:
    artifact = artifact_of(name)
    assert artifact.kinds == KINDS
    bundle.save(artifact, tmp_path / "plant.tocsin")
    again = bundle.load(tmp_path / "plant.tocsin")
    assert (again.kinds, again.counters) == (artifact.kinds, artifact.counters)
    assert settings_of(again)["kinds"] == "wind: degrees, kwh: counter, door: binary, valve: constant"
    assert any(sentence.startswith("counter: kwh; ") for sentence in again.provenance.why)


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(sorted(RECIPES)),
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 400), max_size=5),
)
def test_slices_snapshots_and_company_change_no_bit(name: str, seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    readings = table_of({channel: column[:200] for channel, column in values_of(seed % 7).items()}).readings
    values = np.where(rng.random(readings.values.shape) < 0.05, np.nan, readings.values)
    values[int(rng.integers(200)) :, 2] -= 2e7
    alone = replace(readings, values=values)
    order = np.argsort(np.concatenate([np.arange(200), np.arange(200) + rng.random()]), kind="stable")
    both = Readings(
        readings.schema,
        np.repeat([0, 1], 200)[order],
        np.tile(readings.time, 2)[order],
        np.concatenate([values, np.roll(values, 50, axis=1)])[order],
    )
    artifact = artifact_of(name)
    whole = verdicts_of(artifact, alone, [])
    fleet = verdicts_of(artifact, both, cuts)
    own = fleet.take(fleet.device == 0)
    for column in ("score", "limit", "status", "by_channel"):
        np.testing.assert_array_equal(getattr(whole, column), getattr(own, column), err_msg=column)


@pytest.mark.parametrize("name", RECIPES)
def test_verify_finds_no_difference(name: str) -> None:
    table = table_of(values_of(3))
    for check in verify(artifact_of(name), table.readings.take(slice(0, 300)), table.devices, seed=0):
        assert not check.difference, check


@pytest.mark.parametrize("recipe", [PCA, ZSCORE], ids=["pca", "rolling_zscore"])
def test_a_counter_that_is_reset_raises_no_alarm(recipe: Recipe) -> None:
    columns = values_of()
    columns["kwh"] = np.where(np.arange(N) >= 700, columns["kwh"] - columns["kwh"][700] + 0.001, columns["kwh"])
    usual, found = quiet(columns, recipe=recipe)
    near = slice(700, 700 + 15)
    assert not found.anomaly[near].any() or usual.anomaly[near].any()
    assert (found.status[near] == Status.ok).all()
    held = usual.score[near].max() * 1.5
    assert found.score[near].max() <= held
    plain = train(table_of(values_of()), replace(recipe, kinds="off", raise_after=1))
    assert verdicts_of(plain, table_of(columns).readings, []).anomaly[near].any()


def test_a_counter_that_runs_three_times_as_fast_rings() -> None:
    columns = values_of()
    steps = np.diff(columns["kwh"], prepend=2e7)
    columns["kwh"] = 2e7 + np.cumsum(np.where(np.arange(N) > 700, 3 * steps, steps))
    usual, found = quiet(columns)
    assert found.anomaly[710:].mean() > 0.9
    assert usual.anomaly[710:].mean() < 0.1
    assert (np.nanargmax(found.by_channel[720:], axis=1) == 2).mean() > 0.9


def test_a_wind_that_turns_through_north_raises_no_alarm_and_one_from_elsewhere_does() -> None:
    rng = np.random.default_rng(1)
    columns = {**values_of(), "wind": (90 * np.sin(np.arange(N) / 30) + rng.normal(0, 3, N)) % 360}
    artifact = train(
        table_of(columns), replace(PCA, kinds={"wind": "degrees"}, threshold="percentile:99.9", raise_after=1)
    )
    crossing = {**columns, "wind": (columns["wind"] + 0.5) % 360}
    jumps = np.abs(np.diff(crossing["wind"])) > 180
    assert jumps[600:].sum() > 3
    found = verdicts_of(artifact, table_of(crossing).readings, [])
    assert found.by_channel[601:, 1][jumps[600:]].max() < 0.5 * found.limit[-1]
    south = table_of({**columns, "wind": np.where(np.arange(N) > 700, 180.0, columns["wind"])}).readings
    assert verdicts_of(artifact, south, []).anomaly[710:].mean() > 0.9
    chart = train(table_of(columns), Recipe(detector="ewma", kinds={"wind": "degrees"}))
    turned = verdicts_of(chart, south, [])
    assert turned.anomaly[740:].all()
    assert (np.argmax(turned.by_channel[740:], axis=1) == 1).all()


@pytest.mark.parametrize("scale", ["minmax", "zscore", "robust"])
def test_a_still_channel_that_moves_rings_and_drowns_nobody(scale: str) -> None:
    columns = {**values_of(), "valve": np.full(N, 7.0)}
    moved = table_of({**columns, "valve": np.where(np.arange(N) > 700, 1e6, 7.0)}).readings
    recipes = (replace(PCA, scale=scale, kinds=kinds) for kinds in ("auto", "off"))
    kind, plain = (verdicts_of(train(table_of(columns), recipe), moved, []) for recipe in recipes)
    assert kind.anomaly[710:].all()
    assert kind.score[710:].max() < 300 * kind.limit[-1]
    assert plain.score[710:].max() > 1000 * plain.limit[-1]


def test_without_special_channels_kinds_change_no_byte() -> None:
    rng = np.random.default_rng(0)
    table = table_of({"a": rng.normal(size=N), "b": rng.normal(size=N)})
    one, other = (train(table, replace(PCA, kinds=kinds)) for kinds in ("auto", "off"))
    assert (one.kinds, one.graph, one.provenance.why) == ((), other.graph, ())


def test_a_snapshot_of_the_same_graph_with_other_kinds_is_refused() -> None:
    artifact = artifact_of("rolling_zscore")
    with pytest.raises(ArtifactError, match="another artifact"):
        Pipeline(replace(artifact, kinds=())).restore(Pipeline(artifact).snapshot())


def test_scores_of_plain_arrays_know_the_kinds() -> None:
    columns = values_of()
    frame = pl.DataFrame(
        {"time": np.datetime64("2024-01-01", "ns") + np.arange(N) * np.timedelta64(60, "s"), **columns}
    )
    scorer = tocsin.fit(frame, PCA)
    by_frame: Any = scorer.score(frame)
    by_array = scorer.score(np.column_stack(list(columns.values())))
    np.testing.assert_array_equal(by_array.score, by_frame["score"].to_numpy())
