"""A foreign model as what it is made of: checked for what is never taken, and freed of what says nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tocsin.core.errors import ArtifactError
from tocsin.graph import onnx_package, parse
from tocsin.graph.versions import IR_VERSION, ML_OPSET, OPSET
from tocsin.training.adopt.refusal import RefusalError

_DOMAINS = {"", "ai.onnx", "ai.onnx.ml"}
_EXTERNAL = 1
_SILENT = ("Identity", "Dropout")
_RANDOM = ("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli")


def bare(file: bytes) -> Any:
    """Return the model in a file, in the project's opset, without functions, Constant nodes and what passes on alone.

    Raises
    ------
    RefusalError
        If it holds what is never taken.
    """
    model = _parsed(file)
    _refuse(model)
    model = _in_our_opset(_inlined(model))
    _refuse_nodes(model.graph)
    known = {constant.name for constant in model.graph.initializer}
    _keep(model.graph.input, [given for given in model.graph.input if given.name not in known])
    _hoist_constants(model.graph)
    _drop_silent(model.graph)
    return model


def _parsed(file: bytes) -> Any:
    try:
        return parse(file)
    except ArtifactError:
        raise RefusalError(
            "This is no ONNX model, or an empty one.", remedy="A Keras or PyTorch file is converted first."
        ) from None


def _refuse(model: Any) -> None:
    nodes = [*model.graph.node, *(node for function in model.functions for node in function.node)]
    tensors = [*model.graph.initializer, *_tensors_of(nodes)]
    if any(tensor.data_location == _EXTERNAL or tensor.external_data for tensor in tensors):
        raise RefusalError("Its weights lie in a file of their own.", remedy="Save it as one file.")
    if model.graph.sparse_initializer:
        raise RefusalError("It holds sparse tensors.")
    if foreign := sorted({entry.domain for entry in model.opset_import} - _DOMAINS - _of_functions(model)):
        used = {node.domain for node in model.graph.node}
        if named := [domain for domain in foreign if domain in used]:
            raise RefusalError(f"It uses operators of its own, from {named[0]!r}: other runtimes do not know them.")


def _of_functions(model: Any) -> set[str]:
    return {function.domain for function in model.functions}


def _tensors_of(nodes: Any) -> list[Any]:
    attributes = [attribute for node in nodes for attribute in node.attribute]
    return [tensor for a in attributes for tensor in ([a.t, *a.tensors] if a.HasField("t") else a.tensors)]


def _refuse_nodes(graph: Any) -> None:
    for node in graph.node:
        if node.domain not in _DOMAINS:
            raise RefusalError(f"It uses {node.op_type} of {node.domain!r}: other runtimes do not know it.")
        if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
            raise RefusalError(
                f"It holds {node.op_type}, a graph in the graph: nothing would show that windows do not mix in it."
            )
        if node.op_type in _RANDOM:
            raise RefusalError(f"It holds {node.op_type}: the same window would get another score the next time.")


def _inlined(model: Any) -> Any:
    if not model.functions:
        return model
    from onnx import inliner

    return inliner.inline_local_functions(model)


def _in_our_opset(model: Any) -> Any:
    """Return the model with the project's opset; ONNX's own converter does it."""
    from onnx import version_converter

    own = {entry.domain: entry.version for entry in model.opset_import}
    version = max(own.get("", 0), own.get("ai.onnx", 0))
    if own.get("ai.onnx.ml", 0) > ML_OPSET:
        raise RefusalError(f"It is written in opset {own['ai.onnx.ml']} of ai.onnx.ml; at most {ML_OPSET} is taken.")
    try:
        found = model if version == OPSET else version_converter.convert_version(model, OPSET)
    except Exception as error:  # the converter's errors have no common base
        reason = (str(error).splitlines() or ["it does not say why"])[-1]
        raise RefusalError(
            f"It is written in opset {version}, and cannot be brought to {OPSET}: {reason[:200]}",
            remedy=f"Export it with opset {OPSET}.",
        ) from None
    make = onnx_package().helper.make_opsetid
    del found.opset_import[:]
    found.opset_import.extend([make("", OPSET), make("ai.onnx.ml", ML_OPSET)])
    found.ir_version = IR_VERSION
    return found


def _hoist_constants(graph: Any) -> None:
    """Turn Constant nodes into constants, so that all are found in one place."""
    onnx = onnx_package()
    read: dict[str, Callable[[Any], Any]] = {
        "value": lambda a: onnx.numpy_helper.to_array(a.t),
        "value_float": lambda a: np.float32(a.f),
        "value_floats": lambda a: np.array(a.floats, np.float32),
        "value_int": lambda a: np.int64(a.i),
        "value_ints": lambda a: np.array(a.ints, np.int64),
    }
    for node in [node for node in graph.node if node.op_type == "Constant"]:
        (attribute,) = node.attribute
        if attribute.name not in read:
            raise RefusalError(f"It holds a constant of another kind than numbers ({attribute.name}).")
        value = np.asarray(read[attribute.name](attribute))
        graph.initializer.append(onnx.numpy_helper.from_array(value, node.output[0]))
        graph.node.remove(node)


def _drop_silent(graph: Any) -> None:
    """Leave out nodes that hand on what they are given, as Dropout does outside of training."""
    outputs = {output.name for output in graph.output}
    for node in [node for node in graph.node if node.op_type in _SILENT]:
        if node.op_type == "Dropout" and len(node.input) > 2 and node.input[2]:
            raise RefusalError("It is in training mode: its result depends on chance.")
        if node.output[0] in outputs:
            node.CopyFrom(onnx_package().helper.make_node("Identity", [node.input[0]], [node.output[0]]))
            continue
        given, gone = node.input[0], node.output[0]
        graph.node.remove(node)
        for other in graph.node:
            other.input[:] = [given if name == gone else name for name in other.input]


def _keep(field: Any, kept: list[Any]) -> None:
    del field[:]
    field.extend(kept)
