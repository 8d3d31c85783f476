"""The LSTM autoencoder as PyTorch trains it, apart from the detector so that settings can be read without PyTorch."""

from __future__ import annotations

import itertools
from typing import cast

from torch import Tensor, nn

from tocsin.detectors._layers import flipped, write_dense
from tocsin.detectors._redrawing import Redrawing
from tocsin.graph.gru import GRUWeights, gru
from tocsin.graph.lstm import Hidden, LSTMWeights, lstm
from tocsin.graph.network import Network


class LSTMAutoencoder(Redrawing):
    """Squeezes a window through a sequence of LSTM layers into one vector and unrolls it again.

    Weights start as Keras starts them: Glorot uniform kernels, orthogonal recurrent kernels, forget bias 1. PyTorch's
    second bias per gate stays 0: it would only double the first.

    Parameters
    ----------
    channels
        Channels in a reading.
    hidden
        Units of each encoder layer; the decoder has the same in reverse.
    cell
        "lstm" or "gru".
    dropout
        Share of each layer's outputs that is set to 0 while training.
    inputs
        Numbers that stand for a step where those are not the channels themselves.
    """

    def __init__(
        self,
        *,
        channels: int,
        hidden: tuple[int, ...],
        cell: str = "lstm",
        dropout: float = 0.0,
        inputs: int | None = None,
    ) -> None:
        super().__init__()
        self.encoder = stacked([inputs or channels, *hidden], cell=cell)
        self.decoder = stacked([hidden[-1], *reversed(hidden)], cell=cell)
        self.dropout = dropout
        self.output = nn.Linear(hidden[0], channels)
        nn.init.xavier_uniform_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, windows: Tensor) -> Tensor:
        """Return the reconstruction of windows of shape (n, window, inputs): shape (n, window, channels)."""
        steps = run(self.encoder, windows.transpose(0, 1), dropout=self.dropout)
        code = steps[-1:].expand(windows.shape[1], -1, -1)
        steps = run(self.decoder, code, dropout=self.dropout)
        return cast(Tensor, self.output(steps)).transpose(0, 1)

    def write(self, network: Network, window: str) -> str:
        """Add the reconstruction of ``window`` to the graph."""
        code = written(network, self.encoder, flipped(network, window, 1, 0, 2)).last
        repeated = network.op("Expand", code, network.integers([network.window, 1, 1]))
        steps = written(network, self.decoder, repeated).steps
        return flipped(network, write_dense(network, self.output, steps), 1, 0, 2)


def stacked(sizes: list[int], *, cell: str = "lstm") -> nn.ModuleList:
    """Return recurrent layers, "lstm" or "gru", from the first of ``sizes`` units to the last."""
    layer = {"lstm": _lstm_layer, "gru": _gru_layer}[cell]
    return nn.ModuleList(layer(k, units) for k, units in itertools.pairwise(sizes))


def run(layers: nn.ModuleList, steps: Tensor, *, dropout: float = 0.0) -> Tensor:
    """Return what ``layers``, one after the other, make of ``steps`` of shape (window, n, units), at every step."""
    for layer in layers:
        steps, _ = layer(steps)
        # without the condition, chance would be drawn on where nothing is left out
        if dropout and layer.training:
            steps = nn.functional.dropout(steps, dropout)
    return steps


def written(network: Network, layers: nn.ModuleList, steps: str) -> Hidden:
    """Add what :func:`run` does to the graph."""
    hidden = Hidden(steps, "")
    for layer in layers:
        add = _write_gru if isinstance(layer, nn.GRU) else _write_lstm
        hidden = add(network, hidden.steps, layer)
    return hidden


def _write_lstm(network: Network, steps: str, layer: nn.Module) -> Hidden:
    return lstm(network, steps, weights_of(layer))


def _write_gru(network: Network, steps: str, layer: nn.Module) -> Hidden:
    state = _arrays(layer)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return gru(network, steps, GRUWeights(*(state[name].numpy() for name in names)))


def weights_of(layer: nn.Module) -> LSTMWeights:
    """Return the weights of an ``nn.LSTM`` of one layer."""
    state = _arrays(layer)
    return LSTMWeights(
        kernel=state["weight_ih_l0"].numpy(),
        recurrent=state["weight_hh_l0"].numpy(),
        bias=(state["bias_ih_l0"] + state["bias_hh_l0"]).numpy(),
    )


def _arrays(layer: nn.Module) -> dict[str, Tensor]:
    return {name: weight.detach().cpu() for name, weight in layer.named_parameters()}


def _lstm_layer(inputs: int, units: int) -> nn.LSTM:
    # Time first: PyTorch's fused CPU path (oneDNN) is a fifth faster than with batch_first.
    layer = nn.LSTM(inputs, units)
    weights = _started(layer)
    nn.init.ones_(weights["bias_ih_l0"][units : 2 * units])
    weights["bias_hh_l0"].requires_grad_(False)
    return layer


def _gru_layer(inputs: int, units: int) -> nn.GRU:
    layer = nn.GRU(inputs, units)
    _started(layer)
    return layer


def _started(layer: nn.Module) -> dict[str, nn.Parameter]:
    weights = dict(layer.named_parameters())
    nn.init.xavier_uniform_(weights["weight_ih_l0"])
    nn.init.orthogonal_(weights["weight_hh_l0"])
    nn.init.zeros_(weights["bias_ih_l0"])
    nn.init.zeros_(weights["bias_hh_l0"])
    return weights
