"""The angle of a point around the origin, of sums, products and comparisons alone.

``Atan`` of a runtime may round a value differently in other company; those do not.
"""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.graph.network import Network

_ARC = (0.15915482, -0.05303971, 0.03163002, -0.02141399, 0.01325068, -0.00580492, 0.00122315)
"""Coefficients of arctan(t) / 2πt in powers of t², for t up to 1: a Chebyshev fit, exact to 7e-8 turns."""

_LEAST = 1e-30


def polynomial(network: Network, values: str, coefficients: Sequence[float]) -> str:
    """Add Σ coefficient_k · value^k of each value (Horner's scheme), of at least two coefficients."""
    found = network.op("Mul", values, network.constant(coefficients[-1]))
    for coefficient in coefficients[-2:0:-1]:
        added = network.op("Add", found, network.constant(coefficient))
        found = network.op("Mul", added, values)
    return network.op("Add", found, network.constant(coefficients[0]))


def turns(network: Network, sine: str, cosine: str) -> str:
    """Add the angle of points (cosine, sine), of any shape and distance, in turns from −½ to ½; 0 for the origin.

    Parameters
    ----------
    network
        The graph under construction.
    sine, cosine
        Names of two tensors of one shape.
    """
    up, across = (network.op("Abs", side) for side in (sine, cosine))
    longer = network.op("Max", network.op("Max", up, across), network.constant(_LEAST))
    slope = network.op("Div", network.op("Min", up, across), longer)
    series = polynomial(network, network.op("Mul", slope, slope), _ARC)
    octant = network.op("Mul", series, slope)
    quarter = _chosen(network, network.op("Greater", up, across), 0.25, octant)
    half = _chosen(network, network.op("Less", cosine, network.constant(0)), 0.5, quarter)
    below = network.op("Less", sine, network.constant(0))
    return network.op("Where", below, network.op("Neg", half), half)


def _chosen(network: Network, where: str, total: float, angle: str) -> str:
    """Add ``total`` less the angle ``where`` something holds, and the angle elsewhere."""
    return network.op("Where", where, network.op("Sub", network.constant(total), angle), angle)
