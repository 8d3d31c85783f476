"""An LSTM predictor: learns how normal readings go on, and scores how far the last one is from what it expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from tocsin.core.contracts import Detector, Graph
from tocsin.core.windows import Windows
from tocsin.detectors._forecast import before_last, bounded, predictable, prediction_error
from tocsin.detectors._learning import check_learning, check_units, plan_of
from tocsin.detectors._settings import installed
from tocsin.graph.dense import dense
from tocsin.graph.lstm import Hidden
from tocsin.graph.network import Network
from tocsin.graph.shares import Shared

if TYPE_CHECKING:
    from tocsin.detectors._forecast_networks import LSTMForecast


@dataclass(frozen=True, kw_only=True)
class LSTMPredictor(Detector):
    """LSTM predictor: how far the last reading is from what the readings before it let expect.

    A stack of LSTM layers reads the window but for its last reading, and a dense layer predicts that one. The score is
    the mean over the channels of the squared error in scaled units (after Malhotra et al. 2015, "Long short term
    memory networks for anomaly detection in time series", with one step ahead and without its Gaussian). With the
    default sizes and 5 channels it has 13,349 parameters.

    Parameters
    ----------
    hidden
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

    Examples
    --------
    >>> LSTMPredictor(epochs=10).hidden
    (32, 32)
    """

    default_window: ClassVar[int] = 25
    default_scale: ClassVar[str] = "zscore"
    quick: ClassVar[Mapping[str, Any]] = {"hidden": (16,), "epochs": 12, "batch_size": 32, "learning_rate": 1e-2}

    hidden: tuple[int, ...] = (32, 32)
    epochs: int = 50
    batch_size: int = 64
    learning_rate: float = 1e-3
    patience: int = 5
    device: Literal["auto", "cpu", "cuda"] = "auto"
    max_windows: int = 50_000

    def __post_init__(self) -> None:
        check_units("hidden", self.hidden)
        check_learning(self)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train the network on ``windows`` and write it down as a graph; ``curves`` holds the loss of each epoch."""
        installed("Training an LSTM predictor", library="PyTorch", module="torch")
        predictable(windows)
        from tocsin.detectors._forecast_networks import LSTMForecast, forecast_loss
        from tocsin.detectors._torch import train

        trained = train(
            lambda: LSTMForecast(channels=windows.channels, hidden=self.hidden),
            forecast_loss,
            windows,
            plan=plan_of(self, seed),
        )
        assert isinstance(trained.network, LSTMForecast)
        network = Network(window=windows.length, channels=windows.channels)
        return network.seal(*_scored(network, trained.network), curves=trained.curves)


def _scored(network: Network, trained: LSTMForecast) -> Shared:
    from tocsin.detectors._lstm_network import dense_of, written

    window = bounded(network)
    hidden = Hidden(network.op("Transpose", before_last(network, window), attributes={"perm": [1, 0, 2]}), "")
    last = network.op("Squeeze", written(network, trained.layers, hidden).last, network.integers([0]))
    weight, bias = dense_of(trained.output)
    return prediction_error(network, window, dense(network, last, weight=weight, bias=bias))
