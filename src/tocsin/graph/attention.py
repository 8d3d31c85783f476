"""A transformer's layer: attention between the steps of a window, and the layers around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.graph.dense import dense
from tocsin.graph.network import Network


@dataclass(frozen=True, eq=False)
class Dense:
    """Weight of shape (out, in), as PyTorch keeps it, and bias of shape (out,); both float32."""

    weight: Float32Array
    bias: Float32Array


@dataclass(frozen=True, eq=False)
class Norm:
    """Gain and bias of a layer normalisation (Ba et al. 2016), ndarrays of shape (width,), and what keeps it finite."""

    weight: Float32Array
    bias: Float32Array
    epsilon: float = 1e-5


@dataclass(frozen=True, eq=False)
class AttentionWeights:
    """The weights of one layer, normalised before each part (Xiong et al. 2020) rather than behind it.

    Parameters
    ----------
    heads
        Attentions side by side; a divisor of the width.
    before_attention, before_wide
        What is normalised in front of either part.
    mixed
        Yields queries, keys and values: width → 3 · width, in this order.
    joined
        Puts the heads together: width → width.
    wide, narrow
        The part that looks at each step alone: width → any, ReLU, any → width.
    """

    heads: int
    before_attention: Norm
    mixed: Dense
    joined: Dense
    before_wide: Norm
    wide: Dense
    narrow: Dense


def attention_layer(network: Network, steps: str, weights: AttentionWeights, *, length: int) -> str:
    """Add a transformer's encoder layer (Vaswani et al. 2017, "Attention is all you need"); the shape stays.

    Parameters
    ----------
    network
        The graph under construction.
    steps
        Name of a tensor of shape (n, length, width).
    weights
        The layer's weights.
    length
        Steps that attend to each other, all to all.
    """
    usual = normalised(network, steps, weights.before_attention)
    steps = network.op("Add", steps, _attended(network, usual, weights, length))
    usual = normalised(network, steps, weights.before_wide)
    hidden = network.op("Relu", _dense(network, usual, weights.wide))
    return network.op("Add", steps, _dense(network, hidden, weights.narrow))


def normalised(network: Network, steps: str, norm: Norm) -> str:
    """Add a layer normalisation over the last axis."""
    attributes = {"axis": -1, "epsilon": norm.epsilon}
    gain, bias = network.constant(norm.weight), network.constant(norm.bias)
    return network.op("LayerNormalization", steps, gain, bias, attributes=attributes)


def _attended(network: Network, steps: str, weights: AttentionWeights, length: int) -> str:
    """Add softmax(queries · keys / √size) · values in each head, and put the heads together."""
    width = weights.joined.weight.shape[1]
    each = width // weights.heads
    parts = network.ops("Split", [_dense(network, steps, weights.mixed)], outputs=3, attributes=_thirds())
    queries, values = (_heads(network, part, weights.heads, each, length, [0, 2, 1, 3]) for part in parts[::2])
    keys = _heads(network, parts[1], weights.heads, each, length, [0, 2, 3, 1])
    likeness = network.op("Mul", network.op("MatMul", queries, keys), network.constant(1 / np.sqrt(each)))
    seen = network.op("MatMul", network.op("Softmax", likeness, attributes={"axis": -1}), values)
    rows = network.op("Transpose", seen, attributes={"perm": [0, 2, 1, 3]})
    return _dense(network, network.op("Reshape", rows, network.integers([-1, length, width])), weights.joined)


def _thirds() -> dict[str, int]:
    return {"axis": -1, "num_outputs": 3}


def _heads(network: Network, part: str, heads: int, each: int, length: int, order: list[int]) -> str:
    apart = network.op("Reshape", part, network.integers([-1, length, heads, each]))
    return network.op("Transpose", apart, attributes={"perm": order})


def _dense(network: Network, inputs: str, layer: Dense) -> str:
    return dense(network, inputs, weight=layer.weight, bias=layer.bias)
