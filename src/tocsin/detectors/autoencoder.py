"""A fully connected autoencoder: learns to redraw normal windows and scores how badly it redraws a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.detectors._learning import check_units
from tocsin.detectors._reconstruction import Reconstruction, check_redrawing

if TYPE_CHECKING:
    from tocsin.detectors._dense_network import DenseAutoencoder


@dataclass(frozen=True, kw_only=True)
class Autoencoder(Reconstruction):
    """Autoencoder: how badly a plain network that knows normal windows redraws this one.

    The window, as one long row, is squeezed through fully connected layers into a short code and widened again; what
    the code cannot hold of a strange window is missing in the result (Sakurada & Yairi 2014, "Anomaly detection using
    autoencoders with nonlinear dimensionality reduction"). The score is a mean squared error in scaled units. With the
    default sizes and 5 channels it has 7,610 parameters at the default window.

    Parameters
    ----------
    hidden
        Units of each encoder layer, the last of them the code that the window is squeezed into; the decoder has the
        same in reverse.

    Examples
    --------
    >>> Autoencoder(loss="huber").hidden
    (64, 8)
    """

    default_window: ClassVar[int] = 10
    quick: ClassVar[Mapping[str, Any]] = {"hidden": (16, 8), "epochs": 40, "batch_size": 32, "learning_rate": 5e-3}

    hidden: tuple[int, ...] = (64, 8)

    def __post_init__(self) -> None:
        check_units("hidden", self.hidden)
        check_redrawing(self)

    def build(self, length: int, channels: int) -> DenseAutoencoder:
        """Return the network, untrained."""
        from tocsin.detectors._dense_network import DenseAutoencoder

        return DenseAutoencoder(window=length, channels=channels, hidden=self.hidden, dropout=self.dropout)
