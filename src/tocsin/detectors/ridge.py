"""Ridge regression: foretells the last reading from those before it, and scores by how much it is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import InputError
from tocsin.core.windows import Windows
from tocsin.detectors._deviation import usual_deviation
from tocsin.detectors._rows import as_row, last_reading, long_rows, within
from tocsin.detectors._settings import above, at_least, enough
from tocsin.graph.network import Network
from tocsin.graph.shares import mean_squared_error


@dataclass(frozen=True, kw_only=True)
class Ridge(Detector):
    """Ridge regression: how far the reading is from what the readings before it let one expect.

    Each channel is foretold as a weighted sum of all channels in the window's other readings; the weights minimise the
    mean squared error + ``penalty`` · the sum of their squares (Hoerl & Kennard 1970, "Ridge regression"): a vector
    autoregression. Errors are counted in the channel's usual error, on later readings where there are any. The score is
    the mean of their squares over the channels, and about 1 when all is well; a channel's share is its part of it.

    Parameters
    ----------
    penalty
        Price of great weights, in squared scaled units; more makes the forecast steadier and less precise.
    floor
        Least usual error, as a fraction of the channel's deviation: a channel that could be foretold exactly would
        otherwise ring at the slightest step.
    max_windows
        Learn from at most so many windows, evenly spaced over the whole time, which bounds memory.

    Examples
    --------
    >>> Ridge(penalty=0.1).floor
    0.01
    """

    default_window: ClassVar[int] = 10
    default_scale: ClassVar[str] = "zscore"
    random: ClassVar[bool] = False

    penalty: float = 1e-3
    floor: float = 0.01
    max_windows: int = 20_000

    def __post_init__(self) -> None:
        above("penalty", self.penalty, 0)
        above("floor", self.floor, 0)
        at_least("max_windows", self.max_windows, 2)

    def fit(self, windows: Windows, *, seed: int) -> Graph:  # noqa: ARG002  # nothing here is random
        """Find the weights and the usual error, and write the forecast down as one matrix product."""
        enough(windows)
        if windows.length < 2:
            raise InputError(
                "A forecast needs a window of at least 2 readings, not 1.", remedy="Give a longer one with --window."
            )
        rows = long_rows(windows, most=self.max_windows)
        forecast = _forecast(rows, windows.channels, self.penalty)
        later = windows.validation
        if later is not None and len(later) >= 2:
            rows = long_rows(later, most=self.max_windows)
        usual = np.sqrt((forecast.errors(rows) ** 2).mean(axis=0))
        return _graph(windows, forecast, np.maximum(usual, self.floor * usual_deviation(windows)))


class _Forecast(NamedTuple):
    """Weights that foretell the last reading of a row, less its mean, from the others, less theirs."""

    centre: FloatArray
    """Shape (window · channels,)."""
    weight: FloatArray
    """Shape (columns before the last reading, channels)."""

    def errors(self, rows: FloatArray) -> FloatArray:
        """Return ndarray of shape (k, channels): the last readings of ``rows`` less what was foretold."""
        centred = rows - self.centre
        before = len(self.weight)
        return np.asarray(centred[:, before:] - centred[:, :before] @ self.weight)


def _forecast(rows: FloatArray, channels: int, penalty: float) -> _Forecast:
    centre = rows.mean(axis=0)
    before, last = np.split(rows - centre, [rows.shape[1] - channels], axis=1)
    gram = before.T @ before / len(rows) + penalty * np.eye(before.shape[1])
    return _Forecast(centre, np.linalg.solve(gram, before.T @ last / len(rows)))


def _graph(windows: Windows, forecast: _Forecast, usual: FloatArray) -> Graph:
    network = Network(window=windows.length, channels=windows.channels)
    row = as_row(network, centre=forecast.centre)
    # Last reading and forecast in one product: a matrix with the weights above, negated, and the identity below.
    weight = np.concatenate([-forecast.weight, np.eye(windows.channels)])
    wrong = network.op("MatMul", row, network.constant(weight))
    error = within(network, wrong, unit=usual)
    shared = mean_squared_error(network, error, network.constant(np.zeros(windows.channels)), steps=1)
    return network.seal(*shared, expected=network.op("Sub", last_reading(network, network.input), wrong))
