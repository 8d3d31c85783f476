"""Putting one graph into another: a detector's behind what prepares its windows."""

from __future__ import annotations

from typing import Any, NamedTuple

from tocsin.core.contracts import Graph
from tocsin.graph._onnx import parse
from tocsin.graph.network import Network
from tocsin.graph.signature import BY_CHANNEL, EXPECTED, INPUT, SCORE


class Grafted(NamedTuple):
    """Names of what a grafted graph yields."""

    score: str
    """Shape (n,)."""
    by_channel: str | None
    """Shape (n, channels of the grafted graph), or None where it tells no shares."""
    expected: str | None
    """The same shape, in the units of what it was fed with, or None where it expects nothing."""


def graft(network: Network, graph: Graph, window: str) -> Grafted:
    """Add all of ``graph``, fed with the tensor called ``window``.

    Parameters
    ----------
    network
        The graph under construction.
    graph
        Takes windows of the shape of ``window``.
    window
        Name of a float32 tensor of shape (n, window, channels).

    Examples
    --------
    >>> inner = Network(window=1, channels=1)
    >>> graph = inner.seal(inner.op("Reshape", inner.input, inner.integers([-1])))
    >>> outer = Network(window=1, channels=1)
    >>> twice = outer.op("Mul", outer.input, outer.constant(2))
    >>> graft(outer, graph, twice).by_channel is None
    True
    """
    body = parse(graph.onnx).graph
    prefix = network.prefix()
    _rename(body, window, prefix)
    network.add(body.node, body.initializer)
    outputs = {output.name for output in body.output}
    return Grafted(prefix + SCORE, *(prefix + name if name in outputs else None for name in (BY_CHANNEL, EXPECTED)))


def _rename(body: Any, window: str, prefix: str) -> None:
    """Give everything inside ``body`` names of its own, but for its input, which takes the name ``window``."""

    def new(name: str) -> str:
        return window if name == INPUT else prefix + name if name else ""

    for constant in body.initializer:
        constant.name = new(constant.name)
    for node in body.node:
        node.name = new(node.name)
        node.input[:] = [new(name) for name in node.input]
        node.output[:] = [new(name) for name in node.output]
        for attribute in node.attribute:
            for inner in [attribute.g, *attribute.graphs]:
                for end in [*inner.input, *inner.output]:
                    end.name = new(end.name)
                _rename(inner, window, prefix)
