"""A foreign model rewritten as the project wants its graphs, with one input and one output that have our names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tocsin.graph import onnx_package
from tocsin.graph.lint import lint
from tocsin.graph.signature import BATCH, INPUT, SCORE
from tocsin.training.adopt._bare import bare
from tocsin.training.adopt._elus import steady
from tocsin.training.adopt._sums import Sums
from tocsin.training.adopt.refusal import RefusalError

_FIRST_STATE, _LAST_STATE = 5, 7
"""Among the inputs of a recurrent layer."""

_DOUBLE = 11
_WIDTHS = {1: "float32", 10: "float16", _DOUBLE: "float64"}
"""ONNX's numbers for the types that are taken."""


@dataclass(frozen=True)
class Plain:
    """A model that can be put into a network.

    Parameters
    ----------
    onnx
        The model, with the input ``window`` and the output ``score``, whatever they are.
    shape
        Of its input, without the windows' axis; None where a length is free.
    kind
        What it takes: "float32", "float16" or "float64".
    gives
        The same of its output.
    notes
        What was rewritten, in plain sentences.
    """

    onnx: bytes
    shape: tuple[int | None, ...]
    kind: str
    gives: str
    notes: tuple[str, ...]


def plain(file: bytes, *, tensor: str = "") -> Plain:
    """Return the model in a file as the project writes graphs.

    Parameters
    ----------
    file
        A serialised ONNX model.
    tensor
        Name of the output that is wanted; "" for the only one.

    Raises
    ------
    RefusalError
        If that cannot be done exactly.
    """
    model = bare(file)
    graph, notes = model.graph, []
    given, told = _only_input(graph), _output(graph, tensor)
    kind, gives = _kind(given, "input"), _kind(told, f"output {told.name!r}")
    shape = _shape(given)
    del graph.output[:]
    graph.output.append(told)
    if _loosen(given):
        _loosen_reshapes(graph)
        _loosen_states(graph)
        notes.append("its batch was fixed at one window, and is free now")
    del graph.value_info[:]
    _forget(told)
    values = _values(model)
    doubles = {name for name, value in values.items() if value.elem_type == _DOUBLE}
    sums = Sums(graph, {name: _lengths(value) for name, value in values.items()}, doubles=doubles)
    sums.rewrite()
    if sums.rewritten:
        kinds = sorted(set(sums.rewritten))
        notes.append(f"{', '.join(kinds)} became products with a constant vector, which no company changes")
    if steady(graph, double=kind == "float64"):
        notes.append("Elu became an Exp below 0, which no company changes")
    _rename(graph, given.name, INPUT)
    _rename(graph, told.name, SCORE)
    if found := lint(model.SerializeToString()):
        raise RefusalError(f"It holds what the project never takes: {found[0]}.")
    return Plain(model.SerializeToString(deterministic=True), shape, kind, gives, tuple(notes))


def _only_input(graph: Any) -> Any:
    if len(graph.input) != 1:
        names = ", ".join(given.name for given in graph.input) or "none"
        raise RefusalError(f"It has {len(graph.input)} inputs ({names}), and windows are one.")
    return graph.input[0]


def _output(graph: Any, tensor: str) -> Any:
    names = [output.name for output in graph.output]
    if tensor and tensor not in names:
        raise RefusalError(f"It has no output {tensor!r}.", remedy=f"It has: {', '.join(names)}.")
    if not tensor and len(names) != 1:
        raise RefusalError(f"It has {len(names)} outputs.", remedy=f"Name one with --tensor: {', '.join(names)}.")
    return next(output for output in graph.output if output.name == (tensor or names[0]))


def _kind(value: Any, what: str) -> str:
    if not value.type.HasField("tensor_type") or value.type.tensor_type.elem_type not in _WIDTHS:
        raise RefusalError(f"Its {what} is no tensor of floating-point numbers.")
    return _WIDTHS[value.type.tensor_type.elem_type]


def _shape(given: Any) -> tuple[int | None, ...]:
    tensor = given.type.tensor_type
    if not tensor.HasField("shape") or len(tensor.shape.dim) not in (2, 3):
        raise RefusalError("Its input has neither two nor three axes: windows, readings and channels.")
    lengths = [axis.dim_value or None if axis.HasField("dim_value") else None for axis in tensor.shape.dim]
    if lengths[0] not in (None, 1):
        raise RefusalError(
            f"It takes exactly {lengths[0]} windows at a time.", remedy="Export it with a free batch, or a batch of 1."
        )
    return tuple(lengths[1:])


def _loosen(value: Any) -> bool:
    """Free the windows' axis; return whether it was fixed."""
    axis = value.type.tensor_type.shape.dim[0]
    fixed = bool(axis.HasField("dim_value"))
    axis.Clear()
    axis.dim_param = BATCH
    return fixed


def _loosen_reshapes(graph: Any) -> None:
    """Let each Reshape that says "one window" say "as many as there are".

    Where several lengths are 1, the first is taken for it; that it is right is seen when both are run.
    """
    onnx = onnx_package()
    constants = {constant.name: constant for constant in graph.initializer}
    for number, node in enumerate(graph.node):
        if node.op_type != "Reshape" or node.input[1] not in constants:
            continue
        target = onnx.numpy_helper.to_array(constants[node.input[1]]).copy()
        if 1 in target and -1 not in target:
            target[list(target).index(1)] = -1
            name = f"loosened_{number}"
            graph.initializer.append(onnx.numpy_helper.from_array(target, name))
            node.input[1] = name


def _loosen_states(graph: Any) -> None:
    """Leave out states of noughts that recurrent layers begin with: they are of one window, and the default."""
    onnx = onnx_package()
    constants = {constant.name: constant for constant in graph.initializer}
    for node in graph.node:
        if node.op_type not in ("LSTM", "GRU", "RNN"):
            continue
        for place, name in list(enumerate(node.input))[_FIRST_STATE:_LAST_STATE]:
            if name in constants and not onnx.numpy_helper.to_array(constants[name]).any():
                node.input[place] = ""


def _forget(told: Any) -> None:
    """Have nothing said of the output's shape: it is found anew."""
    told.type.tensor_type.ClearField("shape")


def _values(model: Any) -> dict[str, Any]:
    """Return what ONNX infers of types and shapes, by tensor; only where the shape is known."""
    found = onnx_package().shape_inference.infer_shapes(model, data_prop=True).graph
    tensors = {value.name: value.type.tensor_type for value in [*found.value_info, *found.input, *found.output]}
    return {name: tensor for name, tensor in tensors.items() if tensor.HasField("shape")}


def _lengths(tensor: Any) -> list[int | None]:
    return [axis.dim_value if axis.HasField("dim_value") else None for axis in tensor.shape.dim]


def _rename(graph: Any, old: str, new: str) -> None:
    """Give a tensor another name; one that has that name already steps aside."""
    if old == new:
        return
    names = {old: new, new: f"{new}/before"}
    for constant in graph.initializer:
        constant.name = names.get(constant.name, constant.name)
    for value in [*graph.input, *graph.output]:
        value.name = names.get(value.name, value.name)
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
