"""Writing an ONNX graph by hand: collect nodes and constants, then seal them with the project's signature.

By hand, because the result is smaller, runs faster and stays the same from version to version: no exporter does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.contracts import Graph
from tocsin.graph._onnx import onnx_package
from tocsin.graph.prune import needed
from tocsin.graph.signature import BATCH, BY_CHANNEL, EXPECTED, INPUT, SCORE
from tocsin.graph.versions import IR_VERSION, ML_OPSET, OPSET, PRODUCER

ML_DOMAIN = "ai.onnx.ml"


class Network:
    """A graph under construction, for windows of one length and number of channels.

    Every method returns the name of what it made, to be handed to the next.

    Parameters
    ----------
    window
        Readings in a window.
    channels
        Channels in a reading.

    Examples
    --------
    The distance of the window's only reading from zero, as a detector of one channel:

    >>> network = Network(window=1, channels=1)
    >>> value = network.op("Reshape", network.input, network.integers([-1]))
    >>> graph = network.seal(network.op("Abs", value))
    """

    def __init__(self, *, window: int, channels: int) -> None:
        self.window = window
        self.channels = channels
        self.input = INPUT
        self._onnx = onnx_package()
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, values: npt.ArrayLike) -> str:
        """Add a float32 constant."""
        return self._store(np.asarray(values, np.float32))

    def integers(self, values: Sequence[int] | int) -> str:
        """Add an int64 constant, as shapes, axes and indices are."""
        return self._store(np.asarray(values, np.int64))

    def op(self, kind: str, *inputs: str, attributes: Mapping[str, Any] | None = None, domain: str = "") -> str:
        """Add a node with one output."""
        return self.ops(kind, inputs, outputs=1, attributes=attributes, domain=domain)[0]

    def ops(
        self,
        kind: str,
        inputs: Sequence[str],
        *,
        outputs: int,
        attributes: Mapping[str, Any] | None = None,
        domain: str = "",
    ) -> tuple[str, ...]:
        """Add a node with several outputs; an input named "" is one left out."""
        names = tuple(f"{kind}_{len(self._nodes)}_{k}" for k in range(outputs))
        self._nodes.append(self._onnx.helper.make_node(kind, inputs, names, domain=domain, **(attributes or {})))
        return names

    def prefix(self) -> str:
        """Return a beginning that no name has yet, for parts that come with names of their own."""
        return f"part_{len(self._nodes)}/"

    def add(self, nodes: Iterable[Any], constants: Iterable[Any]) -> None:
        """Add finished nodes and constants, whose names differ from all that are here."""
        self._nodes.extend(nodes)
        self._constants.extend(constants)

    def seal(
        self,
        score: str,
        by_channel: str | None = None,
        *,
        expected: str | None = None,
        curves: Mapping[str, tuple[float, ...]] | None = None,
        relations: tuple[tuple[float, ...], ...] = (),
    ) -> Graph:
        """Return the finished graph; what none of its outputs is made of is left out.

        Parameters
        ----------
        score
            Name of a float32 tensor of shape (n,).
        by_channel
            Name of a float32 tensor of shape (n, channels), or None.
        expected
            What was expected of the last reading, in the units of the window: name of a float32 tensor of shape
            (n, channels) which neither of the others is, or None.
        curves
            What the graph shall remember of its training.
        relations
            Who follows whom: a row of shares for each channel, or nothing.
        """
        make, float32 = self._onnx.helper, self._onnx.TensorProto.FLOAT
        self._rename(score, SCORE)
        outputs = [make.make_tensor_value_info(SCORE, float32, [BATCH])]
        for name, public in ((by_channel, BY_CHANNEL), (expected, EXPECTED)):
            if name is not None:
                self._rename(name, public)
                outputs.append(make.make_tensor_value_info(public, float32, [BATCH, self.channels]))
        window = make.make_tensor_value_info(INPUT, float32, [BATCH, self.window, self.channels])
        nodes, taken = needed(self._nodes, [output.name for output in outputs])
        constants = [constant for constant in self._constants if constant.name in taken]
        body = make.make_graph(nodes, PRODUCER, [window], outputs, constants)
        opsets = [make.make_opsetid("", OPSET), make.make_opsetid(ML_DOMAIN, ML_OPSET)]
        model = make.make_model(body, producer_name=PRODUCER, ir_version=IR_VERSION, opset_imports=opsets)
        return Graph(model.SerializeToString(deterministic=True), curves or {}, relations)

    def _store(self, array: npt.NDArray[Any]) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    def _rename(self, old: str, new: str) -> None:
        for node in self._nodes:
            node.input[:] = [new if name == old else name for name in node.input]
            node.output[:] = [new if name == old else name for name in node.output]
