"""Layers that multiply in whole numbers: ranges and nodes by ONNX Runtime's own tools, scales fixed beforehand."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tocsin.core.arrays import Float32Array
from tocsin.core.errors import SettingError
from tocsin.export._int8_layers import Layer
from tocsin.graph._onnx import onnx_package
from tocsin.graph.signature import INPUT

_KINDS = ["MatMul", "Gemm", "Conv"]

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
            self.found = calibrator.compute_data()
            del calibrator
        for held in self.found.values():
            held.lowest, held.highest = _widened(held.lowest, held.highest)


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


def in_integers(model: Any, layers: Iterable[Layer], ranges: Ranges) -> Any:
    """Return ``model`` with ``layers`` taking whole numbers, and everything else as it was.

    Weights have 7 bits and what is multiplied with them 8: on processors without VNNI a sum of two products would not
    fit into 16 bits otherwise, and another score come out than elsewhere. What a layer yields stays float32.
    """
    from onnxruntime.quantization import QuantType
    from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

    names = [layer.node for layer in layers]
    if not names:
        return model
    quantiser = QDQQuantizer(
        onnx_package().shape_inference.infer_shapes(model),
        per_channel=True,
        reduce_range=True,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QUInt8,
        tensors_range=ranges.found,
        nodes_to_quantize=names,
        nodes_to_exclude=[],
        op_types_to_quantize=_KINDS,
        extra_options={"OpTypesToExcludeOutputQuantization": _KINDS},
    )
    quantiser.quantize_model()
    quantiser.model.topological_sort()
    return quantiser.model.model


class _Once:
    """Hands all windows to the calibration, in one go."""

    def __init__(self, windows: Float32Array) -> None:
        self._left = [windows]

    def get_next(self) -> dict[str, Float32Array] | None:
        return {INPUT: self._left.pop()} if self._left else None


def _widened(lowest: Any, highest: Any) -> tuple[Any, Any]:
    more = (highest - lowest) * (_HEADROOM - 1) / 2
    kind = getattr(lowest, "dtype", None)
    return (lowest - more).astype(kind), (highest + more).astype(kind)
