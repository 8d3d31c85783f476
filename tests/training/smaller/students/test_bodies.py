"""Every student's network: the graph says what PyTorch says, in any company, and width spends the budget."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import Float32Array
from tocsin.core.discover import names
from tocsin.core.errors import SettingError
from tocsin.export.parameters import parameters
from tocsin.graph.lint import lint
from tocsin.graph.network import Network
from tocsin.graph.run import Runner
from tocsin.training.smaller.student import Shape, weights, widest
from tocsin.training.smaller.students._body import Body
from tocsin.training.smaller.students._statistics import Statistics, spans
from tocsin.training.smaller.teaching import ROOM, Teaching

STUDENTS = names(ROOM)
SHAPES = [Shape(1, 2, 3), Shape(2, 1, 2), Shape(10, 3, 6), Shape(33, 2, 4)]


def body_of(student: str, shape: Shape, *, width: int) -> Body:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return Teaching(student=student).make_student().build(shape, width=width).eval()


def windows_of(shape: Shape, n: int, *, seed: int = 0) -> Float32Array:
    return np.random.default_rng(seed).normal(0, 2, (n, shape.window, shape.columns)).astype(np.float32)


def graph_of(body: Body, shape: Shape) -> bytes:
    """Return a graph whose score is the first of the results."""
    network = Network(window=shape.window, channels=shape.columns)
    results = body.write(network, network.input)
    first = network.op("Gather", results, network.integers(0), attributes={"axis": 1})
    return network.seal(first).onnx


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.window}x{shape.columns}")
@pytest.mark.parametrize("student", STUDENTS)
def test_the_graph_says_what_the_network_says(student: str, shape: Shape) -> None:
    body, windows = body_of(student, shape, width=5), windows_of(shape, 20)
    with torch.no_grad():
        results = body(torch.from_numpy(windows))
    assert results.shape == (20, shape.results)
    onnx = graph_of(body, shape)
    assert lint(onnx) == []
    np.testing.assert_allclose(Runner(onnx)(windows).score, results[:, 0].numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("student", STUDENTS)
@settings(max_examples=15, deadline=None)
@given(start=st.integers(0, 290), rows=st.integers(1, 200))
def test_company_does_not_matter(student: str, start: int, rows: int) -> None:
    shape = SHAPES[2]
    runner, windows = Runner(graph_of(body_of(student, shape, width=5), shape)), windows_of(shape, 300)
    part = slice(start, start + rows)
    assert runner(windows[part]).score.tobytes() == runner(windows).score[part].tobytes()


@pytest.mark.parametrize("student", STUDENTS)
def test_the_widest_spends_the_budget_and_no_more(student: str) -> None:
    shape, made = SHAPES[2], Teaching(student=student).make_student()
    for budget in (700, 2_000, 20_000):
        width = widest(made, shape, budget=budget)
        assert weights(made, shape, width=width) <= budget < weights(made, shape, width=width + 1)


@pytest.mark.parametrize("student", STUDENTS)
def test_the_weights_are_those_that_are_counted_in_the_graph(student: str) -> None:
    shape, made = SHAPES[2], Teaching(student=student).make_student()
    body = body_of(student, shape, width=7)
    network = Network(window=shape.window, channels=shape.columns)
    results = body.write(network, network.input)
    whole = network.op("MatMul", results, network.constant(np.ones((shape.results, 1))))
    onnx = network.seal(network.op("Reshape", whole, network.integers([-1]))).onnx
    assert parameters(onnx) == weights(made, shape, width=7)


def test_a_budget_that_buys_nothing_is_refused() -> None:
    with pytest.raises(SettingError, match="The narrowest student of this kind has"):
        widest(Teaching(student="dense_small").make_student(), SHAPES[3], budget=20)


def test_statistics_are_those_of_the_last_readings() -> None:
    window = np.array([[1.0, 0], [3, 0], [2, 0], [6, 0], [4, 10]], np.float32)
    found = Statistics(5, 2)(torch.from_numpy(window[None])).numpy().reshape(4, 2, 3)
    assert spans(5) == [2, 4, 5]
    for k, span in enumerate(spans(5)):
        last = window[-span:].astype(np.float64)
        steps = np.diff(last, axis=0)
        expected = [
            last.mean(axis=0),
            np.sqrt(last.var(axis=0) + 1e-3),
            np.sqrt((steps**2).mean(axis=0) + 1e-3),
            np.abs(last[-1] - last.mean(axis=0)),
        ]
        np.testing.assert_allclose(found[:, :, k], expected, rtol=1e-5)
