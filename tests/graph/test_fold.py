from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import Float32Array
from tocsin.core.contracts import Graph
from tocsin.core.errors import ArtifactError, SettingError
from tocsin.graph.fold import scaled
from tocsin.graph.network import Network
from tocsin.graph.run import Runner


def _last_values() -> Graph:
    network = Network(window=2, channels=2)
    last = network.op("Gather", network.input, network.integers(1), attributes={"axis": 1})
    score = network.op("ReduceMax", last, network.integers([1]), attributes={"keepdims": 0})
    return network.seal(score, last, curves={"training_loss": (1.0,)})


Table = list[list[float]]


def _seen(windows: list[Table], *, offset: list[float], factor: list[float], clip: float) -> Table:
    graph = scaled(_last_values(), offset=np.array(offset), factor=np.array(factor), clip=clip)
    found = Runner(graph.onnx)(np.array(windows, np.float32)).by_channel
    assert found is not None
    rows: Table = found.tolist()
    return rows


def test_window_is_shifted_then_stretched_then_clipped() -> None:
    windows: list[Table] = [[[0, 0], [14, 3]], [[0, 0], [10, -97]]]
    assert _seen(windows, offset=[10, 3], factor=[0.5, 2], clip=5) == [[2, 0], [0, -5]]


def test_each_channel_may_have_its_own_bounds() -> None:
    graph = scaled(_last_values(), offset=np.zeros(2), factor=np.ones(2), clip=np.array([1.0, 3.0]))
    found = Runner(graph.onnx)(np.array([[[0, 0], [9, 9]], [[0, 0], [-9, -2]]], np.float32)).by_channel
    assert found is not None
    assert found.tolist() == [[1, 3], [-1, -2]]


def test_offset_goes_first_so_that_counters_keep_their_steps() -> None:
    assert _seen([[[0, 0], [20_000_002, 0]]], offset=[2e7, 0], factor=[1 / 3, 1], clip=100) == [
        [np.float32(2) * np.float32(1 / 3), 0]
    ]


def test_signature_and_curves_stay() -> None:
    graph = scaled(_last_values(), offset=np.zeros(2), factor=np.ones(2), clip=1)
    runner = Runner(graph.onnx)
    assert (runner.window, runner.channels, runner.attributes) == (2, 2, True)
    assert graph.curves == {"training_loss": (1.0,)}


def test_same_folding_has_same_bytes() -> None:
    one, other = (scaled(_last_values(), offset=np.ones(2), factor=np.ones(2), clip=1) for _ in range(2))
    assert one.onnx == other.onnx


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    st.floats(width=32, allow_nan=False),
    st.floats(-1e30, 1e30),
    st.floats(-1e30, 1e30),
)
@example(value=np.inf, offset=0.0, factor=0.0)
@example(value=3e38, offset=-3e38, factor=0.0)
def test_nothing_that_is_a_number_leaves_the_clip(value: float, offset: float, factor: float) -> None:
    [[seen, _]] = _seen([[[0, 0], [value, 0]]], offset=[offset, 0], factor=[factor, 1], clip=7)
    assert -7 <= seen <= 7


@pytest.mark.parametrize("offset", [[np.nan, 0], [np.inf, 0], [1e300, 0]])
def test_offset_that_is_no_number_is_refused(offset: list[float]) -> None:
    with pytest.raises(SettingError, match="offset"):
        scaled(_last_values(), offset=np.array(offset), factor=np.ones(2), clip=1)


@pytest.mark.parametrize("clip", [0, -1, np.nan])
def test_clip_must_leave_room(clip: float) -> None:
    with pytest.raises(SettingError, match="clip"):
        scaled(_last_values(), offset=np.zeros(2), factor=np.ones(2), clip=clip)


@pytest.mark.parametrize("damaged", [b"", b"no graph at all"])
def test_damaged_graph_is_refused(damaged: bytes) -> None:
    with pytest.raises(ArtifactError):
        scaled(Graph(damaged), offset=np.zeros(2), factor=np.ones(2), clip=1)


def _expected(windows: list[Table], *, offset: list[float], factor: list[float], clip: float = 100) -> Float32Array:
    """Return what a graph behind the scale expects that takes the reading before for what the last should be."""
    network = Network(window=2, channels=2)
    first, last = (network.op("Gather", network.input, network.integers(k), attributes={"axis": 1}) for k in (0, 1))
    score = network.op("ReduceMax", last, network.integers([1]), attributes={"keepdims": 0})
    graph = scaled(network.seal(score, expected=first), offset=np.array(offset), factor=np.array(factor), clip=clip)
    found = Runner(graph.onnx)(np.array(windows, np.float32)).expected
    assert found is not None
    return found


def test_what_is_expected_is_told_in_raw_units() -> None:
    assert _expected([[[14, 3], [0, 0]]], offset=[10, 3], factor=[0.5, 2]).tolist() == [[14, 3]]


def test_what_is_expected_lies_within_the_clip_in_raw_units() -> None:
    assert _expected([[[99, -99], [0, 0]]], offset=[10, 3], factor=[0.5, 2], clip=5).tolist() == [[20, 0.5]]


def test_of_a_channel_of_which_nothing_is_left_its_level_is_expected() -> None:
    assert _expected([[[7, -3], [0, 0]]], offset=[4, 0], factor=[0, 1]).tolist() == [[4, -3]]


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.floats(width=32, allow_nan=False), st.floats(-1e30, 1e30), st.floats(-1e30, 1e30))
def test_what_is_expected_is_finite(value: float, offset: float, factor: float) -> None:
    assert np.isfinite(_expected([[[value, 0], [0, 0]]], offset=[offset, 0], factor=[factor, 1])).all()
