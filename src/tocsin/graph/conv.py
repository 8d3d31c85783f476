"""Convolutions along the time of a window."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.graph.network import Network


def conv(
    network: Network,
    steps: str,
    *,
    weight: Float32Array,
    bias: Float32Array,
    stride: int = 1,
    dilation: int = 1,
    causal: bool = False,
) -> str:
    """Add a convolution along time that keeps the length, or with a stride yields the length ÷ stride, rounded up.

    Beyond both ends the window is taken to be 0.

    Parameters
    ----------
    network
        The graph under construction.
    steps
        Name of a tensor of shape (n, in, window): time last, as ONNX wants it.
    weight
        ndarray of shape (out, in, kernel), as PyTorch keeps it, with an odd kernel unless causal.
    bias
        ndarray of shape (out,).
    stride
        Steps from one result to the next.
    dilation
        Steps from one weight of the kernel to the next.
    causal
        Look only back (van den Oord et al. 2016, "WaveNet"), rather than to both sides.
    """
    reach = (weight.shape[2] - 1) * dilation
    attributes = {
        "kernel_shape": [weight.shape[2]],
        "pads": [reach, 0] if causal else [reach // 2, reach // 2],
        "strides": [stride],
        "dilations": [dilation],
    }
    return network.op("Conv", steps, network.constant(weight), network.constant(bias), attributes=attributes)


def twofold(length: int) -> Float32Array:
    """Return the matrix that repeats each step of half a window, ndarray of shape (⌈length / 2⌉, length), float32.

    A product with it, followed by a convolution, widens without the pattern that a transposed convolution leaves
    (Odena et al. 2016, "Deconvolution and checkerboard artifacts").

    Examples
    --------
    >>> (np.array([[1, 2]], np.float32) @ twofold(3)).tolist()
    [[1.0, 1.0, 2.0]]
    """
    return np.eye(-(-length // 2), dtype=np.float32).repeat(2, axis=1)[:, :length]
