"""What all detectors with a network share: the settings of training, their checks, and where their inputs are cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tocsin.core.windows import Windows
from tocsin.detectors._settings import above, at_least, enough, installed, one_of
from tocsin.graph.network import Network

if TYPE_CHECKING:
    from tocsin.detectors._torch import Plan

_LARGEST = 1e9
"""Inputs are cut here, far beyond any scaled value: what a network makes of more, squared, might leave float32."""


@dataclass(frozen=True, kw_only=True)
class Learning:
    """How a network is trained: settings that every detector with a network has, beside its own.

    Parameters
    ----------
    epochs
        Passes over the training windows, at most. 0 leaves the weights as chance made them, which shows what training
        is worth.
    batch_size
        Windows per step of the optimiser.
    learning_rate
        Step size of Adam.
    patience
        Stop after so many epochs without a lesser loss on the later windows of ``windows.validation``, and take the
        best epoch's weights. 0, or no validation windows: all epochs, and the last epoch's weights.
    device
        "auto" (CUDA where there is any), "cpu" or "cuda". Same seed, same graph holds on the CPU.
    stride
        Learn from every ``stride``-th window only.
    max_windows
        Learn from at most so many windows, evenly spaced over the whole time, so that training on a million readings
        takes no longer than on a hundred thousand; the same holds for validation windows.
    """

    epochs: int = 50
    batch_size: int = 64
    learning_rate: float = 1e-3
    patience: int = 5
    device: Literal["auto", "cpu", "cuda"] = "auto"
    stride: int = 1
    max_windows: int = 100_000

    def plan(self, seed: int) -> Plan:
        """Return how to train."""
        from tocsin.detectors._torch import Plan

        return Plan(
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            patience=self.patience,
            max_windows=self.max_windows,
            device=self.device,
            seed=seed,
        )


def check_learning(settings: Learning) -> None:
    """Raise SettingError unless a network can be trained so."""
    above("learning_rate", settings.learning_rate, 0)
    for name in ("epochs", "patience"):
        at_least(name, getattr(settings, name), 0)
    for name in ("batch_size", "stride", "max_windows"):
        at_least(name, getattr(settings, name), 1)
    one_of("device", settings.device, ("auto", "cpu", "cuda"))


def check_units(name: str, units: tuple[int, ...]) -> None:
    """Raise SettingError unless ``units`` names at least one layer, each with at least one unit."""
    at_least(name, len(units) and min(units), 1)


def learnable(windows: Windows) -> None:
    """Raise unless PyTorch is there, and windows to learn from are."""
    installed("Training a network", library="PyTorch", module="torch")
    enough(windows)


def bounded(network: Network) -> str:
    """Add the window, cut where its square could leave float32; return its name, shape (n, window, channels)."""
    return network.op("Clip", network.input, network.constant(-_LARGEST), network.constant(_LARGEST))
