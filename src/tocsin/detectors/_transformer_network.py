"""The transformer autoencoder as PyTorch trains it, and as a graph."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from tocsin.detectors._layers import dense_of, flipped, write_dense
from tocsin.detectors._redrawing import Redrawing
from tocsin.graph.attention import AttentionWeights, Dense, Norm, attention_layer, normalised
from tocsin.graph.network import Network


class AttentionLayer(nn.Module):
    """One encoder layer of a transformer: each step looks at all others, then at itself; normalised in front.

    Parameters
    ----------
    width
        Numbers that stand for a step.
    heads
        Attentions side by side.
    dropout
        Share of either part's outputs that is set to 0 while training.
    """

    def __init__(self, *, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.before_attention, self.before_wide = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mixed, self.joined = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, steps: Tensor) -> Tensor:
        """Return steps of shape (n, window, width) in the same shape."""
        steps = steps + self._dropped(self.joined(self._attended(self.before_attention(steps))))
        hidden = nn.functional.relu(self.wide(self.before_wide(steps)))
        return steps + self._dropped(self.narrow(hidden))

    def _attended(self, steps: Tensor) -> Tensor:
        queries, keys, values = (self._apart(part) for part in self.mixed(steps).chunk(3, dim=-1))
        likeness = queries @ keys.transpose(2, 3) / queries.shape[-1] ** 0.5
        seen: Tensor = likeness.softmax(dim=-1) @ values
        return seen.transpose(1, 2).reshape(steps.shape)

    def _apart(self, part: Tensor) -> Tensor:
        """Return (n, window, width) as (n, heads, window, width / heads)."""
        return part.reshape(*part.shape[:2], self.heads, -1).transpose(1, 2)

    def _dropped(self, steps: Tensor) -> Tensor:
        return nn.functional.dropout(steps, self.dropout, self.training)


class TransformerAutoencoder(Redrawing):
    """Lets the steps of a window look at each other, squeezes what they saw into one code, and draws it again.

    A learned question in each head picks the steps that the code is made of; without a code, a transformer would learn
    to copy its input.

    Parameters
    ----------
    window, channels
        Shape of a window.
    width, heads, layers
        Numbers that stand for a step, attentions side by side, layers of the encoder; the decoder has as many.
    code
        Numbers that a window is squeezed into.
    dropout
        Share of each layer's outputs that is set to 0 while training.
    """

    def __init__(
        self, *, window: int, channels: int, width: int, heads: int, layers: int, code: int, dropout: float
    ) -> None:
        super().__init__()
        self.embed = nn.Linear(channels, width)
        self.seen_at = nn.Parameter(0.1 * torch.randn(window, width))
        self.encoder = _layers(layers, width, heads, dropout)
        self.questions = nn.Linear(width, heads)
        self.code = nn.Linear(heads * width, code)
        self.unfold = nn.Linear(code, width)
        self.drawn_at = nn.Parameter(0.1 * torch.randn(window, width))
        self.decoder = _layers(layers, width, heads, dropout)
        self.last = nn.LayerNorm(width)
        self.output = nn.Linear(width, channels)

    def forward(self, windows: Tensor) -> Tensor:
        """Return the reconstruction of windows of shape (n, window, channels): the same shape."""
        steps = self.encoder(self.embed(windows) + self.seen_at)
        picked = self.questions(steps).transpose(1, 2).softmax(dim=-1) @ steps
        code = self.code(picked.flatten(1))
        return cast(Tensor, self.output(self.last(self.decoder(self.unfold(code)[:, None] + self.drawn_at))))

    def write(self, network: Network, window: str) -> str:
        """Add the reconstruction of ``window``, of the same shape, to the graph."""
        steps = _added(network, write_dense(network, self.embed, window), self.seen_at)
        steps = _write_layers(network, self.encoder, steps)
        asked = flipped(network, write_dense(network, self.questions, steps), 0, 2, 1)
        picked = network.op("MatMul", network.op("Softmax", asked, attributes={"axis": -1}), steps)
        row = network.op("Reshape", picked, network.integers([-1, self.code.in_features]))
        unfolded = write_dense(network, self.unfold, write_dense(network, self.code, row))
        steps = network.op("Reshape", unfolded, network.integers([-1, 1, self.unfold.out_features]))
        steps = _write_layers(network, self.decoder, _added(network, steps, self.drawn_at))
        return write_dense(network, self.output, normalised(network, steps, _norm(self.last)))


def _layers(layers: int, width: int, heads: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(*(AttentionLayer(width=width, heads=heads, dropout=dropout) for _ in range(layers)))


def _added(network: Network, steps: str, places: Tensor) -> str:
    return network.op("Add", steps, network.constant(places.detach().cpu().numpy()))


def _write_layers(network: Network, layers: nn.Sequential, steps: str) -> str:
    for layer in layers:
        steps = attention_layer(network, steps, _weights(cast(AttentionLayer, layer)), length=network.window)
    return steps


def _weights(layer: AttentionLayer) -> AttentionWeights:
    return AttentionWeights(
        heads=layer.heads,
        before_attention=_norm(layer.before_attention),
        mixed=Dense(*dense_of(layer.mixed)),
        joined=Dense(*dense_of(layer.joined)),
        before_wide=_norm(layer.before_wide),
        wide=Dense(*dense_of(layer.wide)),
        narrow=Dense(*dense_of(layer.narrow)),
    )


def _norm(layer: nn.LayerNorm) -> Norm:
    return Norm(layer.weight.detach().cpu().numpy(), layer.bias.detach().cpu().numpy(), layer.eps)
