"""Adopted graphs: they score as the foreign graph does, like any artifact, and what they cannot show is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto
from sklearn.metrics import roc_auc_score
from tests.training.adopt.foreign_models import components, model, node

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import FloatArray
from tocsin.core.errors import InputError, SettingError
from tocsin.engine.scorer import Scorer
from tocsin.engine.verify import verify
from tocsin.graph.lint import lint
from tocsin.sources import Table, open_table
from tocsin.training.adopt._trial import try_out
from tocsin.training.adopt.adopt import adopt
from tocsin.training.adopt.foreign import Foreign
from tocsin.training.adopt.refusal import RefusalError
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment

LENGTH = 8


@pytest.fixture(scope="module")
def table() -> Table:
    return open_table(Environment(rows=900, seed=3).table())


@pytest.fixture(scope="module")
def windows(table: Table) -> np.ndarray:
    values = table.readings.values.astype(np.float32)
    return np.lib.stride_tricks.sliding_window_view(values, LENGTH, axis=0).transpose(0, 2, 1).copy()


@pytest.fixture(scope="module")
def file(windows: np.ndarray) -> bytes:
    return components(windows[:500], kept=6, batch=1)


@pytest.fixture(scope="module")
def artifact(file: bytes, table: Table) -> Artifact:
    return adopt(file, table, name="theirs.onnx", units={"temperature": "°C"})


def _theirs(file: bytes, windows: np.ndarray) -> np.ndarray:
    """Return what the foreign graph gives, asked window by window as its owner would."""
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.concatenate([session.run(None, {name: window[None]})[0] for window in windows])


def _scores(artifact: Artifact, table: Table) -> FloatArray:
    score = Scorer(artifact).judge(table).verdicts.score
    return score[artifact.window - 1 :]


def test_it_scores_as_the_foreign_graph_and_numpy_do(
    artifact: Artifact, file: bytes, table: Table, windows: np.ndarray
) -> None:
    # as the seed of many a blog post has it: the mean squared error of the reconstruction
    squared = (_theirs(file, windows).astype(np.float64) - windows) ** 2
    assert _scores(artifact, table) == pytest.approx(squared.mean(axis=(1, 2)), rel=1e-5, abs=1e-5)
    shares = Scorer(artifact).judge(table).verdicts.by_channel[LENGTH - 1 :]
    assert shares == pytest.approx(squared.mean(axis=1) / squared.shape[2], rel=1e-4, abs=1e-5)


def test_it_expects_what_the_reconstruction_says_of_the_last_reading(
    artifact: Artifact, file: bytes, table: Table, windows: np.ndarray
) -> None:
    expected = Scorer(artifact).judge(table).verdicts.expected[LENGTH - 1 :]
    assert expected == pytest.approx(_theirs(file, windows)[:, -1], rel=1e-5, abs=1e-4)


def test_cutting_the_readings_changes_nothing(artifact: Artifact, table: Table) -> None:
    readings = table.readings.take(slice(0, 300))
    assert [check.difference for check in verify(artifact, readings, table.devices)] == [""] * 5
    assert lint(artifact.graph) == []


@pytest.mark.slow
def test_it_tells_faults_from_the_normal(table: Table, windows: np.ndarray) -> None:
    assert table.labels is not None
    normal = windows[:500].reshape(-1, 5)
    learned = components((windows[:500] - normal.mean(axis=0)) / normal.std(axis=0), kept=6)
    found = adopt(learned, table, Foreign(scale="zscore"))
    assert roc_auc_score(table.labels[LENGTH - 1 :], _scores(found, table)) > 0.85


def test_it_says_where_it_comes_from(artifact: Artifact) -> None:
    own = artifact.provenance
    assert own.detector == "imported"
    assert (own.settings["file"], own.settings["layout"], len(own.settings["sha256"])) == ("theirs.onnx", "nwc", 64)
    assert own.why == ("The graph was rewritten: its batch was fixed at one window, and is free now.",)
    assert artifact.schema.channels[0].unit == "°C"
    assert own.windows["calibration"] == artifact.calibration.scores > 0


@pytest.mark.slow
def test_only_the_last_reading_may_count(file: bytes, table: Table, windows: np.ndarray) -> None:
    found = adopt(file, table, Foreign(score="last"))
    squared = (_theirs(file, windows)[:, -1].astype(np.float64) - windows[:, -1]) ** 2
    assert _scores(found, table) == pytest.approx(squared.mean(axis=1), rel=1e-5, abs=1e-4)


@pytest.mark.slow
def test_channels_go_in_in_the_order_that_is_said(table: Table, windows: np.ndarray) -> None:
    names = table.readings.schema.names
    order = (3, 0, 4, 1, 2)
    turned = components(windows[:500][:, :, order], kept=6)
    found = adopt(turned, table, Foreign(channels=tuple(names[k] for k in order)))
    squared = (_theirs(turned, windows[:, :, order]).astype(np.float64) - windows[:, :, order]) ** 2
    assert _scores(found, table) == pytest.approx(squared.mean(axis=(1, 2)), rel=1e-5, abs=1e-5)
    shares = Scorer(found).judge(table).verdicts.by_channel[LENGTH - 1 :]
    assert shares[:, order] == pytest.approx(squared.mean(axis=1) / 5, rel=1e-4, abs=1e-5)


@pytest.mark.slow
def test_a_forecast_is_judged_by_the_reading_behind_its_window(table: Table) -> None:
    # it foretells that nothing changes: the last reading again
    constants = {"last": np.array([1], np.int64), "shape": np.array([-1, 5], np.int64)}
    nodes = [node("Gather", ["x", "last"], "r", axis=1), node("Reshape", ["r", "shape"], "y")]
    found = adopt(model(nodes, constants, shape=("n", 2, 5)), table, Foreign(gives="forecast"))
    values = table.readings.values
    assert found.window == 3
    assert _scores(found, table) == pytest.approx((np.diff(values, axis=0)[1:] ** 2).mean(axis=1), rel=1e-4, abs=1e-4)


@pytest.mark.slow
def test_a_score_of_scaled_flat_doubles_turned_the_right_way_round(table: Table) -> None:
    nodes = [node("Mul", ["x", "x"], "s"), node("ReduceSum", ["s", "axes"], "t"), node("Neg", ["t"], "y")]
    file = model(nodes, {"axes": np.array([1], np.int64)}, shape=("n", 10), kind=TensorProto.DOUBLE, opset=13)
    found = adopt(file, table, Foreign(gives="score", negate=True, scale="zscore"))
    assert found.window == 2
    assert found.provenance.scale == "zscore"
    assert len(found.examples) > 0
    assert (_scores(found, table) > 0).all()
    assert not [text for text in found.calibration.warnings if "--negate" in text]
    turned = adopt(file, table, Foreign(gives="score", scale="zscore"))
    assert [text for text in turned.calibration.warnings if "--negate" in text]


@pytest.mark.slow
def test_threshold_and_alarm_are_asked_for_as_ever(file: bytes, table: Table) -> None:
    found = adopt(file, table, recipe=Recipe(threshold="fixed:5", raise_after=7))
    assert (found.calibration.threshold, found.policy.raise_after) == ("fixed:5", 7)


@pytest.mark.slow
def test_what_does_not_fit_the_readings_is_refused(file: bytes, table: Table) -> None:
    with pytest.raises(RefusalError, match="a score is one number: 1 numbers"):
        adopt(file, table, Foreign(gives="score"))
    with pytest.raises(InputError, match="the graph takes temperature, wind"):
        adopt(file, table, Foreign(channels=("temperature", "wind")))
    with pytest.raises(SettingError, match="no channel 'wind'"):
        adopt(file, table, units={"wind": "m/s"})
    with pytest.raises(InputError, match="No complete normal window of 8 readings"):
        adopt(file, replace(table, readings=table.readings.take(slice(0, 7)), labels=None))


@pytest.mark.slow
def test_normal_windows_without_a_score_are_refused(table: Table) -> None:
    file = model([node("Sqrt", ["x"], "y")], {}, shape=("n", 1, 5))
    with pytest.raises(RefusalError, match="normal windows get no score"):
        adopt(file, table, Foreign(scale="zscore"))


def test_a_graph_that_asks_for_all_memory_ends_its_trial_and_nothing_else() -> None:
    constants = {"huge": np.array([1 << 20, 1 << 16], np.int64), "shape": np.array([-1, 1], np.int64)}
    nodes = [
        node("ConstantOfShape", ["huge"], "a"),
        node("ReduceMax", ["a"], "m", keepdims=0),
        node("Add", ["x", "m"], "y"),
    ]
    with pytest.raises(RefusalError, match=r"cannot be run|too much memory"):
        try_out(model(nodes, constants, shape=("n", 2, 3)), Foreign(), channels=3)


@pytest.mark.slow
def test_what_rounds_by_the_batch_is_refused(table: Table) -> None:
    # Log is worked out several at a time, and the rest of a batch in another way
    nodes = [node("Mul", ["x", "x"], "s"), node("Add", ["s", "one"], "a"), node("Log", ["a"], "y")]
    file = model(nodes, {"one": np.float32(1)}, shape=("n", 1, 5))
    with pytest.raises(RefusalError, match="Log: its last place changes with the batch"):
        adopt(file, table, Foreign(scale="zscore"))


@pytest.mark.slow
def test_windows_that_move_one_another_are_refused() -> None:
    file = model([node("Softmax", ["x"], "y", axis=0)], {}, shape=("n", 2, 3))
    with pytest.raises(RefusalError, match="in the company of others"):
        try_out(file, Foreign(), channels=3)


def test_a_model_that_is_too_large_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.training.adopt._trial.LARGEST", 10)
    with pytest.raises(RefusalError, match="at most 0 are taken"):
        try_out(b"x" * 11, Foreign(), channels=3)
