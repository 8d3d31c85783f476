"""Exporting: what is proven is written whole, what is not leaves no trace."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.core.errors import InputError, SettingError
from tocsin.core.scores import Scores
from tocsin.engine.normal_windows import normal_windows
from tocsin.engine.scorer import Scorer
from tocsin.export.choose import target_names, target_of
from tocsin.export.export import export, sample_of
from tocsin.export.page import report_of
from tocsin.export.refused import ExportRefusedError
from tocsin.export.starting import starting_limit
from tocsin.export.target import Made, Promise, Target
from tocsin.export.targets.onnx import Onnx
from tocsin.export.write import write_all
from tocsin.graph.run import Runner
from tocsin.sources import open_table


@dataclass(frozen=True, eq=False)
class _Off(Made):
    graph: bytes = b""
    by: float = 1.0

    def score(self, windows: Float32Array) -> Scores:
        return Scores((Runner(self.graph)(windows).score * np.float32(self.by)).astype(np.float32))


@dataclass(frozen=True)
class Sabotaged(Target):
    """Two files, and scores that are off by a factor."""

    by: float = 1.0

    @property
    def promise(self) -> Promise:
        return Promise(apart=1e-3, margin=1e-3)

    def make(self, artifact: Artifact, normal: Float32Array, *, name: str) -> Made:
        assert len(normal)
        return _Off({name: b"main", "beside.h": b"header"}, graph=artifact.graph, by=self.by)


def test_what_is_proven_is_written_whole(artifact: Artifact, tmp_path: Path) -> None:
    done = export(artifact, Sabotaged(1.0), tmp_path / "out.c")
    assert [path.name for path in done.paths] == ["out.c", "beside.h"]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"out.c": b"main", "beside.h": b"header"}


def test_what_is_refused_leaves_nothing_behind_and_what_was_there_stays(artifact: Artifact, tmp_path: Path) -> None:
    (tmp_path / "out.c").write_bytes(b"of last week")
    with pytest.raises(
        ExportRefusedError, match=r'1\.89 %\. The worst is "normal window 19": artifact 1\.1'
    ) as refused:
        export(artifact, Sabotaged(1.02), tmp_path / "out.c")
    assert str(refused.value).count("The worst") == 2
    assert "Other kinds fail too." in str(refused.value)
    assert refused.value.proof.failed
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"out.c": b"of last week"}


def test_where_one_file_cannot_be_written_none_is(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(InputError, match="b cannot be written: it is a folder"):
        write_all({"a": b"1", "b": b"2"}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written: No such file"):
        write_all({"a": b"1"}, tmp_path / "none")


def test_files_stay_in_their_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not lie in"):
        write_all({"../a": b"1"}, tmp_path)


def test_an_artifact_of_an_earlier_version_is_proven_on_its_usual_values(artifact: Artifact, tmp_path: Path) -> None:
    old = replace(artifact, sample=np.zeros((0, 0, 0), np.float32))
    assert sample_of(old).shape == (1, artifact.window, 5)
    assert export(old, Onnx(), tmp_path / "out.onnx").proof.held[0].windows == 1


def test_with_readings_it_is_proven_on_them(artifact: Artifact, room: Path, tmp_path: Path) -> None:
    windows = normal_windows(artifact, open_table(room, expect=artifact.layout))
    done = export(artifact, Onnx(), tmp_path / "out.onnx", normal=windows)
    # every other is kept for the proof alone
    assert done.proof.held[0].windows == len(windows) // 2 > 64
    assert np.array_equal(done.proof.golden.windows[: len(windows) // 2], windows[1::2])


def test_an_artifact_scores_as_before_and_says_the_same_of_itself(
    artifact: Artifact, room: Path, tmp_path: Path
) -> None:
    out = tmp_path / "edge.tocsin"
    export(artifact, Onnx(), out)
    first, second = Scorer(artifact).score(room), Scorer(bundle.load(out)).score(room)
    assert first.equals(second)


def test_a_lean_artifact_scores_the_same_and_has_forgotten_the_rest(
    artifact: Artifact, room: Path, tmp_path: Path
) -> None:
    whole, lean = tmp_path / "whole.tocsin", tmp_path / "lean.tocsin"
    export(artifact, Onnx(), whole)
    told = export(artifact, Onnx(lean=True), lean)
    assert lean.stat().st_size < 0.8 * whole.stat().st_size
    kept = bundle.load(lean)
    assert len(kept.evidence) == len(kept.sample) == 0
    assert Scorer(kept).score(room).equals(Scorer(artifact).score(room))
    assert "recalibrate needs normal readings" in told.made.notes[0]


def test_a_bare_graph_rings_with_nothing_but_onnx_runtime(artifact: Artifact, room: Path, tmp_path: Path) -> None:
    out = tmp_path / "room.onnx"
    export(artifact, Onnx(), out)
    # as the blog posts that people come from have it: the first input, the first output, the limit beside it
    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    input_name = session.get_inputs()[0].name
    known = session.get_modelmeta().custom_metadata_map
    limit, names = float(known["limit"]), json.loads(known["channels"])
    assert (names, json.loads(known["units"])) == ([c.name for c in artifact.schema.channels], known_units(artifact))
    assert int(known["window"]) == artifact.window

    def detect_anomaly_edge(window: np.ndarray) -> bool:
        score = session.run(None, {input_name: window[np.newaxis, ...]})[0]
        return bool(score[0] > limit)

    values = open_table(room).readings.values.astype(np.float32)
    ours = Scorer(artifact).verdicts(values.astype(np.float64)).anomaly
    windows = np.lib.stride_tricks.sliding_window_view(values, artifact.window, axis=0).transpose(0, 2, 1)
    theirs = [detect_anomaly_edge(np.ascontiguousarray(window)) for window in windows[:300]]
    assert theirs == ours[artifact.window - 1 :][:300].tolist()
    assert any(theirs)


def known_units(artifact: Artifact) -> list[str]:
    return [channel.unit for channel in artifact.schema.channels]


def test_a_bare_graph_is_the_artifacts_and_passes_the_checker(artifact: Artifact, tmp_path: Path) -> None:
    out = tmp_path / "room.onnx"
    export(artifact, Onnx(), out)
    model = onnx.load(out)
    onnx.checker.check_model(model, full_check=True)
    assert model.graph == onnx.load_from_string(artifact.graph).graph
    assert float({p.key: p.value for p in model.metadata_props}["limit"]) == starting_limit(artifact)


def test_another_ending_is_refused(artifact: Artifact, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"out.bin ends neither in .tocsin nor in .onnx"):
        export(artifact, Onnx(), tmp_path / "out.bin")
    assert not list(tmp_path.iterdir())


def test_targets_go_by_their_files_names() -> None:
    assert {"onnx", "onnx-int8"} <= set(target_names())
    with pytest.raises(SettingError, match="no target 'onnx_int8'"):
        target_of("onnx_int8")
    with pytest.raises(SettingError, match="'fast' has no value"):
        target_of("onnx", ["fast"])
    with pytest.raises(SettingError, match="no setting of onnx"):
        target_of("onnx", ["fast=1"])


def test_every_target_found_here_is_a_target_with_settings_that_all_have_defaults() -> None:
    for name in target_names():
        assert isinstance(target_of(name), Target)


def test_the_report_tells_what_the_proof_found(artifact: Artifact, tmp_path: Path) -> None:
    done = export(artifact, Onnx(), tmp_path / "room.onnx")
    told = report_of(done, artifact, target="onnx", source="room.tocsin")
    assert told.title == "room.tocsin → room.onnx"
    assert [row[0] for row in told.rows] == ["normal", "anomalous", "borderline", "wide range"]
    assert 'InferenceSession("room.onnx"' in told.commands[0][1]
