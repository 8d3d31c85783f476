"""What the detectors share that redraw a window and score how badly: settings, training, and the scoring itself."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._learning import Learning, bounded, check_learning, learnable
from tocsin.detectors._rows import last_reading
from tocsin.detectors._settings import at_least, one_of
from tocsin.graph.network import Network
from tocsin.graph.shares import Judgement, Shared, mean_squared_error

if TYPE_CHECKING:
    from torch import Tensor, nn

    from tocsin.detectors._redrawing import Apart
    from tocsin.detectors._torch import Loss

FLATTEST = 0.1
"""Least deviation, in scaled units, by which a window is divided: what moves less is noise, not to be blown up."""


@dataclass(frozen=True, kw_only=True)
class Reconstruction(Learning, Detector):
    """A network that redraws windows: settings that every such detector has, beside its own.

    Parameters
    ----------
    loss
        What training minimises: "squared", or less led by stray readings in what it learns from: "absolute", or
        "huber", which is squared up to a tenth of a scaled unit and then grows in proportion. The score stays squared.
    dropout
        Share of each layer's outputs that is set to 0, at random, while training; 0 for none.
    normalisation
        "none": the network sees scaled values. "window": each channel less its mean in the window, divided by its
        deviation there, or by a tenth of a scaled unit where that is more; so shapes count and levels do not.
    augment_faults
        Share of the training windows into which a fault is put, in one channel or several: a spike, a drift, an offset,
        a stuck value, noise or another scale. The network is to redraw the window as it was before, so that it does
        not learn to redraw faults. 0 for none: on simulated rooms and machines faults in training did not pay in the
        mean (docs/explanation/deep.md).
    score
        "last": what is wrong with the window's last step, which reacts at once. "mean": with all its steps, smoother
        and later.
    """

    default_scale: ClassVar[str] = "zscore"

    loss: Literal["squared", "absolute", "huber"] = "squared"
    dropout: float = 0.0
    normalisation: Literal["none", "window"] = "none"
    augment_faults: float = 0.0
    score: Literal["last", "mean"] = "last"
    epochs: int = 100
    patience: int = 10

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train the network on ``windows`` and write it down as a graph; ``curves`` holds the loss of each epoch."""
        learnable(windows)
        from tocsin.detectors._torch import train

        length, channels = windows.length, windows.channels
        learned_from = windows.every(self.stride)
        trained = train(lambda: self.build(length, channels), self.lesson(), learned_from, plan=self.plan(seed))
        network = Network(window=length, channels=channels)
        return replace(self.sealed(network, trained.network), curves=trained.curves)

    def lesson(self) -> Loss[nn.Module]:
        """Return what training minimises."""
        from tocsin.detectors._redrawing import lesson

        flattest = FLATTEST if self._by_window else None
        return lesson(self.apart(), self.spoil, faults=self.augment_faults, flattest=flattest)

    def sealed(self, network: Network, trained: nn.Module) -> Graph:
        """Return the graph that scores windows of the shape of ``network`` with what was trained."""
        raw = bounded(network)
        level = levelled(network, raw) if self._by_window else None
        said = self.judge(network, trained, raw if level is None else level.window)
        expected = said.expected if level is None else level.raised(network, said.expected)
        return network.seal(said.score, said.by_channel, expected=expected)

    @abstractmethod
    def build(self, length: int, channels: int) -> nn.Module:
        """Return the network for windows of this shape, untrained."""

    def spoil(self, windows: Tensor) -> Tensor:
        """Return what the network is shown, while it learns, instead of ``windows`` of shape (n, window, channels)."""
        return windows

    def apart(self) -> Apart:
        """Return the loss: how far what the network makes of some windows is from others."""
        from tocsin.detectors._redrawing import redrawn_apart

        return redrawn_apart(self.loss)

    def judge(self, network: Network, trained: nn.Module, window: str) -> Judgement:
        """Add the score of ``window``, of shape (n, window, channels), each channel's share, and what was expected."""
        from tocsin.detectors._redrawing import Redrawing

        assert isinstance(trained, Redrawing)
        redrawn = trained.write(network, window)
        error = redrawing_error(network, window, redrawn, score=self.score)
        return Judgement(*error, last_reading(network, redrawn))

    @property
    def _by_window(self) -> bool:
        return self.normalisation == "window"


def check_redrawing(settings: Reconstruction) -> None:
    """Raise SettingError if one of the shared settings cannot work."""
    check_learning(settings)
    within("dropout", settings.dropout, 0, 1)
    at_least("augment_faults", settings.augment_faults, 0)
    if settings.augment_faults > 1:
        raise SettingError(f"augment_faults is {settings.augment_faults!r}.", remedy="It is a share: 1 at most.")
    one_of("loss", settings.loss, ("squared", "absolute", "huber"))
    one_of("normalisation", settings.normalisation, ("none", "window"))
    one_of("score", settings.score, ("last", "mean"))


def within(name: str, value: float, least: float, below: float) -> None:
    """Raise SettingError unless ``value`` is a number from ``least`` to less than ``below``."""
    at_least(name, value, least)
    if not value < below:
        raise SettingError(f"{name} is {value!r}.", remedy=f"It must be below {below}.")


def odd(name: str, value: int) -> None:
    """Raise SettingError unless ``value`` is an odd number."""
    at_least(name, value, 1)
    if value % 2 == 0:
        raise SettingError(f"{name} is {value!r}.", remedy="It must be an odd number, so that it has a middle.")


class Levelled(NamedTuple):
    """Names of a window less each channel's mean in it, in units of its deviation there, and of both of those."""

    window: str
    """Shape (n, window, channels)."""
    mean: str
    """Shape (n, 1, channels)."""
    deviation: str
    """The same shape; FLATTEST at least."""

    def raised(self, network: Network, row: str) -> str:
        """Add ``row`` of shape (n, channels) brought back to where the window was."""
        shape = network.integers([-1, network.channels])
        mean, deviation = (network.op("Reshape", each, shape) for each in (self.mean, self.deviation))
        return network.op("Add", network.op("Mul", row, deviation), mean)


def levelled(network: Network, window: str) -> Levelled:
    """Add ``window`` less each channel's mean in it, divided by its deviation, or by FLATTEST where that is more."""
    mean = _mean(network, window)
    centred = network.op("Sub", window, mean)
    deviation = network.op("Sqrt", _mean(network, network.op("Mul", centred, centred)))
    least = network.op("Max", deviation, network.constant(FLATTEST))
    return Levelled(network.op("Div", centred, least), mean, least)


def _mean(network: Network, steps: str) -> str:
    """Add the mean over time, shape (n, 1, channels): a product with one matrix, the same for every batch."""
    length, channels = network.window, network.channels
    row = network.op("Reshape", steps, network.integers([-1, length * channels]))
    mean = network.op("MatMul", row, network.constant(np.tile(np.eye(channels), (length, 1)) / length))
    return network.op("Reshape", mean, network.integers([-1, 1, channels]))


def judged(network: Network, steps: str, score: str) -> str:
    """Add the part of ``steps``, of shape (n, window, channels), that is judged: the last step, or all of them.

    Returns the name of a tensor of shape (n, channels) for "last", and ``steps`` itself for "mean".
    """
    return steps if score == "mean" else last_reading(network, steps)


def redrawing_error(network: Network, window: str, redrawn: str, *, score: str) -> Shared:
    """Add the mean squared difference of two tensors of shape (n, window, channels), in the steps that are judged."""
    actual, expected = (judged(network, steps, score) for steps in (window, redrawn))
    return mean_squared_error(network, actual, expected, steps=network.window if score == "mean" else 1)
