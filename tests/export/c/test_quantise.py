"""Layers in 8 bits: near the floating point ones on normal windows, and never deaf to wild ones."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.export.c.conftest import Build, calm, learned, told

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import FloatArray
from tocsin.core.errors import SettingError
from tocsin.core.scores import Scores
from tocsin.engine.scorer import Scorer
from tocsin.export.c.compiled import Compiled
from tocsin.export.c.export import program_of
from tocsin.export.c.quantise import quantised, rounded_rows
from tocsin.export.c.source import Source, source
from tocsin.export.starting import starting_limit
from tocsin.export.targets.c_int8 import CInt8
from tocsin.graph.run import Runner
from tocsin.training.recipe import Recipe


@pytest.fixture(scope="session")
def small(cnn: Artifact) -> Source:
    program = quantised(program_of(cnn), cnn.graph, normal=cnn.sample)
    return source(cnn, program, file="room.c", arena="state", precision="int8")


@given(arrays(np.float64, (3, 5), elements=st.floats(-1e3, 1e3)))
def test_a_weight_is_off_by_half_a_step_at_most(weight: FloatArray) -> None:
    rows, factor = rounded_rows(weight)
    assert np.abs(rows * factor[:, None] - weight).max(initial=0) <= (factor / 2).max() * (1 + 1e-9)
    assert np.abs(rows.astype(int)).max() <= 127


def test_verdicts_on_normal_readings_are_those_of_floating_point(cnn: Artifact, small: Source, build: Build) -> None:
    readings = calm(1200, seed=31)
    found = told(build(small), readings)
    own = Scorer(cnn).verdicts(readings)
    assert (found[:, 2] == own.anomaly).mean() > 0.99
    ok = own.status == 0
    assert np.abs(found[ok, 1] - own.score[ok]).mean() < 0.05 * starting_limit(cnn)


def test_a_channel_far_beyond_its_range_rings_as_with_floating_point(cnn: Artifact, small: Source) -> None:
    limit, compiled, runner = starting_limit(cnn), Compiled(small), Runner(cnn.graph)
    for far in (10, 100, 1e4, 1e8, -1e8):
        windows = cnn.sample.copy()
        for channel in range(3):
            strange = windows.copy()
            strange[:, -1, channel] += np.float32(far) * 5
            own = runner(strange).score > limit
            assert own.any()
            assert (_scored(compiled, strange).score[own] > limit).all()


def _scored(compiled: Compiled, windows: FloatArray | np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Scores:
    return compiled(np.asarray(windows, np.float32))


def test_layers_are_whole_numbers_and_the_score_is_not(small: Source) -> None:
    text = small.files["room.c"].decode()
    tables = re.findall(r"static const (\w+) table_\d+\[(\d+)\]", text)
    layers = 3 * 5 * 8 + 8 * 5 * 8 + 3 * 5 * 8 + 8 * 5 * 8 + 8 * 5 * 3  # all but the code of 24 weights
    assert sum(int(size) for kind, size in tables if kind == "int8_t") == layers
    assert sum(int(size) for kind, size in tables if kind == "float") < 120
    loops = text.split("float room_score(", 1)[1].split("void room_init", 1)[0]
    assert "int32_t sum" in loops
    assert "rounded(" in loops
    assert "Sub Mul: 3 */" in loops  # the squared error, from the reading as it came


def test_where_weights_alone_are_rounded_nothing_is_cut(cnn: Artifact) -> None:
    program = quantised(program_of(cnn), cnn.graph, normal=cnn.sample, headroom=None)
    own = source(cnn, program, file="room.c", arena="stack", precision="int8 weights")
    assert b"rounded(" not in own.files["room.c"]
    assert b"static const int8_t" in own.files["room.c"]
    windows = cnn.sample * np.float32(1.7)
    score = Runner(cnn.graph)(windows).score
    np.testing.assert_allclose(Compiled(own)(windows).score, score, rtol=0.1, atol=0.05 * starting_limit(cnn))


@pytest.mark.slow
def test_rows_of_a_table_are_looked_up_in_its_whole_numbers() -> None:
    artifact = learned(Recipe(detector="kmeans", window=24), calm(600), ("temp", "hum", "co2"))
    made = CInt8().make(artifact, artifact.sample, name="room.c")
    assert b"Gather8" not in made.files["room.c"].split(b"room_score(")[0]
    kinds = re.findall(rb"static const (\w+) table_\d+\[(\d+)\]", made.files["room.c"])
    assert max(int(size) for kind, size in kinds if kind == b"float") < 24 * 3
    windows = artifact.sample
    apart = np.abs(made.score(windows).score - Runner(artifact.graph)(windows).score)
    assert apart.max() < 0.02 * starting_limit(artifact)


def test_a_graph_without_layers_is_refused() -> None:
    artifact = learned(Recipe(detector="limits"), calm(300), ("temp", "hum", "co2"))
    with pytest.raises(SettingError, match=r"no layer .* Export it as c"):
        CInt8().make(artifact, artifact.sample, name="room.c")
