"""Graph deviation: which channels follow which is learned, and a reading counts that does not follow any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.windows import Windows
from tocsin.detectors._forecast import predictable
from tocsin.detectors._greatest import parted
from tocsin.detectors._learning import Learning, bounded, check_learning
from tocsin.detectors._rows import last_reading
from tocsin.detectors._settings import above, at_least
from tocsin.detectors._spaced import spaced
from tocsin.graph.network import Network
from tocsin.graph.shares import Shared, mean_squared_error

if TYPE_CHECKING:
    from tocsin.detectors._graph_network import ChannelGraph
    from tocsin.detectors._torch import Trained

_LOOKED_AT = 2048
"""Windows on which errors are measured: enough for a median and a mean."""

_RARE = 3
"""Few great errors among small ones count as if a channel were usually off by a third of their root mean square."""


@dataclass(frozen=True, kw_only=True)
class GraphDeviation(Learning, Detector):
    """Graph deviation: how far channels are from what the channels that they follow let expect.

    Each channel's last reading is predicted from the windows of its neighbours, their last readings included, and from
    its own past. The score is the mean over the channels of the squared error in units of the channel's usual error; a
    channel's share goes by its part, in units of what one normal window in a hundred exceeds. An alert names the broken
    relation: the channel with the greatest share, and the neighbours that it follows.

    The idea is that of GDN (Deng & Hooi 2021, "Graph neural network-based anomaly detection in multivariate time
    series"): embeddings of channels, attention to neighbours, errors by their usual size. In place of GDN's most
    similar embeddings, a channel's neighbours are those that it can least do without: the network first learns with
    all, then each is taken away in turn, those that cost most are kept, and learning goes on with them alone. GDN
    expects a reading from the past alone; with their present, relations that hold at once are seen. With the default
    sizes and 5 channels it has 7,745 parameters.

    Parameters
    ----------
    neighbours
        Channels that a channel may listen to, at most.
    width
        Numbers in a channel's embedding.
    hidden
        Units of the hidden layer that predicts.
    deaf
        Share of cases in which a channel must do without its own past while the network learns, so that a fault is
        seen for as long as it lasts; and half as often without each neighbour, so that one that goes astray misleads
        few others. 0 to below 1.
    floor
        Least usual error of a channel, in scaled units.

    Notes
    -----
    Readings in contextual events and co-deviations: the area under the ROC curve, a mean over five simulated rooms and
    machines, is .84; untrained it is .53, that of ``max |z|`` .55. A channel that nothing else helps to predict is
    judged by its own past alone; so is a series of one channel, for which other detectors are better.

    Examples
    --------
    >>> GraphDeviation(neighbours=2).deaf
    0.5
    """

    default_window: ClassVar[int] = 16
    default_scale: ClassVar[str] = "zscore"
    quick: ClassVar[Mapping[str, Any]] = {"epochs": 12, "batch_size": 64, "learning_rate": 1e-2}

    neighbours: int = 5
    width: int = 32
    hidden: int = 64
    deaf: float = 0.5
    floor: float = 0.02
    epochs: int = 30
    batch_size: int = 128
    learning_rate: float = 3e-3
    max_windows: int = 20_000

    def __post_init__(self) -> None:
        for name in ("neighbours", "width", "hidden"):
            at_least(name, getattr(self, name), 1)
        at_least("deaf", self.deaf, 0)
        above("1 - deaf", 1 - self.deaf, 0)
        above("floor", self.floor, 0)
        check_learning(self)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train the network on ``windows`` and write it down; ``relations`` holds who follows whom."""
        predictable(windows)
        trained, costs = self._trained(windows, seed)
        later = windows.validation if windows.validation is not None and len(windows.validation) else windows
        found = errors(trained.network, later)
        usual = _usual_error(found, self.floor)
        network = Network(window=windows.length, channels=windows.channels)
        window = bounded(network)
        unit = network.constant(1 / usual)
        predicted = trained.network.write(network, window)
        sides = (last_reading(network, window), predicted)
        actual, expected = (network.op("Mul", side, unit) for side in sides)
        shared = mean_squared_error(network, actual, expected, steps=1)
        by_channel = _parted(network, shared, rare=_rare(found / usual))
        return network.seal(
            shared.score, by_channel, expected=predicted, curves=trained.curves, relations=_relations(costs)
        )

    def build(self, length: int, channels: int) -> ChannelGraph:
        """Return the network for windows of this shape, untrained."""
        from tocsin.detectors._graph_network import ChannelGraph

        return ChannelGraph(length=length, channels=channels, width=self.width, hidden=self.hidden, deaf=self.deaf)

    def _trained(self, windows: Windows, seed: int) -> tuple[Trained[ChannelGraph], FloatArray]:
        """Return the network that listens to few, and what each channel loses without each other."""
        from tocsin.detectors._graph_network import prediction_loss
        from tocsin.detectors._torch import Trained, train

        learned_from, plan = windows.every(self.stride), self.plan(seed)
        first = train(lambda: self.build(windows.length, windows.channels), prediction_loss, learned_from, plan=plan)
        costs = losses_without(first.network, windows)
        kept = _dearest(costs, self.neighbours)
        if not self.epochs or kept.sum() == kept.size - len(kept):
            return first, costs * kept
        rest = replace(plan, epochs=-(-self.epochs // 2))
        second = train(lambda: first.network.narrow(kept), prediction_loss, learned_from, plan=rest)
        curves = {name: first.curves.get(name, ()) + curve for name, curve in second.curves.items()}
        return Trained(second.network, curves), costs * kept


def errors(trained: ChannelGraph, windows: Windows, *, without: int | None = None) -> FloatArray:
    """Return the errors of the last readings' predictions, ndarray of shape (k, channels), of k windows.

    Parameters
    ----------
    trained
        The network, in evaluation mode.
    windows
        Of some of these, evenly spaced.
    without
        A channel that stands at its mean throughout, as if nobody could hear it; None for none.
    """
    import torch

    taken = windows.take(spaced(len(windows), _LOOKED_AT))
    shown = taken.copy()
    if without is not None:
        shown[:, :, without] = taken[:, :, without].mean()
    with torch.no_grad():
        predicted = trained(torch.from_numpy(shown)).numpy()
    return np.asarray(predicted - taken[:, -1], np.float64)


def losses_without(trained: ChannelGraph, windows: Windows) -> FloatArray:
    """Return how many times its squared error each channel gains without each other; shape (channels, channels).

    0 where it gains none, and on the diagonal.
    """
    usual = (errors(trained, windows) ** 2).mean(axis=0)
    columns = [(errors(trained, windows, without=k) ** 2).mean(axis=0) for k in range(windows.channels)]
    gained = np.stack(columns, axis=1) / np.maximum(usual, 1e-12)[:, None] - 1
    np.fill_diagonal(gained, 0)
    return np.asarray(np.maximum(gained, 0))


def _dearest(costs: FloatArray, most: int) -> BoolArray:
    """Return for each channel which ``most`` others it can least do without, as a mask of the shape of ``costs``."""
    ranked = costs - 2 * np.eye(len(costs))
    places = np.argsort(-ranked, axis=1, kind="stable")[:, : min(most, len(costs) - 1)]
    kept = np.zeros(costs.shape, np.bool_)
    np.put_along_axis(kept, places, True, axis=1)
    return kept


def _relations(costs: FloatArray) -> tuple[tuple[float, ...], ...]:
    """Return how much each channel follows each other, as shares: what is not missed counts for nothing.

    >>> _relations(np.array([[0, 3.0, 9.0], [0.4, 0, 0.2], [2.0, 0, 0]]))
    ((0.0, 0.25, 0.75), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    """
    missed = np.where(costs >= 1, costs, 0)
    share = missed / np.maximum(missed.sum(axis=1, keepdims=True), 1e-12)
    return tuple(tuple(round(value, 4) for value in row) for row in share.tolist())


def _parted(network: Network, shared: Shared, *, rare: FloatArray) -> str:
    """Add each channel's share: a channel that is often far off tells less of a cause than one that never is."""
    parts = network.op("Mul", shared.by_channel, network.constant(1 / rare))
    return parted(network, parts, network.op("Reshape", shared.score, network.integers([-1, 1])))


def _rare(relative: FloatArray) -> FloatArray:
    """Return the square that one normal window in a hundred exceeds, of errors in units of the usual ones; 1 at least.

    >>> _rare(np.array([[0.5, 3.0], [0.5, -3.0]])).tolist()
    [1.0, 9.0]
    """
    return np.asarray(np.maximum(np.quantile(relative**2, 0.99, axis=0), 1.0))


def _usual_error(found: FloatArray, floor: float) -> FloatArray:
    """Return the usual size of each channel's errors: their median, as a normal distribution's deviation.

    >>> _usual_error(np.array([[1.0], [-1.0], [1.0], [0.0]]), 0.1).round(4).tolist()
    [1.4826]
    """
    typical = 1.4826 * np.median(np.abs(found), axis=0)
    rare = np.sqrt((found**2).mean(axis=0)) / _RARE
    return np.asarray(np.maximum(np.maximum(typical, rare), floor))
