"""An LSTM autoencoder: learns to redraw normal windows and scores how badly it redraws a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from tocsin.detectors._learning import check_units
from tocsin.detectors._reconstruction import Reconstruction, check_redrawing
from tocsin.detectors._settings import one_of

if TYPE_CHECKING:
    from tocsin.detectors._lstm_network import LSTMAutoencoder as TorchNetwork


@dataclass(frozen=True, kw_only=True)
class LSTMAutoencoder(Reconstruction):
    """LSTM autoencoder: how badly a network that knows normal windows redraws this one.

    The score is a mean squared error in scaled units. The encoder squeezes the window into one vector, the decoder
    unrolls that vector, repeated at every step, and a dense layer yields the channels (after Malhotra et al. 2016,
    "LSTM-based encoder-decoder for multi-sensor anomaly detection"). With the default sizes and 5 channels it has
    63,813 parameters.

    Parameters
    ----------
    hidden
        Units of each encoder layer; the decoder has the same in reverse.
    cell
        "lstm", or "gru" (Cho et al. 2014), which has three quarters of the weights.

    Examples
    --------
    >>> LSTMAutoencoder(epochs=10, score="mean").hidden
    (64, 32)
    """

    default_scale: ClassVar[str] = "minmax"
    quick: ClassVar[Mapping[str, Any]] = {"hidden": (16, 8), "epochs": 20, "batch_size": 32, "learning_rate": 5e-3}

    hidden: tuple[int, ...] = (64, 32)
    cell: Literal["lstm", "gru"] = "lstm"
    epochs: int = 50
    batch_size: int = 32
    patience: int = 5

    def __post_init__(self) -> None:
        check_units("hidden", self.hidden)
        one_of("cell", self.cell, ("lstm", "gru"))
        check_redrawing(self)

    def build(self, length: int, channels: int) -> TorchNetwork:  # noqa: ARG002  # steps share their weights
        """Return the network, untrained."""
        from tocsin.detectors._lstm_network import LSTMAutoencoder as TorchNetwork

        return TorchNetwork(channels=channels, hidden=self.hidden, cell=self.cell, dropout=self.dropout)
