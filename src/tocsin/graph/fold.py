"""Putting the scaling into the graph, so that an artifact's graph takes raw units and nobody can scale differently.

What a graph expects of a reading is brought back to raw units on the way out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.contracts import Graph
from tocsin.core.errors import SettingError
from tocsin.graph._onnx import onnx_package, parse
from tocsin.graph.signature import EXPECTED, INPUT

_SCALED, _EXPECTED_SCALED = "window_scaled", "expected_scaled"
_LARGEST = np.float32(1e37)
"""A raw value beyond this is cut, so that no difference overflows and infinity never meets a factor of 0."""
_WIDEST = 1e30
"""The greatest spread in raw units by which an expectation is stretched, so that none leaves float32."""


def scaled(graph: Graph, *, offset: FloatArray, factor: FloatArray, clip: float | FloatArray) -> Graph:
    """Return ``graph`` with ``(window − offset) · factor``, clipped to ±``clip``, in front.

    The offset is subtracted first: a counter at 2e7 keeps its steps that way. Whatever finite or infinite value comes
    in, the graph behind sees a value within ±``clip``. What it expects becomes ``expected / factor + offset``.

    Parameters
    ----------
    graph
        Takes scaled windows.
    offset
        ndarray of shape (channels,), float64, in the channels' raw units.
    factor
        ndarray of shape (channels,), float64, in 1 / raw unit.
    clip
        Greatest magnitude of a scaled value, without unit; one for all, or ndarray of shape (channels,), float64.

    Raises
    ------
    SettingError
        If an offset or factor is no float32 number, or ``clip`` is not above 0.
    """
    onnx, model = onnx_package(), parse(graph.onnx)
    if not np.all(np.asarray(clip) > 0):
        raise SettingError(f"clip is {clip}.", remedy="It must be above 0.")
    constants = {
        "scaling_offset": _single(offset, "offset"),
        "scaling_factor": _single(factor, "factor"),
        "scaling_lowest": -np.asarray(clip, np.float32),
        "scaling_highest": np.asarray(clip, np.float32),
        "raw_lowest": -_LARGEST,
        "raw_highest": _LARGEST,
        "scaling_spread": _spread(_single(factor, "factor")),
    }
    inside = {INPUT: _SCALED, EXPECTED: _EXPECTED_SCALED}
    for node in model.graph.node:
        node.input[:] = [inside.get(name, name) for name in node.input]
        node.output[:] = [inside.get(name, name) for name in node.output]
    node = onnx.helper.make_node
    front = [
        node("Clip", [INPUT, "raw_lowest", "raw_highest"], ["window_raw"]),
        node("Sub", ["window_raw", "scaling_offset"], ["window_centred"]),
        node("Mul", ["window_centred", "scaling_factor"], ["window_unclipped"]),
        *_clip(node, "window_unclipped", each=np.ndim(clip) > 0),
    ]
    middle = list(model.graph.node)
    expects = any(output.name == EXPECTED for output in model.graph.output)
    if not expects:
        del constants["scaling_spread"]
    del model.graph.node[:]
    model.graph.node.extend([*front, *middle, *(_back(node) if expects else [])])
    tensors = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    model.graph.initializer.extend(tensors)
    return replace(graph, onnx=model.SerializeToString(deterministic=True))


def _clip(node: Any, unclipped: str, *, each: bool) -> list[Any]:
    """Return nodes that cut at the bounds; ``each`` channel has its own, which Clip cannot."""
    if not each:
        return [node("Clip", [unclipped, "scaling_lowest", "scaling_highest"], [_SCALED])]
    return [
        node("Max", [unclipped, "scaling_lowest"], ["window_above"]),
        node("Min", ["window_above", "scaling_highest"], [_SCALED]),
    ]


def _back(node: Any) -> list[Any]:
    """Return nodes that bring what is expected back to raw units."""
    return [
        node("Mul", [_EXPECTED_SCALED, "scaling_spread"], ["expected_centred"]),
        node("Add", ["expected_centred", "scaling_offset"], [EXPECTED]),
    ]


def _spread(factor: Float32Array) -> Float32Array:
    """Return raw units per scaled one, shape (channels,); 0 for a channel of which nothing is left."""
    with np.errstate(divide="ignore", over="ignore"):
        spread = np.where(factor == 0, 0, 1 / factor.astype(np.float64))
    return np.clip(spread, -_WIDEST, _WIDEST).astype(np.float32)


def _single(values: npt.ArrayLike, name: str) -> Float32Array:
    with np.errstate(over="ignore"):
        single = np.asarray(values).astype(np.float32)
    if single.ndim != 1 or not np.all(np.isfinite(single)):
        raise SettingError(
            f"The {name} of the scaling is {np.asarray(values).tolist()}.",
            remedy="It must be one finite number per channel, within the range of float32.",
        )
    return single
