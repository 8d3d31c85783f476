"""The kinds of faults: what each does to a stretch of readings, and what is usual for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tocsin.core.arrays import FloatArray


class Scene(NamedTuple):
    """Where a fault happens.

    Parameters
    ----------
    stretch
        ndarray of shape (length, k), float64: the readings that it touches, in the channels' units.
    push
        ndarray of shape (k,), float64: the fault's size, in the channels' units.
    elsewhere
        ndarray of shape (length, k), float64: what the same channels read at the other time that the fault names.
    seed
        Of the fault's own chance.
    """

    stretch: FloatArray
    push: FloatArray
    elsewhere: FloatArray
    seed: int


class Kind(NamedTuple):
    """How a kind of fault changes readings, and what is usual for it at ten minutes a reading."""

    apply: Callable[[Scene], FloatArray]
    lengths: tuple[int, int]
    sizes: tuple[float, float] = (0.5, 6.0)
    channels: tuple[int, int] = (1, 1)
    both_ways: bool = False
    sized: bool = True
    """False where the readings decide how far the fault leads, not its size."""
    largest: float = 6.0
    """What an effect may measure at most in a simulated series, in deviations; more would be absurd."""


def spike(here: Scene) -> FloatArray:
    """Jump by the push and lose half of what is left with every reading."""
    return here.stretch + here.push * 0.5 ** np.arange(len(here.stretch))[:, None]


def drop(here: Scene) -> FloatArray:
    """Fall by the push and stay there."""
    return here.stretch - here.push


def level_shift(here: Scene) -> FloatArray:
    """Move by the push, up or down, and stay there."""
    return here.stretch + here.push


def drift(here: Scene) -> FloatArray:
    """Move away in equal steps; the last reading is off by the push."""
    length = len(here.stretch)
    return here.stretch + here.push * (np.arange(1, length + 1) / length)[:, None]


def stuck(here: Scene) -> FloatArray:
    """Repeat the first value."""
    return np.repeat(here.stretch[:1], len(here.stretch), axis=0)


def dropout(here: Scene) -> FloatArray:
    """Sink towards 0 by the push, and never past it."""
    return np.asarray(np.sign(here.stretch) * np.maximum(np.abs(here.stretch) - np.abs(here.push), 0))


def noise_burst(here: Scene) -> FloatArray:
    """Add Gaussian noise whose deviation is the push."""
    return here.stretch + here.push * np.random.default_rng(here.seed).standard_normal(here.stretch.shape)


def co_deviation(here: Scene) -> FloatArray:
    """Swell to the push in the middle and subside, all channels in step."""
    length = len(here.stretch)
    return here.stretch + here.push * np.sin(np.pi * (np.arange(length) + 0.5) / length)[:, None]


def contextual(here: Scene) -> FloatArray:
    """Show what was normal at another time."""
    return here.elsewhere.copy()


KINDS: dict[str, Kind] = {
    "spike": Kind(spike, lengths=(1, 3)),
    "drop": Kind(drop, lengths=(2, 8)),
    "level_shift": Kind(level_shift, lengths=(6, 18), both_ways=True),
    "drift": Kind(drift, lengths=(12, 30), both_ways=True),
    "stuck": Kind(stuck, lengths=(8, 20), sized=False),
    "dropout": Kind(dropout, lengths=(2, 5)),
    "noise_burst": Kind(noise_burst, lengths=(6, 14), sizes=(0.5, 2.5)),
    "co_deviation": Kind(co_deviation, lengths=(6, 14), sizes=(0.5, 3.0), channels=(3, 5)),
    "contextual": Kind(contextual, lengths=(6, 18), sized=False, largest=math.inf),
}
