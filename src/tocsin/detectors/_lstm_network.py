"""The LSTM autoencoder as PyTorch trains it, apart from the detector so that settings can be read without PyTorch."""

from __future__ import annotations

import itertools
from typing import cast

from torch import Tensor, nn

from tocsin.core.arrays import Float32Array
from tocsin.graph.lstm import LSTMWeights


class LSTMAutoencoder(nn.Module):
    """Squeezes a window through a sequence of LSTM layers into one vector and unrolls it again.

    Weights start as Keras starts them: Glorot uniform kernels, orthogonal recurrent kernels, forget bias 1. PyTorch's
    second bias per gate stays 0: it would only double the first.

    Parameters
    ----------
    channels
        Channels in a reading.
    hidden
        Units of each encoder layer; the decoder has the same in reverse.
    """

    def __init__(self, *, channels: int, hidden: tuple[int, ...]) -> None:
        super().__init__()
        self.encoder = _stack([channels, *hidden])
        self.decoder = _stack([hidden[-1], *reversed(hidden)])
        self.output = nn.Linear(hidden[0], channels)
        nn.init.xavier_uniform_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, windows: Tensor) -> Tensor:
        """Return the reconstruction of windows of shape (n, window, channels): the same shape."""
        steps = windows.transpose(0, 1)
        for layer in self.encoder:
            steps, (last, _) = layer(steps)
        steps = last.expand(windows.shape[1], -1, -1)
        for layer in self.decoder:
            steps, _ = layer(steps)
        return cast(Tensor, self.output(steps)).transpose(0, 1)


def reconstruction_loss(network: nn.Module, windows: Tensor) -> Tensor:
    """Return the mean squared error of the reconstruction."""
    return nn.functional.mse_loss(network(windows), windows)


def weights_of(layer: nn.Module) -> LSTMWeights:
    """Return the weights of an ``nn.LSTM`` of one layer."""
    state = {name: weight.detach().cpu() for name, weight in layer.named_parameters()}
    return LSTMWeights(
        kernel=state["weight_ih_l0"].numpy(),
        recurrent=state["weight_hh_l0"].numpy(),
        bias=(state["bias_ih_l0"] + state["bias_hh_l0"]).numpy(),
    )


def dense_of(layer: nn.Linear) -> tuple[Float32Array, Float32Array]:
    """Return weight of shape (out, in) and bias of shape (out,)."""
    return layer.weight.detach().cpu().numpy(), layer.bias.detach().cpu().numpy()


def _stack(sizes: list[int]) -> nn.ModuleList:
    return nn.ModuleList(_layer(k, units) for k, units in itertools.pairwise(sizes))


def _layer(inputs: int, units: int) -> nn.LSTM:
    # Time first: PyTorch's fused CPU path (oneDNN) is a fifth faster than with batch_first.
    layer = nn.LSTM(inputs, units)
    weights = dict(layer.named_parameters())
    nn.init.xavier_uniform_(weights["weight_ih_l0"])
    nn.init.orthogonal_(weights["weight_hh_l0"])
    nn.init.zeros_(weights["bias_ih_l0"])
    nn.init.ones_(weights["bias_ih_l0"][units : 2 * units])
    nn.init.zeros_(weights["bias_hh_l0"]).requires_grad_(False)
    return layer
