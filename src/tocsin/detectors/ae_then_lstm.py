"""The hybrid's ablation: the same autoencoder and LSTM, trained one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.core.windows import Windows
from tocsin.detectors._hybrid import Hybrid

if TYPE_CHECKING:
    from tocsin.detectors._hybrid_network import Hybrid as TorchNetwork
    from tocsin.detectors._torch import Plan, Trained


@dataclass(frozen=True, kw_only=True)
class AutoencoderThenLSTM(Hybrid):
    """AE, then LSTM: the hybrid's two networks, trained one after the other, to see what training together is worth.

    First the autoencoder learns to redraw readings; then its encoder stays as it is, and the LSTM learns to predict
    from what it yields. All else is as in ``ae_lstm``: the row "AE + LSTM (separate)" of Pallikonda et al. (2025,
    "Real-time anomaly detection in IoT networks using a hybrid deep learning model", table 6). With the default sizes
    and 5 channels it has 34,884 parameters.

    Notes
    -----
    ``curves`` holds the loss of the LSTM, and that of the autoencoder as "autoencoder_training_loss" and
    "autoencoder_validation_loss". Each part has ``epochs`` and ``patience`` of its own.

    Examples
    --------
    >>> AutoencoderThenLSTM(lstm=(32,)).combine
    'rarity'
    """

    def trained(self, windows: Windows, plan: Plan) -> Trained[TorchNetwork]:
        """Train the autoencoder, then the LSTM on the representation that came out."""
        from tocsin.detectors._hybrid_network import frozen_autoencoder, prediction_loss, redrawing_loss
        from tocsin.detectors._torch import Trained, train

        first = train(lambda: self.build(windows.channels), redrawing_loss, windows, plan=plan)
        both = train(lambda: frozen_autoencoder(first.network), prediction_loss, windows, plan=plan)
        earlier = {f"autoencoder_{name}": curve for name, curve in first.curves.items()}
        return Trained(both.network, {**both.curves, **earlier})
