"""The convolutional LSTM autoencoder as PyTorch trains it, and as a graph."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from tocsin.detectors._layers import flipped, write_conv
from tocsin.detectors._lstm_network import LSTMAutoencoder
from tocsin.detectors._redrawing import Redrawing
from tocsin.graph.network import Network


class ConvolutionalLSTM(Redrawing):
    """Finds shapes in a window by a convolution, squeezes their sequence by LSTM layers, and unrolls it again.

    Parameters
    ----------
    channels
        Channels in a reading.
    filters
        Shapes that the convolution looks for.
    kernel
        Steps that a filter looks at, an odd number.
    hidden
        Units of each encoder layer; the decoder has the same in reverse.
    cell
        "lstm" or "gru".
    dropout
        Share of each layer's outputs that is set to 0 while training.
    """

    def __init__(
        self, *, channels: int, filters: int, kernel: int, hidden: tuple[int, ...], cell: str, dropout: float
    ) -> None:
        super().__init__()
        self.shapes = nn.Conv1d(channels, filters, kernel, padding=kernel // 2)
        self.order = LSTMAutoencoder(channels=channels, hidden=hidden, cell=cell, dropout=dropout, inputs=filters)
        self.dropout = dropout

    def forward(self, windows: Tensor) -> Tensor:
        """Return the reconstruction of windows of shape (n, window, channels): the same shape."""
        found = nn.functional.relu(self.shapes(windows.transpose(1, 2)))
        found = nn.functional.dropout(found, self.dropout, self.training)
        return cast(Tensor, self.order(found.transpose(1, 2)))

    def write(self, network: Network, window: str) -> str:
        """Add the reconstruction of ``window``, of the same shape, to the graph."""
        found = network.op("Relu", write_conv(network, self.shapes, flipped(network, window, 0, 2, 1)))
        return self.order.write(network, flipped(network, found, 0, 2, 1))
