"""Layers cut to what is looked at: the numbers that are left stay as they were."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.contracts import Graph
from tocsin.export.c.compiled import Compiled
from tocsin.export.c.export import program_of
from tocsin.export.c.program import read
from tocsin.export.c.source import source
from tocsin.graph.dense import dense
from tocsin.graph.network import Network
from tocsin.graph.run import Runner


def redrawing(*, also_whole: bool) -> Graph:
    """Return a graph whose layer of 15 results is judged by the last 3 of them, or by all of them too."""
    rng = np.random.default_rng(0)
    network = Network(window=5, channels=3)
    row = network.op("Reshape", network.input, network.integers([-1, 15]))
    weight, bias = (rng.normal(size=shape).astype(np.float32) for shape in ((15, 15), (15,)))
    redrawn = network.op("Reshape", dense(network, row, weight=weight, bias=bias), network.integers([-1, 5, 3]))
    last = network.op("Gather", redrawn, network.integers(4), attributes={"axis": 1})
    score = network.op("MatMul", last, network.constant([[1], [2], [3]]))
    if also_whole:
        every = network.op("Reshape", redrawn, network.integers([-1, 15]))
        score = network.op("Add", score, network.op("MatMul", every, network.constant(np.ones((15, 1)))))
    return network.seal(network.op("Reshape", score, network.integers([-1])))


def weights(artifact: Artifact) -> int:
    program = program_of(artifact)
    used = {name for node in program.nodes for name in node.inputs if name in program.constants}
    return max(program.constants[name].size for name in used)


def test_only_what_is_looked_at_is_computed(pca: Artifact) -> None:
    own = replace(pca, graph=redrawing(also_whole=False).onnx, window=5)
    assert weights(own) == 15 * 3
    assert read(own.graph, outputs=("score",)).constants  # the graph itself is as it was
    compiled = Compiled(source(own, program_of(own), file="own.c", arena="stack", precision="float"))
    windows = np.random.default_rng(1).normal(size=(20, 5, 3)).astype(np.float32)
    np.testing.assert_allclose(compiled(windows).score, Runner(own.graph)(windows).score, rtol=1e-4, atol=1e-4)


def test_a_layer_of_which_all_is_looked_at_stays(pca: Artifact) -> None:
    assert weights(replace(pca, graph=redrawing(also_whole=True).onnx, window=5)) == 15 * 15
