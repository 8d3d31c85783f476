from __future__ import annotations

import numpy as np

from tocsin.core.contracts import Graph
from tocsin.graph.graft import graft
from tocsin.graph.network import Network
from tocsin.graph.run import Runner


def _times(factor: float) -> Graph:
    network = Network(window=1, channels=2)
    value = network.op("Mul", network.input, network.constant(factor))
    row = network.op("Reshape", value, network.integers([-1, 2]))
    score = network.op("ReduceMax", row, network.integers([1]), attributes={"keepdims": 0})
    return network.seal(score, row)


def test_two_graphs_with_the_same_names_live_side_by_side() -> None:
    network = Network(window=1, channels=2)
    one, other = (graft(network, _times(factor), network.input) for factor in (2, 3))
    assert one.by_channel is not None
    assert other.by_channel is not None
    shares = network.op("Add", one.by_channel, other.by_channel)
    runner = Runner(network.seal(network.op("Add", one.score, other.score), shares).onnx)
    found = runner(np.array([[[1, 4]], [[2, -1]]], np.float32))
    assert found.score.tolist() == [20, 10]
    assert found.by_channel is not None
    assert found.by_channel.tolist() == [[5, 20], [10, -5]]


def test_what_the_grafted_graph_expects_is_told() -> None:
    inner = Network(window=1, channels=2)
    row = inner.op("Reshape", inner.input, inner.integers([-1, 2]))
    score = inner.op("ReduceMax", row, inner.integers([1]), attributes={"keepdims": 0})
    graph = inner.seal(score, expected=inner.op("Neg", row))
    network = Network(window=1, channels=2)
    found = graft(network, graph, network.input)
    assert found.by_channel is None
    assert found.expected is not None
    expected = Runner(network.seal(found.score, expected=found.expected).onnx)(
        np.array([[[3, 4]]], np.float32)
    ).expected
    assert expected is not None
    assert expected.tolist() == [[-3, -4]]
    assert graft(network, _times(2), network.input).expected is None


def test_the_grafted_graph_itself_stays_as_it_was() -> None:
    graph = _times(2)
    before = graph.onnx
    network = Network(window=1, channels=2)
    graft(network, graph, network.input)
    assert graph.onnx == before


def test_names_inside_branches_are_followed() -> None:
    """A graph may hold graphs, as ``If`` does: names of theirs, and those they take from outside, are followed."""
    import onnx

    inner = Network(window=1, channels=2)
    row = inner.op("Reshape", inner.input, inner.integers([-1, 2]))
    yes = onnx.helper.make_node("Abs", [row], ["branched"])
    no = onnx.helper.make_node("Identity", [row], ["branched"])
    made = [
        onnx.helper.make_graph(
            [node], name, [], [onnx.helper.make_tensor_value_info("branched", onnx.TensorProto.FLOAT, ["n", 2])]
        )
        for name, node in (("yes", yes), ("no", no))
    ]
    always = inner._store(np.array(True))
    chosen = inner.op("If", always, attributes={"then_branch": made[0], "else_branch": made[1]})
    graph = inner.seal(inner.op("ReduceMax", chosen, inner.integers([1]), attributes={"keepdims": 0}))
    network = Network(window=1, channels=2)
    found = graft(network, graph, network.input)
    runner = Runner(network.seal(found.score).onnx)
    assert runner(np.array([[[-5, 4]]], np.float32)).score.tolist() == [5]
