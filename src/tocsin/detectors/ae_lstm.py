"""The hybrid of autoencoder and LSTM: one redraws the last reading, the other predicts it, and both errors count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.core.windows import Windows
from tocsin.detectors._hybrid import Hybrid

if TYPE_CHECKING:
    from tocsin.detectors._hybrid_network import Hybrid as TorchNetwork
    from tocsin.detectors._torch import Plan, Trained


@dataclass(frozen=True, kw_only=True)
class AutoencoderLSTM(Hybrid):
    """Hybrid AE-LSTM: how badly the last reading is redrawn by one network and predicted by another.

    A fully connected encoder turns each reading, together with the few before it, into a short representation. A
    mirrored decoder redraws them from it; a stack of LSTM layers reads the representations up to the reading before the
    last and predicts the last. Both are trained together, so that the representation serves both. The score is
    A = alpha · (what redrawing says) + beta · (what predicting says), of the last reading, after Pallikonda et al.
    (2025, "Real-time anomaly detection in IoT networks using a hybrid deep learning model", equations 1 to 3). With the
    default sizes and 5 channels it has 34,884 parameters.

    Examples
    --------
    >>> AutoencoderLSTM(alpha=0.3, beta=0.7).batch_size
    64
    """

    def trained(self, windows: Windows, plan: Plan) -> Trained[TorchNetwork]:
        """Train both parts together: one loss, the sum of theirs."""
        from tocsin.detectors._hybrid_network import joint_loss
        from tocsin.detectors._torch import train

        return train(lambda: self.build(windows.channels), joint_loss, windows, plan=plan)
