"""Settings that detectors with a network have in common: their checks, and the plan they make for the training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tocsin.detectors._settings import above, at_least, one_of

if TYPE_CHECKING:
    from tocsin.detectors._torch import Plan


class Learning(Protocol):
    """A detector with these settings."""

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
        """Epochs without a lesser loss on validation windows before training stops."""

    @property
    def max_windows(self) -> int:
        """Learn from at most so many windows."""

    @property
    def device(self) -> str:
        """Where to train."""


def check_learning(settings: Learning) -> None:
    """Raise SettingError unless a network can be trained so."""
    above("learning_rate", settings.learning_rate, 0)
    at_least("patience", settings.patience, 0)
    for name in ("epochs", "batch_size", "max_windows"):
        at_least(name, getattr(settings, name), 1)
    one_of("device", settings.device, ("auto", "cpu", "cuda"))


def check_units(name: str, units: tuple[int, ...]) -> None:
    """Raise SettingError unless ``units`` names at least one layer, each with at least one unit."""
    at_least(name, len(units) and min(units), 1)


def plan_of(settings: Learning, seed: int) -> Plan:
    """Return how to train with ``settings``."""
    from tocsin.detectors._torch import Plan

    return Plan(
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        patience=settings.patience,
        max_windows=settings.max_windows,
        device=settings.device,
        seed=seed,
    )
