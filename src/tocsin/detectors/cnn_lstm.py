"""A convolutional LSTM autoencoder: shapes first, then their order; scores how badly it redraws a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from tocsin.detectors._learning import check_units
from tocsin.detectors._reconstruction import Reconstruction, check_redrawing, odd
from tocsin.detectors._settings import at_least, one_of

if TYPE_CHECKING:
    from tocsin.detectors._cnn_lstm_network import ConvolutionalLSTM


@dataclass(frozen=True, kw_only=True)
class CNNLSTM(Reconstruction):
    """CNN-LSTM: how badly a network that knows normal shapes and their order redraws this window.

    A convolution along time finds shapes in the window, LSTM layers squeeze their sequence into one vector and unroll
    it again, and a dense layer yields the channels (the encoder of Kim & Cho 2018, "Web traffic anomaly detection using
    C-LSTM neural networks", and the decoder of Malhotra et al. 2016, so that it learns without labels). The score is a
    mean squared error in scaled units. With the default sizes and 5 channels it has 34,933 parameters.

    Parameters
    ----------
    filters
        Shapes that the convolution looks for.
    kernel
        Steps that a filter looks at, an odd number.
    hidden
        Units of each recurrent encoder layer; the decoder has the same in reverse.
    cell
        "lstm", or "gru" (Cho et al. 2014), which has three quarters of the weights.

    Examples
    --------
    >>> CNNLSTM(cell="gru").filters
    32
    """

    default_window: ClassVar[int] = 10
    quick: ClassVar[Mapping[str, Any]] = {
        "filters": 12,
        "hidden": (16,),
        "epochs": 25,
        "batch_size": 32,
        "learning_rate": 1e-2,
    }

    filters: int = 32
    kernel: int = 3
    hidden: tuple[int, ...] = (48,)
    cell: Literal["lstm", "gru"] = "lstm"
    epochs: int = 50
    batch_size: int = 32
    learning_rate: float = 2e-3
    patience: int = 5

    def __post_init__(self) -> None:
        check_units("hidden", self.hidden)
        at_least("filters", self.filters, 1)
        odd("kernel", self.kernel)
        one_of("cell", self.cell, ("lstm", "gru"))
        check_redrawing(self)

    def build(self, length: int, channels: int) -> ConvolutionalLSTM:  # noqa: ARG002  # steps share their weights
        """Return the network, untrained."""
        from tocsin.detectors._cnn_lstm_network import ConvolutionalLSTM

        return ConvolutionalLSTM(
            channels=channels,
            filters=self.filters,
            kernel=self.kernel,
            hidden=self.hidden,
            cell=self.cell,
            dropout=self.dropout,
        )
