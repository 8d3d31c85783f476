"""An LSTM predictor: learns how normal readings go on, and scores how far the last one is from what it expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.detectors._forecast import Forecast
from tocsin.detectors._learning import check_learning, check_units

if TYPE_CHECKING:
    from tocsin.detectors._forecast_networks import LSTMForecast


@dataclass(frozen=True, kw_only=True)
class LSTMPredictor(Forecast):
    """LSTM predictor: how far the last reading is from what the readings before it let expect.

    A stack of LSTM layers reads the window but for its last reading, and a dense layer predicts that one. The score is
    the mean over the channels of the squared error in scaled units (after Malhotra et al. 2015, "Long short term
    memory networks for anomaly detection in time series", with one step ahead and without its Gaussian). With the
    default sizes and 5 channels it has 13,349 parameters.

    Parameters
    ----------
    hidden
        Units of each LSTM layer.

    Examples
    --------
    >>> LSTMPredictor(epochs=10).hidden
    (32, 32)
    """

    default_window: ClassVar[int] = 25
    quick: ClassVar[Mapping[str, Any]] = {"hidden": (16,), "epochs": 12, "batch_size": 32, "learning_rate": 1e-2}

    hidden: tuple[int, ...] = (32, 32)

    def __post_init__(self) -> None:
        check_units("hidden", self.hidden)
        check_learning(self)

    def build(self, channels: int) -> LSTMForecast:
        """Return the network, untrained."""
        from tocsin.detectors._forecast_networks import LSTMForecast

        return LSTMForecast(channels=channels, hidden=self.hidden)
