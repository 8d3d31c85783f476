"""A fully connected layer."""

from __future__ import annotations

from tocsin.core.arrays import Float32Array
from tocsin.graph.network import Network


def dense(network: Network, inputs: str, *, weight: Float32Array, bias: Float32Array) -> str:
    """Add ``inputs @ weight.T + bias``.

    Parameters
    ----------
    network
        The graph under construction.
    inputs
        Name of a tensor of shape (…, in).
    weight
        ndarray of shape (out, in), as PyTorch keeps it.
    bias
        ndarray of shape (out,).
    """
    return network.op("Add", network.op("MatMul", inputs, network.constant(weight.T)), network.constant(bias))
