"""Writing a graph with names as short as can be: in a small graph they take more room than the weights."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterator
from typing import Any

from tocsin.graph.prune import needed
from tocsin.graph.versions import PRODUCER

_LETTERS = string.ascii_lowercase + string.ascii_uppercase


def slim(model: Any) -> bytes:
    """Return ``model`` as bytes: what is not needed left out, inner names short, the same for the same model."""
    graph = model.graph
    nodes, taken = needed(graph.node, [output.name for output in graph.output])
    held = [tensor for tensor in graph.initializer if tensor.name in taken]
    ends = {end.name for end in [*graph.input, *graph.output]} | {""}
    short = _short(ends)
    names = [*(tensor.name for tensor in held), *(name for node in nodes for name in node.output)]
    new = {name: name if name in ends else next(short) for name in dict.fromkeys(names)} | {end: end for end in ends}
    for tensor in held:
        tensor.name = new[tensor.name]
    for node in nodes:
        node.name = node.doc_string = ""
        node.input[:] = [new[name] for name in node.input]
        node.output[:] = [new[name] for name in node.output]
    return _sealed(model, nodes, held)


def _sealed(model: Any, nodes: list[Any], held: list[Any]) -> bytes:
    made = type(model)()
    made.CopyFrom(model)
    graph = made.graph
    for part, kept in ((graph.node, nodes), (graph.initializer, held)):
        copies = [type(each)() for each in kept]
        for copy, each in zip(copies, kept, strict=True):
            copy.CopyFrom(each)
        del part[:]
        part.extend(copies)
    del graph.value_info[:]
    del made.metadata_props[:]
    used = {node.domain for node in nodes} | {""}
    opsets = [(entry.domain, entry.version) for entry in model.opset_import if entry.domain in used]
    del made.opset_import[:]
    for domain, version in opsets:
        made.opset_import.add(domain=domain, version=version)
    made.producer_name, made.producer_version, graph.name = PRODUCER, "", PRODUCER
    return bytes(made.SerializeToString(deterministic=True))


def _short(taken: set[str]) -> Iterator[str]:
    for length in itertools.count(1):
        for letters in itertools.product(_LETTERS, repeat=length):
            name = "".join(letters)
            if name not in taken:
                yield name
