"""Fully connected layers with rectifiers between them: one operator each, the cheapest there is."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from tocsin.detectors.learning.networks import write_dense
from tocsin.graph.network import Network


def rectified(layers: nn.ModuleList, rows: Tensor) -> Tensor:
    """Return what ``layers`` make of ``rows`` of shape (n, units): a rectifier between any two."""
    for layer in layers[:-1]:
        rows = layer(rows).relu()
    return cast(Tensor, layers[-1](rows))


def write_rectified(network: Network, layers: nn.ModuleList, rows: str) -> str:
    """Add what :func:`rectified` does to the graph."""
    for layer in layers[:-1]:
        rows = network.op("Relu", write_dense(network, layer, rows))
    return write_dense(network, layers[-1], rows)
