"""Building a graph in which each layer is rounded as far as it is told."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cached_property

from tocsin.core.arrays import Float32Array
from tocsin.export._int8_choose import Level
from tocsin.export._int8_integer import Ranges, in_integers
from tocsin.export._int8_layers import layers
from tocsin.export._int8_seen import seen
from tocsin.export._int8_slim import slim
from tocsin.export._int8_store import store
from tocsin.graph import parse


class Rounding:
    """A graph to be rounded, with what its layers are fed with on normal windows.

    Parameters
    ----------
    graph
        The serialised graph.
    normal
        ndarray of shape (n, window, channels), float32: normal windows.
    calibration
        How ranges are found, as :class:`~tocsin.export.targets.onnx_int8.OnnxInt8` takes it.

    Attributes
    ----------
    layers : tuple of Layer
        What was learned, in the order in which it runs.
    """

    def __init__(self, graph: bytes, normal: Float32Array, *, calibration: str) -> None:
        self._model, self._normal, self._calibration = parse(graph), normal, calibration
        for place, node in enumerate(self._model.graph.node):
            node.name = f"node_{place}"
        self.layers = layers(self._model)

    def build(self, levels: Mapping[str, Level]) -> bytes:
        """Return the graph with each weight's layer at its level."""
        integer, stored = ([layer for layer in self.layers if levels[layer.weight] == k] for k in ("integer", "stored"))
        model = copy.deepcopy(self._model)
        if integer:
            in_integers(model, integer, self._ranges, self._seen)
        store(model, stored, self._seen)
        return slim(model)

    @cached_property
    def _ranges(self) -> Ranges:
        return Ranges(self._model, self._normal, calibration=self._calibration)

    @cached_property
    def _seen(self) -> Mapping[str, Float32Array]:
        return seen(self._model, self.layers, self._normal)
