"""A convolution along time that looks only back, skipping steps so as to look further."""

from __future__ import annotations

from tocsin.core.arrays import Float32Array
from tocsin.graph.network import Network


def causal(network: Network, steps: str, *, weight: Float32Array, bias: Float32Array, dilation: int) -> str:
    """Add a dilated causal convolution (van den Oord et al. 2016, "WaveNet") that keeps the length.

    Before the window there are zeros.

    Parameters
    ----------
    network
        The graph under construction.
    steps
        Name of a tensor of shape (n, in, length): time last, as ONNX wants it.
    weight
        ndarray of shape (out, in, kernel), as PyTorch keeps it.
    bias
        ndarray of shape (out,).
    dilation
        Steps from one weight of the kernel to the next.
    """
    kernel = weight.shape[2]
    pads = [(kernel - 1) * dilation, 0]
    attributes = {"kernel_shape": [kernel], "pads": pads, "dilations": [dilation]}
    return network.op("Conv", steps, network.constant(weight), network.constant(bias), attributes=attributes)
