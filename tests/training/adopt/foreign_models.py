"""Models as other programs write them: other opsets, a fixed batch, Dropout left in, sums over axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

WINDOW, CHANNELS = 6, 3


def model(
    nodes: Sequence[Any],
    constants: dict[str, Any],
    *,
    shape: Sequence[int | str] = ("n", WINDOW, CHANNELS),
    kind: int = onnx.TensorProto.FLOAT,
    opset: int = 13,
    outputs: Sequence[str] = ("y",),
    **more: Any,
) -> bytes:
    """Return a model with the input ``x``."""
    given = helper.make_tensor_value_info("x", kind, shape)
    told = [helper.make_tensor_value_info(name, kind, None) for name in outputs]
    kept = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(list(nodes), "foreign", [given], told, kept)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8, **more)
    return bytes(made.SerializeToString())


def node(kind: str, inputs: Sequence[str], output: str, **settings: Any) -> Any:
    return helper.make_node(kind, list(inputs), [output], **settings)


def components(normal: np.ndarray, *, kept: int = 4, batch: int | str = "n") -> bytes:
    """Return a linear autoencoder of raw windows, shape (n, window, channels), as PyTorch would write it."""
    n, window, channels = normal.shape
    flat = normal.reshape(n, -1).astype(np.float64)
    middle, spread = flat.mean(axis=0), flat.std(axis=0) + 1e-9
    _, _, axes = np.linalg.svd((flat - middle) / spread, full_matrices=False)
    leading = batch if isinstance(batch, int) else -1
    constants = {
        "flat": np.array([leading, window * channels], np.int64),
        "whole": np.array([leading, window, channels], np.int64),
        "middle": middle.astype(np.float32),
        "encode": (axes[:kept].T / spread[:, None]).astype(np.float32),
        "decode": (axes[:kept] * spread).astype(np.float32),
    }
    nodes = [
        node("Reshape", ["x", "flat"], "rows"),
        node("Sub", ["rows", "middle"], "centred"),
        node("MatMul", ["centred", "encode"], "code"),
        node("Dropout", ["code"], "dropped"),
        node("MatMul", ["dropped", "decode"], "decoded"),
        node("Add", ["decoded", "middle"], "again"),
        node("Reshape", ["again", "whole"], "y"),
    ]
    return model(nodes, constants, shape=(batch, window, channels))
