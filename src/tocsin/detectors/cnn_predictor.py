"""A CNN predictor: expects the next reading from patterns, near and far back, and scores how wrong it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.detectors._forecast import Forecast
from tocsin.detectors._learning import check_learning, check_units
from tocsin.detectors._settings import at_least

if TYPE_CHECKING:
    from tocsin.detectors._forecast_networks import CNNForecast


@dataclass(frozen=True, kw_only=True)
class CNNPredictor(Forecast):
    """CNN predictor: how far the last reading is from what patterns in the readings before it let expect.

    Convolutions over time, each looking twice as far back as the one before, read the window but for its last reading;
    two dense layers predict that one. The score is the mean over the channels of the squared error in scaled units.
    The idea is that of Munir et al. (2019, "DeepAnT") and of CNN in TSB-AD (Liu & Paparrizos 2024), whose pooling gives
    way to the dilated, causal convolutions of van den Oord et al. (2016, "WaveNet"). Four layers of kernel 3 reach 31
    readings back. With the default sizes and 5 channels it has 11,045 parameters.

    Parameters
    ----------
    filters
        Filters of each convolution; there are as many convolutions as numbers here.
    kernel
        Readings that a filter looks at.

    Examples
    --------
    >>> CNNPredictor(filters=(16, 16)).kernel
    3
    """

    default_window: ClassVar[int] = 32
    quick: ClassVar[Mapping[str, Any]] = {"filters": (16, 16), "epochs": 12, "batch_size": 32, "learning_rate": 5e-3}

    filters: tuple[int, ...] = (32, 32, 32, 32)
    kernel: int = 3

    def __post_init__(self) -> None:
        check_units("filters", self.filters)
        at_least("kernel", self.kernel, 2)
        check_learning(self)

    def build(self, channels: int) -> CNNForecast:
        """Return the network, untrained."""
        from tocsin.detectors._forecast_networks import CNNForecast

        return CNNForecast(channels=channels, filters=self.filters, kernel=self.kernel)
