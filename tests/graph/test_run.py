from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from tocsin.core.arrays import Float32Array
from tocsin.core.contracts import Graph
from tocsin.core.errors import ArtifactError
from tocsin.graph import run
from tocsin.graph.dense import dense
from tocsin.graph.lstm import LSTMWeights, lstm
from tocsin.graph.network import Network
from tocsin.graph.run import Runner
from tocsin.graph.shares import mean_squared_error

WINDOW, CHANNELS = 10, 5


def _autoencoder(*, window: int = WINDOW, channels: int = CHANNELS, units: int = 64) -> Graph:
    """A recurrent network with random weights: all operators whose arithmetic could depend on the batch."""
    rng = np.random.default_rng(0)

    def some(*shape: int) -> Float32Array:
        return rng.standard_normal(shape).astype(np.float32) * np.float32(0.3)

    network = Network(window=window, channels=channels)
    steps = network.op("Transpose", network.input, attributes={"perm": [1, 0, 2]})
    hidden = lstm(network, steps, LSTMWeights(some(4 * units, channels), some(4 * units, units), some(4 * units)))
    redrawn = dense(network, hidden.steps, weight=some(channels, units), bias=some(channels))
    whole = network.op("Transpose", redrawn, attributes={"perm": [1, 0, 2]})
    return network.seal(*mean_squared_error(network, network.input, whole, steps=window))


def _windows(n: int, *, window: int = WINDOW, channels: int = CHANNELS) -> Float32Array:
    series = np.random.default_rng(1).standard_normal((n + window - 1, channels)).astype(np.float32)
    view = np.lib.stride_tricks.sliding_window_view(series, window, axis=0)
    return view.transpose(0, 2, 1)


@pytest.mark.parametrize(("window", "channels"), [(10, 5), (10, 1), (1, 3), (33, 8)])
@pytest.mark.parametrize("size", [*range(1, 11), 63, 64, 65, 256, 257, 1000])
def test_batch_size_changes_no_bit(window: int, channels: int, size: int) -> None:
    runner = Runner(_autoencoder(window=window, channels=channels).onnx)
    windows = _windows(1003, window=window, channels=channels)
    whole = runner(windows)
    assert whole.by_channel is not None
    for start in (0, 1, 3):
        part = runner(windows[start : start + size])
        assert part.by_channel is not None
        np.testing.assert_array_equal(part.score, whole.score[start : start + size])
        np.testing.assert_array_equal(part.by_channel, whole.by_channel[start : start + size])


def test_one_by_one_equals_whole() -> None:
    runner, windows = Runner(_autoencoder().onnx), _windows(600)
    alone = np.concatenate([runner(windows[k : k + 1]).score for k in range(len(windows))])
    np.testing.assert_array_equal(alone, runner(windows).score)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=300))
def test_any_selection_equals_whole(index: list[int]) -> None:
    runner, windows = Runner(_autoencoder(units=8).onnx), _windows(401)
    np.testing.assert_array_equal(runner(windows[index]).score, runner(windows).score[index])


def test_strided_view_equals_copy() -> None:
    runner, view = Runner(_autoencoder().onnx), _windows(300)
    assert not view.flags.c_contiguous
    np.testing.assert_array_equal(runner(view).score, runner(view.copy()).score)


def test_no_windows_give_no_scores() -> None:
    found = Runner(_autoencoder().onnx)(_windows(3)[:0])
    assert found.score.shape == (0,)
    assert found.by_channel is not None
    assert found.by_channel.shape == (0, CHANNELS)
    assert found.by_channel.dtype == found.score.dtype == np.float32


def test_signature_is_read_from_the_graph() -> None:
    runner = Runner(_autoencoder(window=7, channels=2).onnx)
    assert (runner.window, runner.channels, runner.attributes) == (7, 2, True)


def test_windows_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected \(n, 10, 5\)"):
        Runner(_autoencoder().onnx)(np.zeros((3, 5, 10), np.float32))


def test_callers_on_many_threads_get_their_own_scores() -> None:
    runner, windows = Runner(_autoencoder().onnx), _windows(500)
    usual = runner(windows).score
    with ThreadPoolExecutor(4) as threads:
        for found in threads.map(lambda _: runner(windows).score, range(8)):
            np.testing.assert_array_equal(found, usual)


@pytest.mark.parametrize("rows", [64, 65, 255, 256, 257, 1000, 10_000])
def test_chunks_cover_the_batch_once_and_stay_small(rows: int) -> None:
    cuts = run._cuts(rows)
    assert (cuts[0], cuts[-1]) == (0, rows)
    assert all(0 < size <= run.LARGEST_CHUNK for size in np.diff(cuts))


def test_pool_survives_a_fork() -> None:
    script = f"""
import os, sys
import numpy as np
sys.path.insert(0, {str(__file__.rpartition("/")[0])!r})
import test_run
runner, windows = test_run.Runner(test_run._autoencoder().onnx), test_run._windows(500)
usual = runner(windows).score
child = os.fork()
if child == 0:
    os._exit(0 if (runner(windows).score == usual).all() else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=60, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_builders_loads_neither_runtime_nor_onnx() -> None:
    script = """
import sys
import tocsin.graph.network
sys.exit("onnxruntime" in sys.modules or "onnx" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", script], timeout=60, check=False).returncode == 0


@pytest.mark.parametrize("damaged", [b"", b"no graph", _autoencoder().onnx[:5000]])
def test_damaged_graph_is_refused(damaged: bytes) -> None:
    with pytest.raises(ArtifactError, match="cannot be loaded"):
        Runner(damaged)


def _model(
    *,
    name: str = "window",
    shape: tuple[str | int, ...] = ("n", 3, 2),
    kind: int = TensorProto.FLOAT,
    output: str = "score",
    width: int | None = None,
) -> bytes:
    size = [-1] if width is None else [-1, width]
    nodes = [helper.make_node("Reshape", [name, "size"], [output])]
    body = helper.make_graph(
        nodes,
        "foreign",
        [helper.make_tensor_value_info(name, kind, shape)],
        [helper.make_tensor_value_info(output, kind, ["n", *size[1:]])],
        [onnx.numpy_helper.from_array(np.array(size), "size")],
    )
    found: bytes = helper.make_model(
        body, opset_imports=[helper.make_opsetid("", 21)], ir_version=10
    ).SerializeToString()
    return found


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (_model(name="x"), r"its inputs are \['x'\]"),
        (_model(kind=TensorProto.DOUBLE), "its input is a tensor\\(double\\)"),
        (_model(shape=("n", "t", 2)), "with only n free"),
        (_model(shape=(1, 3, 2)), "with only n free"),
        (_model(shape=("n", 2)), "with only n free"),
        (_model(output="loss"), r"its outputs are \['loss'\]"),
        (_model(output="by_channel"), r"its outputs are \['by_channel'\]"),
        (_model(width=2), r"its output 'score' is a tensor\(float\) of shape"),
    ],
)
def test_graph_with_another_signature_is_refused(model: bytes, why: str) -> None:
    with pytest.raises(ArtifactError, match=why):
        Runner(model)
