"""Layers that multiply in whole numbers: ranges by ONNX Runtime's own calibration, scales fixed beforehand."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.core.errors import SettingError
from tocsin.export._int8_layers import Layer, constants, outputs_axis
from tocsin.export._int8_matrix import add_constants, laid_out, replace_nodes, rows_of
from tocsin.export._int8_rounding import rounded
from tocsin.graph import onnx_package
from tocsin.graph.signature import INPUT

_KINDS = ["MatMul", "Gemm", "Conv"]

_REACH = 63
"""Weights from −63 to 63: twice 63 · 255 fits into 16 bits."""

_HEADROOM = 4.0
"""By which the ranges are widened, which takes two of the 8 bits: with half as much again, one normal verdict in twenty
turned on an office's later days, which lay outside all that had been calibrated on."""


class Ranges:
    """From where to where each tensor of a graph goes on normal windows, as ONNX Runtime's calibration finds it.

    Parameters
    ----------
    model
        The ``onnx.ModelProto``.
    windows
        ndarray of shape (n, window, channels), float32: normal windows.
    calibration
        "minmax", "entropy", or "percentile:99.99".
    """

    def __init__(self, model: Any, windows: Float32Array, *, calibration: str) -> None:
        from onnxruntime.quantization.calibrate import CalibrationMethod, create_calibrator

        name, share = calibration_of(calibration)
        method = {"minmax": CalibrationMethod.MinMax, "entropy": CalibrationMethod.Entropy}.get(
            name, CalibrationMethod.Percentile
        )
        options = {"percentile": share, "symmetric": False} if name == "percentile" else {}
        # the calibration reads the graph from a file, writes another, and talks to standard output
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            plain, opened = (Path(folder) / name for name in ("graph.onnx", "opened.onnx"))
            plain.write_bytes(model.SerializeToString())
            calibrator = create_calibrator(plain, _KINDS, opened.as_posix(), method, extra_options=options)
            calibrator.collect_data(_Once(windows))
            self._found = calibrator.compute_data()
            del calibrator

    def scale(self, name: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Return which of 0 to 255 is nought, and the step between two of them, for a tensor."""
        from onnxruntime.quantization.quant_utils import compute_scale_zp

        low, high = (np.asarray(end, np.float32).reshape(()) for end in self._found[name].range_value)
        more = (high - low) * np.float32(_HEADROOM - 1) / 2
        ends = [np.asarray(end) for end in (low - more, high + more)]
        zero, step = compute_scale_zp(*ends, np.array(0, np.uint8), np.array(255, np.uint8))
        return np.asarray(zero, np.uint8), np.asarray(step, np.float32)


def calibration_of(text: str) -> tuple[str, float]:
    """Return the name of a way to calibrate, and the percentile where it has one, else 100.

    Raises
    ------
    SettingError
        If there is no such way.

    Examples
    --------
    >>> calibration_of("minmax"), calibration_of("percentile:99.9")
    (('minmax', 100.0), ('percentile', 99.9))
    """
    name, _, given = text.partition(":")
    if text in ("minmax", "entropy"):
        return text, 100.0
    try:
        share = float(given)
    except ValueError:
        share = -1.0
    if name != "percentile" or not 50 < share <= 100:
        raise SettingError(
            f"calibration is {text!r}.",
            remedy='Choose "minmax", "entropy", or a percentile such as "percentile:99.99".',
        )
    return name, share


def in_integers(model: Any, layers: Iterable[Layer], ranges: Ranges, seen: Mapping[str, Float32Array]) -> None:
    """Let ``layers`` of an ``onnx.ModelProto`` multiply in whole numbers; what they yield is float32 as before.

    Each becomes QuantizeLinear · MatMulInteger (or ConvInteger) · Cast · Mul. The pair of QuantizeLinear and
    DequantizeLinear around MatMul, which ONNX Runtime's own quantiser writes, says the same, and is fused into a kernel
    whose last place was seen to change with the batch. Sums of whole numbers are exact.

    Weights have 7 bits and what is multiplied with them 8: on processors without VNNI a sum of two products would not
    fit into 16 bits otherwise, and another score come out than elsewhere.
    """
    held, chosen = constants(model), {layer.node: layer for layer in layers}
    nodes: list[Any] = []
    for node in model.graph.node:
        if (layer := chosen.get(node.name)) is None:
            nodes.append(node)
            continue
        values, axis = held[layer.weight], outputs_axis(layer, held[layer.weight])
        found = rounded(rows_of(values, axis), seen.get(layer.weight), reach=_REACH)
        zero, step = ranges.scale(node.input[0])
        wide = [-1, *[1] * (values.ndim - 2)] if layer.kind == "Conv" else [-1]
        arrays = {"code": laid_out(found.code, values.shape, axis), "unit": (found.step * step).reshape(wide)}
        arrays |= {"zero": zero, "step": step}
        if len(node.input) > 2:
            arrays["bias"] = held[node.input[2]].reshape(wide)
        add_constants(model, {f"{node.name}_{name}": array for name, array in arrays.items()})
        nodes += _in_integers(node)
    replace_nodes(model, nodes)


def _in_integers(node: Any) -> list[Any]:
    """Return the nodes that take the place of a layer's; their constants bear its name."""
    make, float32 = onnx_package().helper.make_node, onnx_package().TensorProto.FLOAT
    code, unit, zero, step, whole, total, cast, raw, bias = (
        f"{node.name}_{name}" for name in ("code", "unit", "zero", "step", "whole", "total", "cast", "raw", "bias")
    )
    multiplied = make("ConvInteger" if node.op_type == "Conv" else "MatMulInteger", [whole, code, zero], [total])
    multiplied.attribute.extend(node.attribute)
    biased = len(node.input) > 2
    return [
        make("QuantizeLinear", [node.input[0], step, zero], [whole]),
        multiplied,
        make("Cast", [total], [cast], to=float32),
        make("Mul", [cast, unit], [raw if biased else node.output[0]]),
        *([make("Add", [raw, bias], [node.output[0]])] if biased else []),
    ]


class _Once:
    """Hands all windows to the calibration, in one go."""

    def __init__(self, windows: Float32Array) -> None:
        self._left = [windows]

    def get_next(self) -> dict[str, Float32Array] | None:
        return {INPUT: self._left.pop()} if self._left else None
