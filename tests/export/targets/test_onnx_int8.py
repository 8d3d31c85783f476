"""int8: smaller, the same verdicts, the same bits in whatever company, and nothing strange cut off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.core.errors import SettingError
from tocsin.engine.verify import verify
from tocsin.export._int8_choose import Level, choose
from tocsin.export._int8_exam import Exam
from tocsin.export._int8_graph import Rounding
from tocsin.export.detection import agreement_of, detection_of, scored_by
from tocsin.export.export import export
from tocsin.export.flop import flop
from tocsin.export.graph_made import GraphMade
from tocsin.export.parameters import parameters
from tocsin.export.sealed import opened
from tocsin.export.starting import starting_limit
from tocsin.export.targets.onnx_int8 import OnnxInt8
from tocsin.graph.lint import lint
from tocsin.graph.run import Runner
from tocsin.sources import Table, open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment
from tocsin.training.smaller.distill import distill
from tocsin.training.smaller.teaching import Teaching

NETWORKS = ("autoencoder", "cnn_autoencoder", "lstm_autoencoder")
Arithmetic = Literal["float", "integer"]
BOTH: tuple[Arithmetic, ...] = ("float", "integer")


@dataclass(frozen=True, eq=False, repr=False)
class Furthest:
    """Graphs in which all is rounded as far as can be, whatever becomes of verdicts, by network and arithmetic."""

    graphs: Mapping[tuple[str, str], bytes]
    runners: Mapping[tuple[str, str], Runner]


@pytest.fixture(scope="session")
def furthest(small: dict[str, Artifact]) -> Furthest:
    graphs: dict[tuple[str, str], bytes] = {
        (name, kind): _rounded(small[name], kind) for name in NETWORKS for kind in BOTH
    }
    return Furthest(graphs, {key: Runner(graph) for key, graph in graphs.items()})


def _rounded(artifact: Artifact, kind: Arithmetic) -> bytes:
    rounding = Rounding(artifact.graph, artifact.sample, calibration="minmax")
    whole = kind == "integer"
    return rounding.build({each.weight: "integer" if whole and each.integer else "stored" for each in rounding.layers})


@dataclass(frozen=True, eq=False, repr=False)
class Made:
    """What is made of each network, by its name and the arithmetic, and what scores as the original does, and as it."""

    exports: Mapping[tuple[str, str], GraphMade]
    own: Mapping[str, Runner]
    other: Mapping[tuple[str, str], Runner]
    sample: Mapping[str, Float32Array]
    limit: Mapping[str, float]


@pytest.fixture(scope="session")
def made(small: dict[str, Artifact]) -> Made:
    exports: dict[tuple[str, str], GraphMade] = {
        (name, kind): OnnxInt8(arithmetic=kind).make(small[name], small[name].sample, name="edge.tocsin")
        for name in NETWORKS
        for kind in BOTH
    }
    return Made(
        exports,
        {name: Runner(small[name].graph) for name in NETWORKS},
        {key: Runner(_artifact_graph(export)) for key, export in exports.items()},
        {name: small[name].sample for name in NETWORKS},
        {name: starting_limit(small[name]) for name in NETWORKS},
    )


def later_table() -> pl.DataFrame:
    """Readings of the room that were not learned from, 1,800 of them, with labelled faults."""
    return Environment(rows=3000, seed=3, anomaly_share=0.1).table().tail(1800)


@cache
def later() -> Float32Array:
    """Later readings of the same room, ndarray of shape (1800, 5), float32."""
    return _values(later_table())


def _values(table: pl.DataFrame) -> Float32Array:
    return table.select("temperature", "humidity", "light", "loudness", "air_quality").to_numpy().astype(np.float32)


def _windows(values: Float32Array, length: int) -> Float32Array:
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(values, length, axis=0).transpose(0, 2, 1))


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("name", NETWORKS)
def test_verdicts_on_later_readings_are_the_same(small: dict[str, Artifact], made: Made, name: str, kind: str) -> None:
    table = open_table(later_table())
    own, other = (scored_by(artifact, table) for artifact in (small[name], _artifact(made.exports[name, kind])))
    agreement = agreement_of(own.verdicts, other.verdicts)
    one, two = detection_of(own), detection_of(other)
    assert agreement is not None
    assert agreement >= 0.998
    assert one is not None
    assert two is not None
    assert one.vus_pr is not None
    assert two.vus_pr is not None
    assert abs(one.vus_pr - two.vus_pr) <= 0.01


@pytest.mark.parametrize("name", NETWORKS)
def test_scores_lie_close_and_shares_and_expectations_are_kept(
    small: dict[str, Artifact], made: Made, name: str
) -> None:
    windows, limit = _windows(later(), 10), starting_limit(small[name])
    own, other = Runner(small[name].graph)(windows), made.exports[name, "float"].score(windows)
    assert other.by_channel is not None
    assert other.expected is not None
    assert own.expected is not None
    assert np.allclose(other.by_channel.sum(axis=1), other.score, rtol=1e-5)
    near = own.score < 2 * limit
    assert np.mean(np.abs(own.score - other.score)[near]) < 0.02 * limit
    spread = later().std(axis=0)
    assert np.mean(np.abs(own.expected - other.expected) / spread) < 0.05


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("kind", BOTH)
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1700), st.integers(1, 90))
def test_a_window_gets_the_same_bits_in_any_company(
    furthest: Furthest, kind: str, name: str, first: int, count: int
) -> None:
    """Alone, in a batch, and in one of 64 or more, which threads share; with values far out beside it."""
    runner, windows = furthest.runners[name, kind], _windows(later()[first : first + count + 9], 10)
    together = runner(windows)
    wild = runner(np.concatenate([windows * np.float32(1e6), windows]))
    for k in {0, len(windows) // 2, len(windows) - 1}:
        alone = runner(windows[k : k + 1])
        for batch, place in ((together, k), (wild, len(windows) + k)):
            assert alone.score.tobytes() == batch.score[place : place + 1].tobytes()
            assert alone.by_channel is not None
            assert batch.by_channel is not None
            assert alone.by_channel.tobytes() == batch.by_channel[place : place + 1].tobytes()


@pytest.mark.parametrize("kind", BOTH)
def test_the_artifact_scores_the_same_however_readings_are_cut(made: Made, kind: str) -> None:
    table = open_table(Environment(rows=150, seed=5, devices=2).table())
    for check in verify(_artifact(made.exports["autoencoder", kind]), table.readings, table.devices):
        assert check.passed, f"{check.name}: {check.difference}"


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("kind", BOTH)
@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 63),
    st.sets(st.integers(0, 4), min_size=1),
    st.floats(-1e6, 1e6).filter(lambda far: abs(far) > 1),
    st.integers(1, 10),
)
def test_what_lies_far_out_never_passes_for_normal(
    made: Made,
    furthest: Furthest,
    name: str,
    kind: str,
    window: int,
    channels: set[int],
    far: float,
    steps: int,
) -> None:
    """Numbers of 8 bits have an end; the score is of the readings themselves, so it goes on growing behind it."""
    limit, strange = made.limit[name], made.sample[name][window : window + 1].copy()
    spread = made.sample[name].std(axis=(0, 1))
    for channel in channels:
        strange[:, -steps:, channel] += np.float32(far) * spread[channel]
    own, other = (float(runner(strange).score[0]) for runner in (made.own[name], made.other[name, kind]))
    assert other > limit or own <= 1.05 * limit
    assert float(furthest.runners[name, kind](strange).score[0]) > limit or own <= 1.25 * limit


def test_layers_are_taken_back_by_which_verdicts_turn(small: dict[str, Artifact]) -> None:
    """One layer is rounded so badly that verdicts turn: that one stays in single precision, and no other."""
    artifact = small["autoencoder"]
    good = Rounding(artifact.graph, artifact.sample, calibration="minmax")
    spoilt = good.layers[3].weight
    bad = Rounding(_without(artifact.graph, spoilt), artifact.sample, calibration="minmax")

    def build(levels: Mapping[str, Level]) -> bytes:
        return (good if levels[spoilt] == "float" else bad).build(levels)

    chosen = choose(good.layers, build, Exam(artifact, artifact.sample, margin=0.05), first="stored")
    assert {weight for weight, level in chosen.levels.items() if level == "float"} == {spoilt}
    assert chosen.harm.turned == 0


def _without(graph: bytes, weight: str) -> bytes:
    model = onnx.load_from_string(graph)
    for tensor in model.graph.initializer:
        if tensor.name == weight:
            tensor.raw_data = bytes(len(tensor.raw_data))
    return bytes(model.SerializeToString())


def test_rounding_changes_neither_parameters_nor_arithmetic(small: dict[str, Artifact], furthest: Furthest) -> None:
    for (name, _), graph in furthest.graphs.items():
        assert parameters(graph) == parameters(small[name].graph)
        assert flop(graph) == flop(small[name].graph)


@pytest.mark.parametrize("name", NETWORKS)
def test_graphs_are_static_and_in_the_versions_of_the_project(made: Made, furthest: Furthest, name: str) -> None:
    for graph in (furthest.graphs[name, "integer"], *(_artifact_graph(made.exports[name, kind]) for kind in BOTH)):
        assert lint(graph) == []
        onnx.checker.check_model(onnx.load_from_string(graph), full_check=True)
    kinds = {node.op_type for node in onnx.load_from_string(furthest.graphs[name, "integer"]).graph.node}
    assert {"QuantizeLinear", "ConvInteger" if name == "cnn_autoencoder" else "MatMulInteger"} <= kinds


def test_the_file_is_a_third_or_less(small: dict[str, Artifact], made: Made) -> None:
    """Of a small network, in which what is not weights weighs most: more than half of it goes, and of weights 3/4."""
    for name in NETWORKS:
        graph = _artifact_graph(made.exports[name, "float"])
        weights = sum(layer.values for layer in Rounding(small[name].graph, small[name].sample, calibration="").layers)
        assert len(small[name].graph) - len(graph) > 2.7 * weights


def test_the_artifact_says_what_it_was_made_from_and_keeps_its_limit(small: dict[str, Artifact], made: Made) -> None:
    artifact, own = _artifact(made.exports["autoencoder", "float"]), small["autoencoder"]
    assert artifact.provenance.why[-1].startswith("int8 of the graph ")
    assert artifact.provenance.fingerprint == own.provenance.fingerprint
    assert starting_limit(artifact) == starting_limit(own)
    assert len(artifact.evidence) == len(own.evidence)
    assert len(artifact.sample) == 0
    lean = OnnxInt8(lean=True).make(own, own.sample, name="edge.tocsin")
    assert len(_artifact(lean).evidence) == 0
    assert len(lean.files["edge.tocsin"]) < len(made.exports["autoencoder", "float"].files["edge.tocsin"])


def test_the_same_windows_make_the_same_file(small: dict[str, Artifact]) -> None:
    own = small["autoencoder"]
    one, other = (OnnxInt8(arithmetic="integer").make(own, own.sample, name="a.onnx").files for _ in range(2))
    assert one == other


@pytest.mark.parametrize("calibration", ["minmax", "entropy", "percentile:99.9"])
def test_each_calibration_is_proven(small: dict[str, Artifact], tmp_path: Path, calibration: str) -> None:
    target = OnnxInt8(arithmetic="integer", calibration=calibration)
    done = export(small["autoencoder"], target, tmp_path / "edge.tocsin")
    assert not done.proof.failed
    assert "multiplied in whole numbers" in done.made.facts


def test_what_cannot_be_rounded_says_so(artifact: Artifact, small: dict[str, Artifact]) -> None:
    own = small["autoencoder"]
    twice = replace(own, graph=_artifact_graph(OnnxInt8().make(own, own.sample, name="a.tocsin")))
    with pytest.raises(SettingError, match="8 bits already"):
        OnnxInt8().make(twice, own.sample, name="a.tocsin")
    with pytest.raises(SettingError, match="arithmetic"):
        OnnxInt8(arithmetic="fast")  # type: ignore[arg-type]
    for wrong in ("percentile", "percentile:20", "mean", "percentile:nan"):
        with pytest.raises(SettingError, match="calibration"):
            OnnxInt8(calibration=wrong)
    with pytest.raises(SettingError, match=r"\.tocsin"):
        OnnxInt8().make(artifact, artifact.sample, name="a.tflite")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lstm_autoencoder", "cnn_autoencoder", "autoencoder", "student"])
@pytest.mark.parametrize("data", ["office", "room"])
def test_the_defaults_keep_the_promise_on_what_they_have_not_seen(
    shared_data: Path, tmp_path: Path, data: str, name: str
) -> None:
    """The graph is a third, 999 of 1,000 verdicts are the same, and VUS-PR is within a hundredth: readings of later
    days in a real office, and of another year in the simulated room, both with what is strange in them."""
    from tocsin.training.benchmark.occupancy import Occupancy

    if data == "office":
        case = list(Occupancy().cases(shared_data / "occupancy"))[1]
        assert case.table.labels is not None
        learned, judged = case.table.only(case.learn & ~case.labels), case.table.only(case.judged)
    else:
        learned = open_table(Environment(anomaly_share=0.0).table())
        judged = open_table(Environment(seed=21).table())
    own = _trained(replace(learned, labels=None), name)
    export(own, OnnxInt8(), tmp_path / "edge.tocsin")
    small = bundle.load(tmp_path / "edge.tocsin")
    assert len(own.graph) / len(small.graph) >= 3
    one, two = scored_by(own, judged), scored_by(small, judged)
    agreement, before, after = agreement_of(one.verdicts, two.verdicts), detection_of(one), detection_of(two)
    assert agreement is not None
    assert agreement >= 0.999
    assert before is not None
    assert after is not None
    assert before.vus_pr is not None
    assert after.vus_pr is not None
    assert abs(before.vus_pr - after.vus_pr) <= 0.01


def _trained(table: Table, name: str) -> Artifact:
    """Return a detector, or a student of at most 20,000 parameters that an autoencoder has taught."""
    if name == "student":
        brief = Teaching(budget=20_000, windows=8_000, epochs=10)
        return distill(_trained(table, "autoencoder"), table, brief).artifact
    return train(table, Recipe(detector=name, settings={"epochs": 8}, window=10))


def _artifact(made: GraphMade) -> Artifact:
    return opened(made.files["edge.tocsin"])


def _artifact_graph(made: GraphMade) -> bytes:
    return opened(next(iter(made.files.values()))).graph
