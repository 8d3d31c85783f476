"""Layers as PyTorch keeps them, written down as parts of a graph."""

from __future__ import annotations

from typing import cast

from torch import nn

from tocsin.core.arrays import Float32Array
from tocsin.graph.conv import conv
from tocsin.graph.dense import dense
from tocsin.graph.network import Network


def dense_of(layer: nn.Linear) -> tuple[Float32Array, Float32Array]:
    """Return weight of shape (out, in) and bias of shape (out,)."""
    return layer.weight.detach().cpu().numpy(), layer.bias.detach().cpu().numpy()


def write_dense(network: Network, layer: nn.Module, rows: str) -> str:
    """Add one ``nn.Linear`` to the graph, applied to the last axis of ``rows``."""
    weight, bias = dense_of(cast(nn.Linear, layer))
    return dense(network, rows, weight=weight, bias=bias)


def write_conv(network: Network, layer: nn.Module, steps: str, *, causal: bool = False) -> str:
    """Add one ``nn.Conv1d`` to the graph, along the last axis of ``steps``."""
    layer = cast(nn.Conv1d, layer)
    assert layer.bias is not None
    weight, bias = (some.detach().cpu().numpy() for some in (layer.weight, layer.bias))
    stride, dilation = layer.stride[0], layer.dilation[0]
    return conv(network, steps, weight=weight, bias=bias, stride=stride, dilation=dilation, causal=causal)


def flipped(network: Network, steps: str, *order: int) -> str:
    """Add ``steps`` with its axes in another order."""
    return network.op("Transpose", steps, attributes={"perm": order})
