"""Scores that are those of the strangest channel, with each channel's share."""

from __future__ import annotations

import numpy as np

from tocsin.graph.network import Network
from tocsin.graph.shares import Shared


def greatest(network: Network, strangeness: str) -> Shared:
    """Add the greatest of a tensor of shape (n, channels), not below 0; a channel's share goes by its square.

    A mean over channels would let one strange channel drown among many calm ones.
    """
    score = network.op("ReduceMax", strangeness, network.integers([1]), attributes={"keepdims": 0})
    column = network.op("Reshape", score, network.integers([-1, 1]))
    # Dividing by the greatest first keeps squares within float32.
    relative = network.op("Div", strangeness, network.op("Max", column, network.constant(1e-30)))
    squared = network.op("Mul", relative, relative)
    return Shared(score, parted(network, squared, column))


def parted(network: Network, parts: str, column: str) -> str:
    """Add ``column`` of shape (n, 1) parted in proportion to ``parts`` of shape (n, channels), not below 0."""
    whole = network.op("MatMul", parts, network.constant(np.ones((network.channels, 1))))
    share = network.op("Div", parts, network.op("Max", whole, network.constant(1e-30)))
    return network.op("Mul", share, column)
