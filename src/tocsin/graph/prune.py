"""Leaving out of a graph what nothing that it tells is made of, such as a part that was grafted for its score alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any


def needed(nodes: Sequence[Any], outputs: Iterable[str]) -> tuple[list[Any], set[str]]:
    """Return the nodes that ``outputs`` are made of, in order, and the names of all that those take.

    Parameters
    ----------
    nodes
        Nodes of a graph, each behind those whose results it takes, as ONNX demands.
    outputs
        Names of what the graph tells.
    """
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(_taken(node))
    return kept[::-1], wanted


def _taken(node: Any) -> Iterator[str]:
    """Yield the names that a node takes, and those that graphs inside it do."""
    yield from node.input
    for attribute in node.attribute:
        for inner in [attribute.g, *attribute.graphs]:
            yield from (output.name for output in inner.output)
            for each in inner.node:
                yield from _taken(each)
