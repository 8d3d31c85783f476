"""A transformer autoencoder: steps of a window look at each other; scores how badly it redraws a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.errors import SettingError
from tocsin.detectors._reconstruction import Reconstruction, check_redrawing
from tocsin.detectors._settings import at_least

if TYPE_CHECKING:
    from tocsin.detectors._transformer_network import TransformerAutoencoder


@dataclass(frozen=True, kw_only=True)
class Transformer(Reconstruction):
    """Transformer: how badly a network whose steps look at each other redraws this window.

    Layers of attention (Vaswani et al. 2017, "Attention is all you need", normalised in front as in Xiong et al. 2020)
    relate the steps of the window; learned questions pick what goes into one short code, and as many layers draw the
    window again from the code and the places in time. The code is what makes it an autoencoder: without one, a
    transformer copies strange windows as well as normal ones. The score is a mean squared error in scaled units. With
    the default sizes and 5 channels it has 19,985 parameters at the default window.

    Parameters
    ----------
    width
        Numbers that stand for a step; a multiple of ``heads``.
    heads
        Attentions side by side.
    layers
        Layers of the encoder; the decoder has as many.
    code
        Numbers that the window is squeezed into.

    Examples
    --------
    >>> Transformer(width=64).heads
    4
    """

    default_window: ClassVar[int] = 16
    quick: ClassVar[Mapping[str, Any]] = {
        "width": 16,
        "layers": 1,
        "code": 6,
        "epochs": 30,
        "batch_size": 32,
        "learning_rate": 5e-3,
    }

    width: int = 32
    heads: int = 4
    layers: int = 1
    code: int = 8
    epochs: int = 50

    def __post_init__(self) -> None:
        for name in ("width", "heads", "layers", "code"):
            at_least(name, getattr(self, name), 1)
        if self.width % self.heads:
            raise SettingError(f"width is {self.width}.", remedy=f"It must be a multiple of heads, {self.heads}.")
        check_redrawing(self)

    def build(self, length: int, channels: int) -> TransformerAutoencoder:
        """Return the network, untrained."""
        from tocsin.detectors._transformer_network import TransformerAutoencoder

        return TransformerAutoencoder(
            window=length,
            channels=channels,
            width=self.width,
            heads=self.heads,
            layers=self.layers,
            code=self.code,
            dropout=self.dropout,
        )
