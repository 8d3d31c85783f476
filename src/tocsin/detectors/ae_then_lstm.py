"""The hybrid's ablation: the same autoencoder and LSTM, trained one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.core.windows import Windows
from tocsin.detectors._hybrid import Hybrid
from tocsin.detectors._learning import plan_of

if TYPE_CHECKING:
    from tocsin.detectors._torch import Trained


@dataclass(frozen=True, kw_only=True)
class AutoencoderThenLSTM(Hybrid):
    """AE, then LSTM: the hybrid's two networks, trained one after the other, to see what training together is worth.

    First the autoencoder learns to redraw readings; then its encoder stays as it is, and the LSTM learns to predict
    from what it yields. All else is as in ``ae_lstm``: the row "AE + LSTM (separate)" of Pallikonda et al. (2025,
    "Real-time anomaly detection in IoT networks using a hybrid deep learning model", table 6). With the default sizes
    and 5 channels it has 34,884 parameters.

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
    ``curves`` holds the loss of the LSTM, and that of the autoencoder as "autoencoder_training_loss" and
    "autoencoder_validation_loss". Each part has ``epochs`` and ``patience`` of its own.

    Examples
    --------
    >>> AutoencoderThenLSTM(lstm=(32,)).combine
    'rarity'
    """

    def trained(self, windows: Windows, seed: int) -> Trained:
        """Train the autoencoder, then the LSTM on the representation that came out."""
        from tocsin.detectors._hybrid_network import frozen_autoencoder, prediction_loss, redrawing_loss
        from tocsin.detectors._torch import Trained, train

        plan = plan_of(self, seed)
        first = train(lambda: self.build(windows.channels), redrawing_loss, windows, plan=plan)
        both = train(lambda: frozen_autoencoder(first.network), prediction_loss, windows, plan=plan)
        earlier = {f"autoencoder_{name}": curve for name, curve in first.curves.items()}
        return Trained(both.network, {**both.curves, **earlier})
