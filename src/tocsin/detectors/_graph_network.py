"""A network of channels: each is expected from the windows of others that it listens to, as PyTorch trains it."""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tocsin.core.arrays import BoolArray
from tocsin.graph.dense import dense
from tocsin.graph.network import Network

_SLOPE = 0.2
_NEVER = -1e9


class ChannelGraph(nn.Module):
    """Predicts the last reading of each channel from the whole windows of its neighbours, and from its own past.

    A channel has an embedding as itself and one as a neighbour. With x the window of a neighbour j and v the embedding
    of the channel i that listens: message mⱼ = (W x + b) ∘ uⱼ, attention aᵢⱼ = softmax over j of
    LeakyReLU(q·vᵢ + k·mⱼ + c·uⱼ), prediction MLP(vᵢ ∘ Σ aᵢⱼ mⱼ, vᵢ ∘ own past, vᵢ).

    Parameters
    ----------
    length
        Readings in a window.
    channels
        Channels in a reading.
    width
        Numbers in an embedding.
    hidden
        Units of the hidden layer that predicts.
    deaf
        Share of cases in which a channel is kept from its own past while it learns, so that it learns to listen; and
        half as often from each neighbour, so that it does not believe a single one.
    """

    hears: Tensor

    def __init__(self, *, length: int, channels: int, width: int, hidden: int, deaf: float) -> None:
        super().__init__()
        self.deaf = deaf if channels > 1 else 0.0
        self.itself = nn.Parameter(torch.randn(channels, width))
        self.sender = nn.Parameter(0.5 * torch.randn(channels, width))
        self.read = nn.Linear(length, width)
        self.recall = nn.Linear(length - 1, width)
        self.ask, self.answer, self.known = (nn.Linear(width, 1, bias=False) for _ in range(3))
        self.from_others, self.from_past = (nn.Linear(width, hidden, bias=False) for _ in range(2))
        self.from_itself, self.out = nn.Linear(width, hidden), nn.Linear(hidden, 1)
        self.register_buffer("hears", 1 - torch.eye(channels))

    def narrow(self, neighbours: BoolArray) -> ChannelGraph:
        """Let each channel listen to ``neighbours``, of shape (channels, channels), alone; return the network."""
        self.hears.copy_(torch.from_numpy(neighbours))
        return self

    def forward(self, windows: Tensor) -> Tensor:
        """Return the prediction of the last reading of windows of shape (n, window, channels): shape (n, channels)."""
        by_channel = windows.transpose(1, 2)
        message = self.read(by_channel) * self.sender
        heard = self._attention(message) @ message
        past = self.recall(by_channel[:, :, :-1])
        if self.training and self.deaf:
            past = past * (torch.rand(past.shape[:2], device=past.device) >= self.deaf)[:, :, None]
        hidden = self.from_others(heard * self.itself) + self.from_past(past * self.itself)
        return cast(Tensor, self.out(nn.functional.relu(hidden + self.from_itself(self.itself))).squeeze(2))

    def _attention(self, message: Tensor) -> Tensor:
        """Return how much each channel listens to each other; shape (n, channels, channels)."""
        told = self.answer(message) + self.known(self.sender)
        likeness = nn.functional.leaky_relu(told.transpose(1, 2) + self.ask(self.itself), _SLOPE)
        hears = self.hears
        if self.training and self.deaf:
            hears = hears * (torch.rand(likeness.shape, device=hears.device) >= self.deaf / 2)
        return torch.softmax(likeness + _NEVER * (1 - hears), dim=-1) * hears

    def write(self, network: Network, window: str) -> str:
        """Add the prediction from ``window``, of shape (n, window, channels); return its name, shape (n, channels)."""
        values = {name: value.detach().cpu().double().numpy() for name, value in self.state_dict().items()}
        by_channel = network.op("Transpose", window, attributes={"perm": [0, 2, 1]})
        read = _linear(network, by_channel, values, "read")
        message = network.op("Mul", read, network.constant(values["sender"]))
        heard = network.op("MatMul", self._write_attention(network, message, values), message)
        before = [network.integers([place]) for place in (0, network.window - 1, 2)]
        past = _linear(network, network.op("Slice", by_channel, *before), values, "recall")
        own = network.constant(values["itself"])
        parts = [
            network.op("MatMul", network.op("Mul", some, own), network.constant(values[f"{name}.weight"].T))
            for name, some in (("from_others", heard), ("from_past", past))
        ]
        always = values["itself"] @ values["from_itself.weight"].T + values["from_itself.bias"]
        summed = network.op("Add", network.op("Add", *parts), network.constant(always))
        predicted = _linear(network, network.op("Relu", summed), values, "out")
        return network.op("Reshape", predicted, network.integers([-1, network.channels]))

    def _write_attention(self, network: Network, message: str, values: dict[str, npt.NDArray[np.float64]]) -> str:
        answered = network.op("MatMul", message, network.constant(values["answer.weight"].T))
        told = network.op("Add", answered, network.constant(values["sender"] @ values["known.weight"].T))
        asked = network.constant(values["itself"] @ values["ask.weight"].T)
        both = network.op("Add", network.op("Transpose", told, attributes={"perm": [0, 2, 1]}), asked)
        likeness = network.op("LeakyRelu", both, attributes={"alpha": _SLOPE})
        allowed = network.op("Add", likeness, network.constant(_NEVER * (1 - values["hears"])))
        weights = network.op("Softmax", allowed, attributes={"axis": -1})
        return network.op("Mul", weights, network.constant(values["hears"]))


def _linear(network: Network, rows: str, values: dict[str, npt.NDArray[np.float64]], name: str) -> str:
    weight, bias = (values[f"{name}.{part}"].astype(np.float32) for part in ("weight", "bias"))
    return dense(network, rows, weight=weight, bias=bias)


def prediction_loss(network: ChannelGraph, windows: Tensor) -> Tensor:
    """Return the mean squared error of the prediction."""
    return nn.functional.mse_loss(network(windows), windows[:, -1])
