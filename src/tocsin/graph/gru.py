"""A gated recurrent unit layer, from the weights as PyTorch orders them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import Float32Array
from tocsin.graph.lstm import Hidden
from tocsin.graph.network import Network

_TORCH_TO_ONNX = [1, 0, 2]
"""PyTorch stacks the gates reset, update, candidate; ONNX update, reset, candidate."""


@dataclass(frozen=True, eq=False)
class GRUWeights:
    """The weights of one layer with h units over k inputs, gates stacked as PyTorch does: reset, update, candidate.

    The reset gate acts on the candidate's recurrent part with its bias, so that the two biases cannot be added up.

    Parameters
    ----------
    kernel
        ndarray of shape (3h, k), float32: applied to the input.
    recurrent
        ndarray of shape (3h, h), float32: applied to the previous hidden state.
    bias, recurrent_bias
        ndarrays of shape (3h,), float32: added to the one and to the other.
    """

    kernel: Float32Array
    recurrent: Float32Array
    bias: Float32Array
    recurrent_bias: Float32Array

    @property
    def units(self) -> int:
        """Number of hidden units."""
        return int(self.recurrent.shape[1])


def gru(network: Network, steps: str, weights: GRUWeights) -> Hidden:
    """Add one GRU layer (Cho et al. 2014, reset gate behind the product as in cuDNN), starting from a zero state.

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
        network.constant(np.concatenate([_reordered(weights.bias), _reordered(weights.recurrent_bias)])[None]),
    ]
    attributes = {"hidden_size": weights.units, "linear_before_reset": 1}
    every, last = network.ops("GRU", inputs, outputs=2, attributes=attributes)
    return Hidden(network.op("Squeeze", every, network.integers([1])), last)


def _reordered(stacked: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    gates = stacked.reshape(3, -1, *stacked.shape[1:])
    return gates[_TORCH_TO_ONNX].reshape(stacked.shape)
