"""A denoising autoencoder: learns to restore normal windows from spoiled copies, and scores what it would restore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.detectors._learning import check_units
from tocsin.detectors._reconstruction import Reconstruction, check_redrawing, within
from tocsin.detectors._settings import at_least

if TYPE_CHECKING:
    from torch import Tensor

    from tocsin.detectors._dense_network import DenseAutoencoder


@dataclass(frozen=True, kw_only=True)
class DenoisingAutoencoder(Reconstruction):
    """Denoising autoencoder: how far this window is from what a network would restore it to.

    While it learns, the fully connected network is shown spoiled windows, noise on every value and some channels taken
    from another time, and is to redraw them as they were (Vincent et al. 2008, "Extracting and composing robust
    features with denoising autoencoders"). So it learns which values go together, rather than to copy. The score is the
    mean squared difference, in scaled units, between the window and what is restored; nothing is spoiled in scoring.
    With the default sizes and 5 channels it has 8,642 parameters at the default window.

    Parameters
    ----------
    hidden
        Units of each encoder layer, the last of them the code that the window is squeezed into; the decoder has the
        same in reverse.
    noise
        Deviation of the noise put on each value while training, in scaled units.
    swapped
        Share of the channels in a window that are replaced, while training, by the same channel of another window.

    Examples
    --------
    >>> DenoisingAutoencoder(noise=0.2).swapped
    0.1
    """

    default_window: ClassVar[int] = 10
    quick: ClassVar[Mapping[str, Any]] = {"hidden": (32, 12), "epochs": 60, "batch_size": 32, "learning_rate": 5e-3}

    hidden: tuple[int, ...] = (64, 16)
    noise: float = 0.1
    swapped: float = 0.1

    def __post_init__(self) -> None:
        check_units("hidden", self.hidden)
        at_least("noise", self.noise, 0)
        within("swapped", self.swapped, 0, 1)
        check_redrawing(self)

    def build(self, length: int, channels: int) -> DenseAutoencoder:
        """Return the network, untrained."""
        from tocsin.detectors._dense_network import DenseAutoencoder

        return DenseAutoencoder(window=length, channels=channels, hidden=self.hidden, dropout=self.dropout)

    def spoil(self, windows: Tensor) -> Tensor:
        """Return windows with noise and swapped channels."""
        from tocsin.detectors._dense_network import spoiled

        return spoiled(windows, noise=self.noise, swapped=self.swapped)
