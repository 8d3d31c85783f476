"""Single operators as C, against ONNX Runtime, for shapes and weights of chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.artifact.artifact import Artifact
from tocsin.core.contracts import Graph
from tocsin.core.errors import SettingError
from tocsin.export.c.compiled import Compiled
from tocsin.export.c.export import program_of
from tocsin.export.c.source import source
from tocsin.graph.conv import conv, twofold
from tocsin.graph.network import Network
from tocsin.graph.run import Runner

CHANNELS = 3
SOME = settings(max_examples=20, deadline=None)


def summed(network: Network, values: str, size: int, *, seed: int) -> Graph:
    """Seal the graph with a sum of ``values`` of which each counts differently, and those of each channel."""
    weights = np.random.default_rng(seed).normal(size=(size, 1))
    flat = network.op("Reshape", values, network.integers([-1, size]))
    score = network.op("Reshape", network.op("MatMul", flat, network.constant(weights)), network.integers([-1]))
    return network.seal(score)


def both_agree(pca: Artifact, graph: Graph, window: int, *, seed: int = 0, least: float = 1.0) -> None:
    own = replace(pca, graph=graph.onnx, window=window)
    compiled = Compiled(source(own, program_of(own), file="own.c", arena="stack", precision="float"))
    windows = np.random.default_rng(seed).normal(size=(8, window, CHANNELS)).astype(np.float32)
    expected = Runner(graph.onnx)(windows).score
    np.testing.assert_allclose(compiled(windows).score, expected, rtol=1e-4, atol=1e-4 * least)


@pytest.mark.slow
@SOME
@given(window=st.integers(1, 9), units=st.integers(1, 12), seed=st.integers(0, 99))
def test_products(pca: Artifact, window: int, units: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = Network(window=window, channels=CHANNELS)
    each = network.op("MatMul", network.input, network.constant(rng.normal(size=(CHANNELS, units))))
    whole = network.op("Elu", network.op("Add", each, network.constant(rng.normal(size=units))))
    turned = network.op("Transpose", whole, attributes={"perm": [0, 2, 1]})
    along = network.op("MatMul", turned, network.constant(rng.normal(size=(window, 5))))
    both_agree(pca, summed(network, along, units * 5, seed=seed), window, least=10)


@pytest.mark.slow
@SOME
@given(
    window=st.integers(3, 17),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 2),
    causal=st.booleans(),
    seed=st.integers(0, 99),
)
def test_convolutions(
    pca: Artifact, window: int, kernel: int, stride: int, dilation: int, causal: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    size = kernel if causal else 2 * kernel - 1
    weight, bias = (rng.normal(size=shape).astype(np.float32) for shape in ((4, CHANNELS, size), (4,)))
    network = Network(window=window, channels=CHANNELS)
    steps = network.op("Transpose", network.input, attributes={"perm": [0, 2, 1]})
    out = conv(network, steps, weight=weight, bias=bias, stride=stride, dilation=dilation, causal=causal)
    length = -(-window // stride)
    longer = network.op("MatMul", out, network.constant(twofold(2 * length)))
    both_agree(pca, summed(network, longer, 8 * length, seed=seed), window, least=10)


Body = Callable[[Network], tuple[str, int]]


def _arithmetic(network: Network) -> tuple[str, int]:
    """Sums, shares and extremes, each with operands of several shapes, and things used twice."""
    one = network.op("Sub", network.input, network.constant(np.array([[0.5, 1, -1, 2, 0]]).T))
    two = network.op("Mul", one, network.constant([2, 0.5, -1]))
    root = network.op("Sqrt", network.op("Abs", two))
    sided = network.op("Where", network.op("Greater", one, two), one, network.op("Neg", root))
    power = network.op("Pow", network.op("Add", root, network.constant(1)), network.constant(1.7))
    shared = network.op("Div", power, network.op("Max", one, network.constant(0.25), two))
    cut = network.op("Clip", shared, network.constant(-2), network.constant(3))
    return network.op("Add", network.op("Min", cut, sided), network.op("Floor", two)), 15


def _functions(network: Network) -> tuple[str, int]:
    made = network.input
    for kind in ("Sigmoid", "Tanh", "Exp", "Relu", "Reciprocal", "LeakyRelu", "Log"):
        made = network.op(kind, network.op("Add", made, network.constant(0.1)))
    return made, 15


def _moves(network: Network) -> tuple[str, int]:
    """Pieces of a window, taken and put together in many ways."""
    places = [network.integers([place]) for place in (1, 5, 1)]
    later = network.op("Slice", network.input, *places)
    every = network.op("Slice", network.input, *(network.integers([place]) for place in (0, 5, 1, 2)))
    picked = network.op("Gather", network.input, network.integers([4, 0, 3, 3]), attributes={"axis": 1})
    channel = network.op("Gather", network.input, network.integers([2, 0]), attributes={"axis": 2})
    flat = [
        network.op("Reshape", part, network.integers([-1, size]))
        for part, size in ((later, 12), (every, 9), (picked, 12), (channel, 10))
    ]
    return network.op("Concat", *flat, attributes={"axis": 1}), 43


def _extremes(network: Network) -> tuple[str, int]:
    best = network.op("ReduceMax", network.input, network.integers([1]), attributes={"keepdims": 1})
    least = network.op("ReduceMin", network.input, network.integers([2]), attributes={"keepdims": 0})
    all_of = network.op("ReduceMax", network.input, network.integers([1, 2]), attributes={"keepdims": 0})
    apart = network.op("Sub", network.input, best)
    rows = network.op("Mul", apart, network.op("Reshape", least, network.integers([-1, 5, 1])))
    return network.op("Add", rows, network.op("Reshape", all_of, network.integers([-1, 1, 1]))), 15


def _nearest(network: Network) -> tuple[str, int]:
    """A row looked up by a place that is found on the way."""
    rng = np.random.default_rng(1)
    flat = network.op("Reshape", network.input, network.integers([-1, 15]))
    table = rng.normal(size=(6, 15)).astype(np.float32)
    near = network.op("MatMul", flat, network.constant(2 * table.T))
    place = network.op("ArgMax", near, attributes={"axis": 1, "keepdims": 0})
    row = network.op("Gather", network.constant(table), place, attributes={"axis": 0})
    return network.op("Sub", flat, row), 15


def _layers(network: Network) -> tuple[str, int]:
    rng = np.random.default_rng(3)
    steps = network.op("Transpose", network.input, attributes={"perm": [0, 2, 1]})
    weight, bias = (rng.normal(size=shape).astype(np.float32) for shape in ((4, CHANNELS, 3), (4,)))
    half = network.op("Elu", conv(network, steps, weight=weight, bias=bias, stride=2))
    twice = network.op("MatMul", half, network.constant(twofold(5)))
    wide = network.op("MatMul", twice, network.constant(rng.normal(size=(5, 6))))
    return network.op("Add", wide, network.constant(rng.normal(size=6))), 24


BODIES: list[Body] = [_layers, _arithmetic, _functions, _moves, _extremes, _nearest]


def test_each_operator_makes_what_onnx_runtime_makes_of_it(pca: Artifact) -> None:
    network = Network(window=5, channels=CHANNELS)
    made = [body(network) for body in BODIES]
    flat = [network.op("Reshape", name, network.integers([-1, size])) for name, size in made]
    whole = network.op("Concat", *flat, attributes={"axis": 1})
    both_agree(pca, summed(network, whole, sum(size for _, size in made), seed=2), 5)


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES)
def test_operators_one_by_one(pca: Artifact, body: Body) -> None:
    network = Network(window=5, channels=CHANNELS)
    both_agree(pca, summed(network, *body(network), seed=2), 5)


def test_what_is_not_covered_is_refused_with_what_is(pca: Artifact) -> None:
    network = Network(window=5, channels=CHANNELS)
    soft = network.op("Softmax", network.input, attributes={"axis": -1})
    own = replace(pca, graph=summed(network, soft, 15, seed=0).onnx, window=5)
    with pytest.raises(SettingError, match=r"no C for a graph with Softmax\. Train one of autoencoder"):
        source(own, program_of(own), file="own.c", arena="stack", precision="float")
    network = Network(window=5, channels=CHANNELS)
    first, *_ = network.ops("Split", [network.input], outputs=2, attributes={"axis": 2, "num_outputs": 2})
    own = replace(pca, graph=summed(network, first, 10, seed=0).onnx, window=5)
    with pytest.raises(SettingError, match=r"no C for a graph with Split\. Train one of autoencoder"):
        program_of(own)
    network = Network(window=5, channels=CHANNELS)
    turned = network.op("Transpose", network.input, attributes={"perm": [0, 2, 1]})
    own = replace(pca, graph=summed(network, network.op("MatMul", network.input, turned), 25, seed=0).onnx, window=5)
    with pytest.raises(SettingError, match="both depend on the window"):
        source(own, program_of(own), file="own.c", arena="stack", precision="float")
