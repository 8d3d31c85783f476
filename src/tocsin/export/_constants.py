"""Finding the numbers behind a name in a graph, also where they are kept as whole numbers or turned on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.graph import onnx_package

_PASSED_ON = {"DequantizeLinear", "Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Pad"}
"""Operators that pass numbers on as they are, in another notation or order."""


class Constants:
    """The constants of a graph: what is stored in it, by whatever name it is used.

    Parameters
    ----------
    body
        The ``onnx.GraphProto``.
    """

    def __init__(self, body: Any) -> None:
        self._numpy = onnx_package().numpy_helper
        self._stored = {tensor.name: tensor for tensor in body.initializer}
        self._made = {name: node for node in body.node for name in node.output}

    def origin(self, name: str) -> str | None:
        """Return under which name the numbers are stored that ``name`` stands for; None where it is no constant."""
        while name not in self._stored:
            node = self._made.get(name)
            if node is None or not (node.op_type in (*_PASSED_ON, "Constant") or self._is_stepped(node)):
                return None
            if node.op_type == "Constant":
                return name
            name = node.input[0]
        return name

    def _is_stepped(self, node: Any) -> bool:
        """Tell whether these are whole numbers times the step between two of them, as weights in 8 bits are written."""
        whole = self._made.get(node.input[0]) if node.op_type == "Mul" else None
        return whole is not None and whole.op_type == "Cast" and self.origin(node.input[1]) is not None

    def _is_scaled(self, node: Any) -> bool:
        """Tell whether this gives a sum of whole numbers its unit back."""
        whole = self._made.get(node.input[0]) if node.op_type == "Mul" else None
        return whole is not None and whole.op_type == "Cast" and node.input[1] in self._stored

    def stored(self, origin: str) -> npt.NDArray[Any]:
        """Return the numbers as they are stored: of any shape and type."""
        if origin in self._stored:
            return np.asarray(self._numpy.to_array(self._stored[origin]))
        attributes = {attribute.name: attribute for attribute in self._made[origin].attribute}
        return np.asarray(self._numpy.to_array(attributes["value"].t))

    def behind(self, name: str) -> Any:
        """Return the node whose result ``name`` is, past those that pass it on; None where there is none."""
        node = self._made.get(name)
        while node is not None and (node.op_type in (*_PASSED_ON, "QuantizeLinear") or self._is_scaled(node)):
            node = self._made.get(node.input[0])
        return node
