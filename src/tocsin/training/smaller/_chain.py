"""Networks that are one chain of layers: their weights back from a graph, and layers with fewer units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tocsin.core.arrays import Float32Array, IntArray
from tocsin.core.errors import SettingError
from tocsin.graph import onnx_package, parse

_GATES = {nn.LSTM: 4, nn.GRU: 3}
_ONNX_TO_TORCH = {nn.LSTM: [0, 2, 3, 1], nn.GRU: [1, 0, 2]}
"""ONNX stacks the gates of an LSTM input, output, forget, cell, those of a GRU update, reset, candidate."""


def layers_of(network: nn.Module) -> list[nn.Module]:
    """Return the layers with weights, in the order in which a window passes through them."""
    return [part for part in network.modules() if isinstance(part, nn.Linear | nn.Conv1d | nn.RNNBase)]


def units_of(layer: nn.Module) -> int:
    """Return how many units, or filters, a layer has."""
    sizes = {nn.Linear: "out_features", nn.Conv1d: "out_channels"}
    return int(getattr(layer, sizes.get(type(layer), "hidden_size")))


def restore(network: nn.Module, onnx: bytes) -> None:
    """Give ``network`` the weights that a graph has which was written from one of its shape.

    Raises
    ------
    SettingError
        If the graph has other layers.
    """
    found = iter(written_layers(onnx))
    for layer in layers_of(network):
        kind, arrays = next(found, (None, []))
        own = list(layer.parameters())
        if not isinstance(layer, kind or ()) or [tuple(w.shape) for w in own] != [a.shape for a in arrays]:
            raise SettingError(
                "The graph of this artifact has other layers than its detector's settings say.",
                remedy="Train it again, or use: tocsin distill",
            )
        with torch.no_grad():
            for weight, array in zip(own, arrays, strict=True):
                weight.copy_(torch.from_numpy(array))


def written_layers(onnx: bytes) -> Iterator[tuple[type[nn.Module], list[Float32Array]]]:
    """Yield the layers of a graph, in order, each with its weights as PyTorch keeps them."""
    body, numpy = parse(onnx).graph, onnx_package().numpy_helper
    stored = {tensor.name: tensor for tensor in body.initializer}

    def taken(node: Any, *places: int) -> list[Float32Array]:
        return [np.array(numpy.to_array(stored[node.input[place]])) for place in places]

    for node in body.node:
        if node.op_type == "Conv":
            yield nn.Conv1d, taken(node, 1, 2)
        elif node.op_type in ("LSTM", "GRU"):
            kind = nn.LSTM if node.op_type == "LSTM" else nn.GRU
            yield kind, _in_order(kind, *taken(node, 1, 2, 3))
        elif node.op_type == "MatMul" and node.input[1] in stored:
            behind = [other for other in body.node if node.output[0] in other.input]
            added = behind[0].input[1] if len(behind) == 1 and behind[0].op_type == "Add" else ""
            if added in stored and len(stored[added].dims) == 1:
                yield nn.Linear, [taken(node, 1)[0].T, taken(behind[0], 1)[0]]


def _in_order(kind: type[nn.Module], kernel: Any, recurrent: Any, biases: Any) -> list[Float32Array]:
    halves = np.split(biases[0], 2)
    return [_gates(kind, stacked) for stacked in (kernel[0], recurrent[0], *halves)]


def _gates(kind: type[nn.Module], stacked: Float32Array) -> Float32Array:
    gates = stacked.reshape(_GATES[kind], -1, *stacked.shape[1:])
    return gates[_ONNX_TO_TORCH[kind]].reshape(stacked.shape)


def thin(big: nn.Module, small: nn.Module, kept: Sequence[IntArray]) -> None:
    """Give ``small`` the weights of those units of ``big`` that are kept.

    Parameters
    ----------
    big, small
        Networks of one shape, the second with fewer units.
    kept
        For each layer but the last, ndarray of int64: the units that stay.
    """
    inner = [torch.from_numpy(units) for units in kept]
    with torch.no_grad():
        for old, new, into, out in zip(layers_of(big), layers_of(small), [None, *inner], [*inner, None], strict=True):
            for (name, weight), own in zip(old.named_parameters(), new.parameters(), strict=True):
                own.copy_(_cut(old, name, weight, into, out))


def _cut(layer: nn.Module, name: str, weight: Tensor, into: Tensor | None, out: Tensor | None) -> Tensor:
    gates = _GATES.get(type(layer), 1)
    if out is not None:
        units = weight.shape[0] // gates
        weight = weight[torch.cat([out + gate * units for gate in range(gates)])]
    columns = out if name == "weight_hh_l0" else into
    return weight if columns is None or weight.dim() == 1 else weight[:, columns]
