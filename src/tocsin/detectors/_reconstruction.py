"""What the detectors share that redraw a window and score how badly: their settings, checks, and the scoring itself."""

from __future__ import annotations

from typing import Protocol

from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._settings import above, at_least, enough, installed, one_of
from tocsin.graph.network import Network
from tocsin.graph.shares import Shared, mean_squared_error

LOSSES = ("squared", "absolute", "huber")
"""What a training can minimise."""

_LARGEST = 1e9
"""Inputs are cut here: what a network makes of anything greater, squared, might leave float32."""


class Training(Protocol):
    """The settings of training that all have; each detector explains them where it offers them."""

    @property
    def epochs(self) -> int:
        """Passes over the training windows, at most."""

    @property
    def batch_size(self) -> int:
        """Windows per step of the optimiser."""

    @property
    def learning_rate(self) -> float:
        """Step size of Adam."""

    @property
    def patience(self) -> int:
        """Epochs without a lesser loss on later windows before training stops."""

    @property
    def loss(self) -> str:
        """What training minimises, one of LOSSES."""

    @property
    def dropout(self) -> float:
        """Share of a layer's outputs set to 0 while training."""

    @property
    def score(self) -> str:
        """What is judged: the "last" step, or the "mean" of all."""

    @property
    def device(self) -> str:
        """Where to train."""

    @property
    def stride(self) -> int:
        """Learn from every so many windows only."""

    @property
    def max_windows(self) -> int:
        """Learn from at most so many windows."""


def check_training(settings: Training) -> None:
    """Raise SettingError if one of the shared settings cannot work."""
    above("learning_rate", settings.learning_rate, 0)
    at_least("patience", settings.patience, 0)
    for name in ("epochs", "batch_size", "stride", "max_windows"):
        at_least(name, getattr(settings, name), 1)
    within("dropout", settings.dropout, 0, 1)
    one_of("loss", settings.loss, LOSSES)
    one_of("score", settings.score, ("last", "mean"))
    one_of("device", settings.device, ("auto", "cpu", "cuda"))


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


def ready(windows: Windows, *, what: str) -> None:
    """Raise unless PyTorch is there for ``what``, such as "Training an autoencoder", and windows to learn from are."""
    installed(what, library="PyTorch", module="torch")
    enough(windows)


def clipped(network: Network) -> str:
    """Add the window, cut where its square could leave float32; return its name, shape (n, window, channels)."""
    return network.op("Clip", network.input, network.constant(-_LARGEST), network.constant(_LARGEST))


def judged(network: Network, steps: str, score: str) -> str:
    """Add the part of ``steps``, of shape (n, window, channels), that is judged: the last step, or all of them.

    Returns the name of a tensor of shape (n, channels) for "last", and ``steps`` itself for "mean".
    """
    if score == "mean":
        return steps
    return network.op("Gather", steps, network.integers(network.window - 1), attributes={"axis": 1})


def redrawing_error(network: Network, window: str, redrawn: str, *, score: str) -> Shared:
    """Add the mean squared difference of two tensors of shape (n, window, channels), in the steps that are judged."""
    actual, expected = (judged(network, steps, score) for steps in (window, redrawn))
    return mean_squared_error(network, actual, expected, steps=network.window if score == "mean" else 1)
