"""Operators that make values out of several others: products, convolutions, moves, greatest values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import Float32Array
from tocsin.export.c.expressions import literal
from tocsin.export.c.indices import indented, moved, steps_of, sum_of
from tocsin.export.c.layout import axis_of, order_of, slices_of
from tocsin.export.c.program import Node, Program, uncovered
from tocsin.export.c.tables import Tables


class Value(NamedTuple):
    """How one value of a result is made."""

    lines: list[str]
    """What is to be done before."""
    expression: str
    """The value."""


class Scene(Protocol):
    """What writing an operator needs to know of its surroundings."""

    program: Program
    tables: Tables

    def base(self, name: str) -> str:
        """Return a pointer to the first value of something, as C."""

    def number(self, name: str) -> str:
        """Return the name of a whole number that is found on the way."""


def head_value(scene: Scene, node: Node, at: Sequence[str]) -> Value:
    """Return how ``node`` makes its value at the places ``at``, one for each axis of its result."""
    return _HEADS[node.kind](scene, node, at)


def _product(scene: Scene, node: Node, at: Sequence[str]) -> Value:
    """A product with a constant matrix."""
    weight = scene.program.constants[node.inputs[1]]
    if weight.ndim != 2:
        raise uncovered("MatMul by something that is no matrix")
    units, results = weight.shape
    row = _row(scene, node, at, units)
    column = at[-1]
    if (factor := _repeated(weight)) is not None:
        return _strided(row, column, units=units, results=results, factor=factor)
    if (chosen := _chosen(weight)) is not None:
        return Value([], f"{row}[{_formula(scene, chosen, column)}]")
    table, factor = scene.tables.shared(np.ascontiguousarray(weight.T, np.float32))
    dot = f"dot({row}, {moved(table, sum_of([column], [units]))}, {units})"
    return Value([], dot if factor == 1 else f"{literal(factor)} * {dot}")


def _product8(scene: Scene, node: Node, at: Sequence[str]) -> Value:
    """A product of whole numbers; the third input holds a factor for each result."""
    weight, scale = (scene.program.constants[name] for name in node.inputs[1:3])
    results, units = weight.shape
    table = moved(scene.tables.add(weight), sum_of([at[-1]], [units]))
    factor = _element(scene, scale, at[-1] if results > 1 else "0")
    row = _row(scene, node, at, units)
    dot = f"(float)dot8({row}, {table}, {units})" if _whole(scene, node) else f"mixed({row}, {table}, {units})"
    return Value([], f"{dot} * {factor}")


def _row(scene: Scene, node: Node, at: Sequence[str], units: int) -> str:
    """Return a pointer to the row of the left factor that makes a value."""
    lengths = scene.program.shapes[node.inputs[0]][:-1]
    places = at[len(at) - 1 - len(lengths) : -1] if len(at) > 1 else ["0"] * len(lengths)
    return moved(scene.base(node.inputs[0]), sum_of(places, [step * units for step in steps_of(lengths)]))


def structured(weight: npt.NDArray[Any]) -> bool:
    """Tell whether a matrix only adds up values evenly, or moves them, so that it needs no table of weights."""
    return weight.ndim == 2 and (_repeated(weight) is not None or _chosen(weight) is not None)


def _strided(row: str, column: str, *, units: int, results: int, factor: float) -> Value:
    start = moved(row, column if results > 1 else "0")
    total = f"total({start}, {units // results}, {results})"
    return Value([], total if factor == 1 else f"{total} * {literal(factor)}")


def _repeated(weight: npt.NDArray[Any]) -> float | None:
    """Return the factor of a matrix that sums up every so many-th value; None for another matrix."""
    units, results = weight.shape
    factor = float(weight[0, 0])
    if units % results or not factor:
        return None
    same = np.array_equal(weight, np.tile(np.eye(results, dtype=weight.dtype) * weight[0, 0], (units // results, 1)))
    return factor if same else None


def _chosen(weight: npt.NDArray[Any]) -> npt.NDArray[np.int64] | None:
    """Return which value each column of a matrix picks; None where it does more."""
    picks = ((weight != 0).sum(axis=0) == 1).all() and (weight.max(axis=0) == 1).all()
    return weight.argmax(axis=0) if picks else None


def _formula(scene: Scene, chosen: npt.NDArray[np.int64], place: str) -> str:
    """Return the places in ``chosen`` as a formula where there is one, else as a table."""
    count = np.arange(len(chosen))
    if len(chosen) == 1:
        return str(chosen[0])
    step = int(chosen[1] - chosen[0])
    if np.array_equal(chosen, chosen[0] + count * step):
        return sum_of([place], [step], start=int(chosen[0])) if step else str(chosen[0])
    for times in (2, 3, 4):
        if np.array_equal(chosen, count // times):
            return f"{place} / {times}"
    return f"{scene.tables.add(chosen.astype(np.uint16 if chosen.max() < 65_536 else np.int32))}[{place}]"


def _convolution(scene: Scene, node: Node, at: Sequence[str]) -> Value:
    """A convolution along the last axis."""
    weight = np.ascontiguousarray(scene.program.constants[node.inputs[1]], np.float32)
    bias = scene.program.constants[node.inputs[2]] if len(node.inputs) > 2 else np.zeros(len(weight), np.float32)
    lines = _windowed(scene, node, at, weight.shape, table=scene.tables.add(weight), one="sum += {}")
    return Value([f"float sum = {_element(scene, bias, at[1])};", *lines], "sum")


def _convolution8(scene: Scene, node: Node, at: Sequence[str]) -> Value:
    """A convolution of whole numbers; then come a factor and a bias for each filter."""
    weight, scale, bias = (scene.program.constants[name] for name in node.inputs[1:4])
    kind, begin = ("int32_t", "0") if _whole(scene, node) else ("float", "0.0f")
    lines = _windowed(scene, node, at, weight.shape, table=scene.tables.add(weight), one=f"sum += ({kind}){{}}")
    factor, offset = (_element(scene, each, at[1]) for each in (scale, bias))
    return Value([f"{kind} sum = {begin};", *lines], f"(float)sum * {factor} + {offset}")


def _windowed(scene: Scene, node: Node, at: Sequence[str], shape: Sequence[int], *, table: str, one: str) -> list[str]:
    """Return the loops that add up what a filter sees; beyond both ends there is nothing."""
    padding = node.attributes.get("auto_pad", b"NOTSET")
    if len(shape) != 3 or node.attributes.get("group", 1) != 1 or padding != b"NOTSET":
        raise uncovered("a convolution that is not along one axis, of all channels, with stated padding")
    _, inner, kernel = shape
    length = scene.program.shapes[node.inputs[0]][2]
    before, after = node.attributes.get("pads", (0, 0))
    stride, gap = node.attributes.get("strides", [1])[0], node.attributes.get("dilations", [1])[0]
    values, filters = scene.base(node.inputs[0]), moved(table, sum_of([at[1]], [inner * kernel]))
    product = f"{values}[c * {length} + start + k{f' * {gap}' if gap > 1 else ''}] * {filters}[c * {kernel} + k]"
    first, last = "0", str(kernel)
    bounds = [f"const int start = {sum_of([at[2]], [stride], start=-before)};"]
    if before or after:
        rounding = f" + {gap - 1}) / {gap}" if gap > 1 else ")"
        bounds += [
            f"const int first = start < 0 ? (-start{rounding} : 0;",
            f"const int room = ({length} - start{rounding};",
            f"const int last = room < {kernel} ? room : {kernel};",
        ]
        first, last = "first", "last"
    loop = [
        f"for (int c = 0; c < {inner}; ++c) {{",
        f"    for (int k = {first}; k < {last}; ++k) {{",
        f"        {one.format(product)};",
        "    }",
        "}",
    ]
    return [*bounds, *loop]


def _picked8(scene: Scene, node: Node, at: Sequence[str]) -> Value:
    """A row of a table of whole numbers, times its factor."""
    table, scale = (scene.program.constants[name] for name in node.inputs[:2])
    row, single = scene.number(node.inputs[2]), np.ascontiguousarray(scale, np.float32)
    place = f"{row} * {table.shape[1]}" + ("" if at[-1] == "0" else f" + {at[-1]}")
    return Value([], f"(float){scene.tables.add(table)}[{place}] * {scene.tables.add(single)}[{row}]")


def _whole(scene: Scene, node: Node) -> bool:
    """Tell whether what goes into a layer are whole numbers too."""
    return any(each.kind == "Quantise" and each.output == node.inputs[0] for each in scene.program.nodes)


def _element(scene: Scene, values: npt.NDArray[Any], place: str) -> str:
    """Return one of some constants."""
    single: Float32Array = np.ascontiguousarray(values, np.float32)
    if (single == single.reshape(-1)[0]).all():
        return literal(float(single.reshape(-1)[0]))
    return f"{scene.tables.add(single)}[{place}]"


def _transposed(scene: Scene, node: Node, at: Sequence[str]) -> Value:
    steps = steps_of(scene.program.shapes[node.inputs[0]])
    return Value([], f"{scene.base(node.inputs[0])}[{sum_of(at, [steps[k] for k in order_of(node, scene.program)])}]")


def _sliced(scene: Scene, node: Node, at: Sequence[str]) -> Value:
    steps = steps_of(scene.program.shapes[node.inputs[0]])
    kept = slices_of(node, scene.program)
    start = sum(part.start * step for part, step in zip(kept, steps, strict=True))
    place = sum_of(at, [part.step * step for part, step in zip(kept, steps, strict=True)], start=start)
    return Value([], f"{scene.base(node.inputs[0])}[{place}]")


def _picked(scene: Scene, node: Node, at: Sequence[str]) -> Value:
    """Some places along an axis, in any order."""
    shape, axis = scene.program.shapes[node.inputs[0]], axis_of(node, scene.program)
    chosen = scene.program.constants[node.inputs[1]]
    steps, along = steps_of(shape), chosen.ndim
    inner = at[axis : axis + along]
    place = sum_of(inner, steps_of(chosen.shape)) if along else "0"
    picked = _formula(scene, chosen.reshape(-1) % shape[axis], place)
    rest = sum_of([*at[:axis], *at[axis + along :]], [*steps[:axis], *steps[axis + 1 :]])
    own = f"({picked}) * {prod(shape[axis + 1 :])}" if prod(shape[axis + 1 :]) > 1 else picked
    return Value([], f"{scene.base(node.inputs[0])}[{own}{'' if rest == '0' else f' + {rest}'}]")


def _extreme(scene: Scene, node: Node, at: Sequence[str]) -> Value:
    """The greatest, or the least, along some axes."""
    shape = scene.program.shapes[node.inputs[0]]
    told = scene.program.constants[node.inputs[1]].tolist() if len(node.inputs) > 1 else node.attributes.get("axes")
    axes = {axis % len(shape) for axis in (told or range(len(shape)))}
    if node.attributes.get("keepdims", 1):
        at = [place for axis, place in enumerate(at) if axis not in axes]
    outer = iter(at)
    places = [f"k{axis}" if axis in axes else next(outer) for axis in range(len(shape))]
    sign, worst = (">", "-INFINITY") if node.kind == "ReduceMax" else ("<", "INFINITY")
    body = [f"const float one = {scene.base(node.inputs[0])}[{sum_of(places, steps_of(shape))}];"]
    body.append(f"found = one {sign} found ? one : found;")
    for axis in sorted(axes, reverse=True):
        body = [f"for (int k{axis} = 0; k{axis} < {shape[axis]}; ++k{axis}) {{", *indented(body), "}"]
    return Value([f"float found = {worst};", *body], "found")


_HEADS: Mapping[str, Callable[[Scene, Node, Sequence[str]], Value]] = {
    "MatMul": _product,
    "MatMul8": _product8,
    "Conv": _convolution,
    "Conv8": _convolution8,
    "Transpose": _transposed,
    "Slice": _sliced,
    "Gather": _picked,
    "Gather8": _picked8,
    "ReduceMax": _extreme,
    "ReduceMin": _extreme,
}
