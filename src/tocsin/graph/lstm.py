"""A long short-term memory layer, from the weights as PyTorch orders them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import Float32Array
from tocsin.graph.network import Network

_TORCH_TO_ONNX = [0, 3, 1, 2]
"""PyTorch stacks the gates input, forget, cell, output; ONNX input, output, forget, cell."""


@dataclass(frozen=True, eq=False)
class LSTMWeights:
    """The weights of one layer with h units over k inputs, gates stacked as PyTorch does: input, forget, cell, output.

    Parameters
    ----------
    kernel
        ndarray of shape (4h, k), float32: applied to the input.
    recurrent
        ndarray of shape (4h, h), float32: applied to the previous hidden state.
    bias
        ndarray of shape (4h,), float32: one per gate and unit. PyTorch keeps two; add them.
    """

    kernel: Float32Array
    recurrent: Float32Array
    bias: Float32Array

    @property
    def units(self) -> int:
        """Number of hidden units."""
        return int(self.recurrent.shape[1])


class Hidden(NamedTuple):
    """Names of what an LSTM layer yields."""

    steps: str
    """Hidden state after every step, shape (window, n, units)."""
    last: str
    """Hidden state after the last step, shape (1, n, units)."""


def lstm(network: Network, steps: str, weights: LSTMWeights) -> Hidden:
    """Add one LSTM layer (Hochreiter & Schmidhuber 1997, with forget gates), starting from a zero state.

    Parameters
    ----------
    network
        The graph under construction.
    steps
        Name of a tensor of shape (window, n, k): time first, as ONNX wants it.
    weights
        The layer's weights.
    """
    inputs = [
        steps,
        network.constant(_reordered(weights.kernel)[None]),
        network.constant(_reordered(weights.recurrent)[None]),
        network.constant(np.concatenate([_reordered(weights.bias), np.zeros_like(weights.bias)])[None]),
    ]
    every, last = network.ops("LSTM", inputs, outputs=2, attributes={"hidden_size": weights.units})
    return Hidden(network.op("Squeeze", every, network.integers([1])), last)


def _reordered(stacked: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    gates = stacked.reshape(4, -1, *stacked.shape[1:])
    return gates[_TORCH_TO_ONNX].reshape(stacked.shape)
