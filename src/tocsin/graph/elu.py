"""The exponential linear unit, written so that a number's company does not matter."""

from __future__ import annotations

from tocsin.graph.network import Network


def elu(network: Network, values: str) -> str:
    """Add x where x is above 0, and eˣ − 1 elsewhere (Clevert et al. 2016).

    ONNX has an operator for it, whose last place changes with the batch: ONNX Runtime takes the last few numbers of a
    tensor through another exponential than the others.

    Parameters
    ----------
    network
        The graph under construction.
    values
        Name of a tensor of any shape.
    """
    below = network.op("Exp", network.op("Min", values, network.constant(0)))
    # e^x - 1 is never below x, and 0 where x is above it
    return network.op("Max", values, network.op("Sub", below, network.constant(1)))
