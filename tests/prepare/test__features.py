"""Prepare steps: how they are written and composed, and that the graph computes what training learned from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import Float32Array
from tocsin.core.contracts import Graph
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.graph.lint import lint
from tocsin.graph.network import Network
from tocsin.graph.run import Runner
from tocsin.prepare import Features, parse

STEPS = st.lists(
    st.one_of(
        st.integers(2, 20).map(lambda k: f"rolling:{k}"),
        st.lists(st.integers(1, 20), min_size=1, max_size=3, unique=True).map(lambda k: f"lag:{','.join(map(str, k))}"),
        st.integers(1, 9).map(lambda k: f"difference:{k}"),
        st.integers(2, 9).map(lambda k: f"detrend:{k}"),
        st.sampled_from(["denoise:haar,2", "denoise:db2,1", "denoise:db2,1,keep", "difference:3,keep"]),
    ),
    unique=True,
    max_size=3,
)


def weighing(window: int, columns: int) -> tuple[Graph, Float32Array]:
    """Return a graph that weighs every value of a window, and the weights, shape (window, columns)."""
    weights = np.random.default_rng(1).standard_normal((window, columns)).astype(np.float32)
    network = Network(window=window, channels=columns)
    weighed = network.op("Mul", network.input, network.constant(weights))
    flat = network.op("Reshape", weighed, network.integers([-1, window * columns]))
    shares = network.op("MatMul", flat, network.constant(np.tile(np.eye(columns), (window, 1))))
    score = network.op("MatMul", shares, network.constant(np.ones((columns, 1))))
    return network.seal(network.op("Reshape", score, network.integers([-1])), shares), weights


def series(rows: int = 80, channels: int = 3) -> Float32Array:
    return np.random.default_rng(2).standard_normal((rows, channels)).cumsum(axis=0).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(STEPS, st.integers(1, 5))
def test_the_graph_computes_the_columns_that_training_saw(texts: list[str], window: int) -> None:
    found, readings = parse(texts), series()
    columns = found(readings)
    inner, weights = weighing(window, columns.shape[1])
    runner = Runner(found.fold(inner, window=window, channels=3).onnx)
    assert (runner.window, runner.channels) == (found.reach + window, 3)
    end = np.arange(runner.window - 1, len(readings))
    scores = runner(Windows(readings, end, runner.window).take(slice(None)))
    expected = (Windows(columns, end, window).take(slice(None)) * weights).astype(np.float64)
    np.testing.assert_allclose(scores.score, expected.sum(axis=(1, 2)), rtol=1e-4, atol=1e-3)
    assert scores.by_channel is not None
    by_channel = expected.reshape(len(end), window, -1, 3).sum(axis=(1, 2))
    np.testing.assert_allclose(scores.by_channel, by_channel, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(scores.by_channel.sum(axis=1), scores.score, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("before", [[], ["difference", "denoise:db2,1"]])
@pytest.mark.parametrize("behind", [[], ["lag:1", "rolling:3"], ["detrend:2"]])
def test_rows_of_several_readings_are_the_same_in_the_graph(before: list[str], behind: list[str]) -> None:
    found, readings = parse([*before, "bands:16,2", *behind]), series(rows=800)
    width = found.width(3)
    inner, weights = weighing(2, width)
    runner = Runner(found.fold(inner, window=2, channels=3).onnx)
    assert runner.window == found.readings(2)
    assert found.rows(runner.window) == 2
    assert found.rows(runner.window - 1) == 1
    windows = Windows(readings, np.arange(runner.window - 1, len(readings)), runner.window).take(slice(None))
    expected = np.stack([found(window)[-2:] * weights for window in windows]).astype(np.float64)
    scores = runner(windows)
    np.testing.assert_allclose(scores.score, expected.sum(axis=(1, 2)), rtol=1e-3, atol=2e-2)
    by_channel = expected.reshape(len(windows), 2, -1, 3).sum(axis=(1, 2))
    assert scores.by_channel is not None
    np.testing.assert_allclose(scores.by_channel, by_channel, rtol=1e-3, atol=2e-2)


def test_the_columns_are_the_very_same_bits() -> None:
    found, readings = parse(["rolling:12", "lag:1,6"]), series()
    columns = found(readings)
    network = Network(window=1, channels=columns.shape[1])
    row = network.op("Reshape", network.input, network.integers([-1, network.channels]))
    first = network.op("Gather", row, network.integers(0), attributes={"axis": 1})
    runner = Runner(_ungrouped(found, network.seal(first, row)).onnx)
    end = np.arange(11, len(readings))
    seen = runner(Windows(np.tile(readings, (1, 5)), end, 12).take(slice(None))).by_channel
    assert seen is not None
    np.testing.assert_array_equal(seen[:, ::5], columns[end][:, ::5])


def _ungrouped(found: Features, graph: Graph) -> Graph:
    """Return ``graph`` behind the steps, its shares as they are: it takes each channel five times over."""
    from tocsin.graph.columns import Nodes
    from tocsin.graph.graft import graft

    network = Network(window=12, channels=15)
    three = network.op("Gather", network.input, network.integers([0, 1, 2]), attributes={"axis": 2})
    columns = found._columns(Nodes(network, three, 12))
    grafted = graft(network, graph, columns.name)
    return network.seal(grafted.score, grafted.by_channel)


@pytest.mark.parametrize(
    "texts",
    [["rolling:7", "lag:2"], ["denoise"], ["difference:2", "rolling:5"], ["detrend:10,keep"], ["bands:32,4", "lag:1"]],
    ids=",".join,
)
def test_the_graph_is_clean_and_its_batch_does_not_matter(texts: list[str]) -> None:
    found, readings = parse(texts), series(rows=200, channels=1)
    graph = found.fold(weighing(2, found.width(1))[0], window=2, channels=1)
    assert lint(graph.onnx) == []
    runner = Runner(graph.onnx)
    windows = Windows(readings, np.arange(runner.window - 1, len(readings)), runner.window).take(slice(None))
    whole = runner(windows)
    for k in range(len(windows)):
        one = runner(windows[k : k + 1])
        assert one.score[0] == whole.score[k]
        assert whole.by_channel is not None
        assert one.by_channel is not None
        assert one.by_channel[0, 0] == whole.by_channel[k, 0]


def test_no_steps_change_nothing() -> None:
    graph, readings = weighing(2, 3)[0], series()
    assert parse([]).fold(graph, window=2, channels=3) is graph
    assert parse([])(readings) is readings
    assert parse([]).reach == 0


def test_a_step_does_not_see_what_another_added() -> None:
    readings = series()
    both = parse(["rolling:4", "lag:3"])(readings)
    np.testing.assert_array_equal(both[3:, 9:], parse(["lag:3"])(readings)[3:, 3:])


def test_a_step_sees_what_the_ones_before_it_left() -> None:
    readings = series()
    change = np.diff(readings, axis=0)
    found = parse(["lag:2", "difference", "lag:3"])
    assert found.reach == 4
    expected = np.concatenate([change[3:], readings[2:-2], change[:-3]], axis=1)
    np.testing.assert_array_equal(found(readings)[4:], expected)


@settings(max_examples=40, deadline=None)
@given(STEPS, st.integers(30, 79), st.integers(0, 2**32 - 1))
def test_what_comes_later_changes_no_row(texts: list[str], now: int, seed: int) -> None:
    found, readings = parse(texts), series()
    other = readings.copy()
    other[now:] = np.random.default_rng(seed).standard_normal(other[now:].shape) * 10
    np.testing.assert_array_equal(found(other)[:now], found(readings)[:now])


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_a_row_is_made_of_no_more_than_is_said(texts: list[str]) -> None:
    found, readings = parse(texts), series(rows=200)
    alone = found(readings[-found.readings(1) :])[-1]
    np.testing.assert_allclose(alone, found(readings)[-1], rtol=1e-4, atol=1e-4)


def test_too_short_a_series_has_no_known_row() -> None:
    assert parse(["rolling:12"])(series(rows=11)).tolist() == [[0] * 9] * 11
    assert parse(["bands:16,2"])(series(rows=15)).shape == (0, 12)


def test_a_long_window_is_weighed_piece_by_piece() -> None:
    found, readings = parse(["detrend:20"]), series(rows=700)
    inner, weights = weighing(600, 3)
    runner = Runner(found.fold(inner, window=600, channels=3).onnx)
    score = runner(readings[None, -640:]).score[0]
    assert score == pytest.approx(float((found(readings)[-600:] * weights).sum(dtype=np.float64)), rel=1e-4)


@pytest.mark.parametrize("text", ["detrend:20", "denoise", "difference", "bands:32,4"])
def test_a_high_level_costs_the_graph_no_digits(text: str) -> None:
    found = parse([text])
    swing = np.random.default_rng(0).integers(-3, 4, (found.readings(1), 1)).astype(np.float32)
    network = Network(window=1, channels=found.width(1))
    row = network.op("Reshape", network.input, network.integers([-1, network.channels]))
    first = network.op("Gather", row, network.integers(0), attributes={"axis": 1})
    runner = Runner(found.fold(network.seal(first), window=1, channels=1).onnx)
    low, high = (float(runner((swing + np.float32(level))[None]).score[0]) for level in (0, 1e6))
    level = 1e6 if text == "denoise" else 0
    assert high - level == pytest.approx(low, abs=0.07 if level else 1e-5)  # float32 has steps of 1/16 at 1e6


def test_a_graph_without_shares_gets_none() -> None:
    network = Network(window=1, channels=2)
    total = network.op("MatMul", network.input, network.constant(np.ones((2, 1))))
    graph = network.seal(network.op("Reshape", total, network.integers([-1])), curves={"training_loss": (1.0,)})
    folded = parse(["lag:1"]).fold(replace(graph, why=("seen",)), window=1, channels=1)
    assert not Runner(folded.onnx).attributes
    assert folded.curves == {"training_loss": (1.0,)}
    assert folded.why == ("seen",)
    assert Runner(folded.onnx)(np.array([[[3], [4]]], np.float32)).score.tolist() == [7]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("smooth:3", "There is no prepare step 'smooth'"),
        ("clock", "There is no prepare step 'clock'"),
        ("rolling", "rolling: nothing is no whole number from 2"),
        ("rolling:1", "rolling:1: 1 is no whole number from 2"),
        ("rolling:two", "two is no whole number"),
        ("rolling:2.5", "2.5 is no whole number"),
        ("rolling:999999999999", "is no whole number from 2 to 100,000"),
        ("lag:0", "lag:0: 0 is no whole number from 1"),
        ("lag:-1", "-1 is no whole number"),
        ("lag:1,,2", "nothing is no whole number"),
        ("lag:2,2", "lag:2,2 names a lag twice"),
        ("lag:2,keep", "lag:2,keep: keep is no whole number"),
        ("difference:0", "difference:0: 0 is no whole number from 1"),
        ("difference:1,2", "1,2 is no whole number"),
        ("detrend:1", "detrend:1: 1 is no whole number from 2"),
        ("detrend:60000", "is no whole number from 2 to 50,000"),
    ],
)
def test_what_is_misspelt_is_refused(wrong: str, message: str) -> None:
    with pytest.raises(SettingError, match=message) as told:
        parse([wrong])
    assert told.value.remedy


def test_a_step_given_twice_is_refused() -> None:
    with pytest.raises(SettingError, match=r"'rolling:12 ' is given twice"):
        parse(["rolling:12", "lag:1", "rolling:12 "])
    assert len(parse(["rolling:12", "difference", "rolling:12"]).steps) == 3


def as_it_is(window: int, columns: int) -> Graph:
    """Return a graph that expects the last row to be as it is."""
    network = Network(window=window, channels=columns)
    last = network.op("Gather", network.input, network.integers(window - 1), attributes={"axis": 1})
    return network.seal(network.op("ReduceMax", last, network.integers([1]), attributes={"keepdims": 0}), expected=last)


@pytest.mark.parametrize(
    "texts",
    [
        ["rolling:3", "lag:2"],
        ["difference:2"],
        ["detrend:5", "lag:1"],
        ["difference", "detrend:3"],
        ["denoise:haar,keep"],
    ],
    ids=",".join,
)
def test_what_is_expected_of_columns_is_told_of_the_readings(texts: list[str]) -> None:
    """Where the last row is expected to be as it is, so is the reading."""
    found, readings = parse(texts), series()
    runner = Runner(found.fold(as_it_is(3, found.width(3)), window=3, channels=3).onnx)
    windows = Windows(readings, np.arange(runner.window - 1, len(readings)), runner.window).take(slice(None))
    expected = runner(windows).expected
    assert expected is not None
    np.testing.assert_allclose(expected, windows[:, -1], rtol=1e-4, atol=1e-4)


def test_behind_a_denoiser_the_value_without_its_noise_is_expected() -> None:
    found, readings = parse(["denoise:haar,1"]), series()
    runner = Runner(found.fold(as_it_is(1, 3), window=1, channels=3).onnx)
    windows = Windows(readings, np.arange(1, len(readings)), 2).take(slice(None))
    np.testing.assert_allclose(runner(windows).expected, windows.mean(axis=1), atol=1e-5)  # type: ignore[arg-type]  # told


def test_where_a_row_is_made_of_many_readings_nothing_is_expected_of_one() -> None:
    found = parse(["bands:16,2"])
    assert not Runner(found.fold(as_it_is(2, found.width(3)), window=2, channels=3).onnx).expects
