"""The hybrid of autoencoder and LSTM: one redraws the last reading, the other predicts it, and both errors count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.core.windows import Windows
from tocsin.detectors._hybrid import Hybrid
from tocsin.detectors._learning import plan_of

if TYPE_CHECKING:
    from tocsin.detectors._torch import Trained


@dataclass(frozen=True, kw_only=True)
class AutoencoderLSTM(Hybrid):
    """Hybrid AE-LSTM: how badly the last reading is redrawn by one network and predicted by another.

    A fully connected encoder turns each reading, together with the few before it, into a short representation. A
    mirrored decoder redraws them from it; a stack of LSTM layers reads the representations up to the reading before the
    last and predicts the last. Both are trained together, so that the representation serves both. The score is
    A = alpha · (what redrawing says) + beta · (what predicting says), of the last reading, after Pallikonda et al.
    (2025, "Real-time anomaly detection in IoT networks using a hybrid deep learning model", equations 1 to 3). With the
    default sizes and 5 channels it has 34,884 parameters.

    Parameters
    ----------
    alpha
        Weight of the autoencoder's part.
    beta
        Weight of the LSTM's part.
    combine
        "rarity": alpha and beta weigh −log10 of the share of held-out normal readings with a greater error, so that
        both parts speak in one unit, and 3 means one in a thousand. "errors": they weigh the errors themselves, mean
        squares in scaled units, as the paper has it.
    span
        Readings that are encoded together: each one with the few before it.
    hidden
        Units of the encoder's first layer, and of the decoder's.
    latent
        Numbers in the representation of a reading. "auto": a quarter of span · channels.
    lstm
        Units of each LSTM layer.
    epochs
        Passes over the training windows, at most.
    batch_size
        Windows per step of the optimiser.
    learning_rate
        Step size of Adam.
    patience
        Stop after so many epochs without a lesser loss on the later windows of ``windows.validation``, and take the
        best epoch's weights. 0, or no validation windows: all epochs, and the last epoch's weights.
    device
        "auto" (CUDA where there is any), "cpu" or "cuda". Same seed, same graph holds on the CPU.
    max_windows
        Learn from at most so many windows, evenly spaced over the whole time; the same holds for validation windows.

    Notes
    -----
    How rare an error is, is learned from validation windows, or from the training windows where fewer than 50 are held
    out: see :func:`tocsin.detectors._tail.rarity`. A channel's share of a part is its share of the squared error.

    Examples
    --------
    >>> AutoencoderLSTM(alpha=0.3, beta=0.7).batch_size
    64
    """

    def trained(self, windows: Windows, seed: int) -> Trained:
        """Train both parts together: one loss, the sum of theirs."""
        from tocsin.detectors._hybrid_network import joint_loss
        from tocsin.detectors._torch import train

        return train(lambda: self.build(windows.channels), joint_loss, windows, plan=plan_of(self, seed))
