"""What a detector learns from behind prepare steps: the very rows that its graph will see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.kinds import Kind
from tocsin.core.windows import Windows
from tocsin.graph.network import Network
from tocsin.graph.run import Runner
from tocsin.prepare import Features, Prepared, parse, prepare
from tocsin.prepare.scale import Method, Scale


def windows(features: Features, *, rows: int, window: int, step: int = 1) -> Windows:
    """Return windows of readings for so many rows each, with validation and labels."""
    rng = np.random.default_rng(0)
    series = rng.standard_normal((rows, 2)).astype(np.float32)
    length = features.readings(window)
    end = np.arange(length - 1, rows, step)
    cut = len(end) * 3 // 4
    later = Windows(series, end[cut:], length)
    return Windows(series, end[:cut], length, labels=series[end[:cut], 0] > 1, validation=later)


def learned(texts: list[str], *, rows: int, window: int, scale: Method = "none", step: int = 1) -> Prepared:
    features = parse(texts)
    return prepare(features, windows(features, rows=rows, window=window, step=step), scale=Scale(scale))


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([["lag:3"], ["difference", "rolling:4"], ["bands:16,2"], ["difference:2", "bands:16,2", "lag:1"]]),
    st.integers(1, 3),
    st.integers(1, 7),
)
def test_each_window_is_what_the_steps_make_of_its_readings(texts: list[str], window: int, step: int) -> None:
    features = parse(texts)
    whole = windows(features, rows=260, window=window, step=step)
    found = prepare(features, whole, scale=Scale("none")).windows
    assert (len(found), found.length) == (len(whole), window)
    for given_, made in ((whole, found), (whole.validation, found.validation)):
        assert given_ is not None
        assert made is not None
        for readings, rows in zip(given_.take(slice(None)), made.take(slice(None)), strict=True):
            np.testing.assert_allclose(rows, features(readings)[-window:], rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(found.labels, whole.labels)


def test_where_windows_say_nearly_the_same_some_thousand_remain() -> None:
    found = learned(["bands:64,2"], rows=40_000, window=2).windows
    assert 2_000 <= len(found) <= 4_000
    assert found.validation is not None
    rows, features = found.take(slice(0, 3)), parse(["bands:64,2"])
    raw = windows(features, rows=40_000, window=2)
    step = 29_904 // 2_000  # phases are so many readings apart
    chosen = np.flatnonzero(raw.end % 64 % step == 0)
    expected = [features(readings) for readings in raw.take(chosen[:3])]
    np.testing.assert_allclose(rows, expected, rtol=1e-3, atol=1e-3)
    assert found.labels is not None
    assert raw.labels is not None
    np.testing.assert_array_equal(found.labels, raw.labels[chosen])


def test_rows_overlap_by_three_quarters_at_least() -> None:
    features = parse(["bands:8,2"])
    found = prepare(features, windows(features, rows=40_000, window=1), scale=Scale("none")).windows
    assert len(found) == pytest.approx(30_000 / 2, rel=0.01)


def test_a_validation_part_that_is_left_empty_is_none() -> None:
    features = parse(["bands:64,2"])
    whole = windows(features, rows=40_000, window=1)
    assert whole.validation is not None
    odd = replace(whole.validation, end=whole.validation.end[whole.validation.end % 64 == 1][:1])
    assert prepare(features, replace(whole, validation=odd), scale=Scale("none")).windows.validation is None


@pytest.mark.parametrize("scale", ["minmax", "zscore", "robust"])
def test_columns_are_scaled_once_more_as_readings_are(scale: Method) -> None:
    found = learned(["difference", "rolling:12"], rows=400, window=1, scale=scale)
    expected = Scale(scale).fit(learned(["difference", "rolling:12"], rows=400, window=1).windows)
    assert found.scaling is not None
    np.testing.assert_allclose(found.scaling.factor, expected.factor)
    again = Scale(scale).fit(found.windows)
    np.testing.assert_allclose(again.offset, 0, atol=1e-5)
    np.testing.assert_allclose(again.factor, 1, rtol=1e-4)
    assert found.windows.validation is not None
    assert np.shares_memory(found.windows.validation.series, found.windows.series)


def test_the_graph_scales_columns_as_training_did() -> None:
    found = learned(["difference", "rolling:12"], rows=400, window=1, scale="zscore")
    network = Network(window=1, channels=6)
    row = network.op("Reshape", network.input, network.integers([-1, 6]))
    third = network.op("Gather", row, network.integers(4), attributes={"axis": 1})
    runner = Runner(found.fold(network.seal(third)).onnx)
    whole = windows(found.features, rows=400, window=1)
    expected = found.windows.take(slice(None))[:, 0, 4]
    np.testing.assert_allclose(runner(whole.take(slice(None))).score, expected, atol=1e-5)


def test_what_hardly_varied_drowns_nothing() -> None:
    features, series = parse(["difference"]), np.zeros((300, 2), np.float32)
    series[:, 0] = np.random.default_rng(0).random(300)
    series[100:, 1] = 1e-5
    whole = Windows(series, np.arange(1, 300), 2)
    scaling = prepare(features, whole, scale=Scale("zscore")).scaling
    assert scaling is not None
    assert scaling.factor[1] == 1e3


def test_what_comes_of_a_switch_is_scaled_as_a_switch_is() -> None:
    features, series = parse(["rolling:2"]), np.zeros((300, 2), np.float32)
    series[:, 0] = np.random.default_rng(0).random(300)
    series[100, 1] = 1
    kinds: tuple[Kind, ...] = ("real", "binary")
    scaling = prepare(features, Windows(series, np.arange(1, 300), 2), scale=Scale("zscore"), kinds=kinds).scaling
    assert scaling is not None
    assert scaling.factor[[1, 3, 5]].tolist() == [1, 2, 2]
    assert scaling.offset[[1, 3, 5]].tolist() == [0, 0, 0]


def test_no_steps_leave_windows_as_they_are() -> None:
    whole = windows(parse([]), rows=50, window=3)
    found = prepare(parse([]), whole, scale=Scale("zscore"))
    assert found.windows is whole
    assert found.scaling is None
