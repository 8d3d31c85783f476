"""A convolutional autoencoder: learns to redraw normal windows from their shapes, and scores how badly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.detectors._learning import check_units
from tocsin.detectors._reconstruction import Reconstruction, check_redrawing, odd
from tocsin.detectors._settings import at_least

if TYPE_CHECKING:
    from tocsin.detectors._cnn_network import CNNAutoencoder as TorchNetwork


@dataclass(frozen=True, kw_only=True)
class CNNAutoencoder(Reconstruction):
    """Convolutional autoencoder: how badly a network that knows the shapes of normal windows redraws this one.

    Convolutions along time, each of which halves the window's length, squeeze it into a few numbers a step;
    repeating steps and convolutions widen it again. One set of weights serves all times, so that long windows cost
    no more of them (as in Kieu et al. 2018, "Outlier detection for multidimensional time series using deep neural
    networks"). The score is a mean squared error in scaled units. With the default sizes and 5 channels it has 12,552
    parameters, whatever the window.

    Parameters
    ----------
    filters
        Filters of each encoder layer, each of which halves the window's length; the decoder has the same in reverse.
    kernel
        Steps that a filter looks at, an odd number.
    code
        Numbers that are left of each step once the window is shortest.

    Examples
    --------
    >>> CNNAutoencoder(kernel=7).filters
    (32, 32)
    """

    default_window: ClassVar[int] = 32
    quick: ClassVar[Mapping[str, Any]] = {"filters": (12, 8), "epochs": 40, "batch_size": 32, "learning_rate": 5e-3}

    filters: tuple[int, ...] = (32, 32)
    kernel: int = 5
    code: int = 3

    def __post_init__(self) -> None:
        check_units("filters", self.filters)
        at_least("code", self.code, 1)
        odd("kernel", self.kernel)
        check_redrawing(self)

    def build(self, length: int, channels: int) -> TorchNetwork:
        """Return the network, untrained."""
        from tocsin.detectors._cnn_network import CNNAutoencoder as TorchNetwork

        return TorchNetwork(
            window=length,
            channels=channels,
            filters=self.filters,
            kernel=self.kernel,
            code=self.code,
            dropout=self.dropout,
        )
