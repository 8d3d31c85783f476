"""The convolutional LSTM autoencoder as PyTorch trains it, and as a graph."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from tocsin.detectors._cnn_network import write_conv
from tocsin.detectors._dense_network import write_layer
from tocsin.detectors._lstm_network import run, stacked, written
from tocsin.graph.lstm import Hidden
from tocsin.graph.network import Network


class ConvolutionalLSTM(nn.Module):
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
        self.encoder = stacked([filters, *hidden], cell=cell)
        self.decoder = stacked([hidden[-1], *reversed(hidden)], cell=cell)
        self.output = nn.Linear(hidden[0], channels)
        self.dropout = dropout

    def forward(self, windows: Tensor) -> Tensor:
        """Return the reconstruction of windows of shape (n, window, channels): the same shape."""
        found = nn.functional.relu(self.shapes(windows.transpose(1, 2)))
        found = nn.functional.dropout(found, self.dropout, self.training)
        steps = run(self.encoder, found.permute(2, 0, 1), dropout=self.dropout)
        code = steps[-1:].expand(windows.shape[1], -1, -1)
        steps = run(self.decoder, code, dropout=self.dropout)
        return cast(Tensor, self.output(steps)).transpose(0, 1)


def write_cnn_lstm(network: Network, trained: ConvolutionalLSTM, window: str) -> str:
    """Add the reconstruction of ``window``, of the same shape, to the graph."""
    steps = network.op("Transpose", window, attributes={"perm": [0, 2, 1]})
    found = network.op("Relu", write_conv(network, trained.shapes, steps))
    sequence = network.op("Transpose", found, attributes={"perm": [2, 0, 1]})
    code = written(network, trained.encoder, Hidden(sequence, "")).last
    repeated = network.op("Expand", code, network.integers([network.window, 1, 1]))
    steps = written(network, trained.decoder, Hidden(repeated, "")).steps
    return network.op("Transpose", write_layer(network, trained.output, steps), attributes={"perm": [1, 0, 2]})
