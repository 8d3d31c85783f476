"""Slow change that is no fault: what is normal moves, and labels stay 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.errors import SettingError

Way = Literal["seasonal", "ageing", "maintenance"]
WAYS: tuple[str, ...] = get_args(Way)


@dataclass(frozen=True)
class Drift:
    """A slow change of what is normal.

    Parameters
    ----------
    way
        ``seasonal``: the level of all channels rises and falls in one slow wave, a year as seen from far off; the
        readings hold half of it, so the last ones are farthest from the first. ``ageing``: one channel's offset and
        noise grow from nothing. ``maintenance``: at some moment between 55 % and 75 % of the time all channels step to
        another level, and stay normal there.
    size
        The greatest change of a level, in deviations of its channel.

    Raises
    ------
    SettingError
        If there is no such way to drift, or the size is not above 0.

    Examples
    --------
    >>> moved = Drift("ageing", size=3).shift(1000, np.ones(4), rng=np.random.default_rng(0))
    >>> int((np.abs(moved[-100:]).mean(axis=0) > 2).sum())
    1
    """

    way: Way
    size: float = 2.0

    def __post_init__(self) -> None:
        if self.way not in WAYS:
            raise SettingError(f"Nothing drifts in a way called {self.way!r}.", remedy=f"Choose: {', '.join(WAYS)}.")
        if not self.size > 0:
            raise SettingError(f"The drift's size is {self.size:g}.", remedy="Give a number above 0.")

    def shift(self, rows: int, deviation: FloatArray, *, rng: np.random.Generator) -> FloatArray:
        """Return what is to be added to normal readings, ndarray of shape (rows, channels), float64.

        Parameters
        ----------
        rows
            Number of readings, in order of time.
        deviation
            ndarray of shape (channels,), float64: the unit of the size for each channel.
        rng
            Where chance comes from: which channel ages, which way levels go, when maintenance is done.
        """
        made = {"seasonal": _seasonal, "ageing": _ageing, "maintenance": _maintenance}[self.way]
        return self.size * made(rows, len(deviation), rng) * deviation


def _seasonal(rows: int, channels: int, rng: np.random.Generator) -> FloatArray:
    wave = (1 - np.cos(np.pi * np.arange(rows) / rows)) / 2
    return np.outer(wave, _levels(channels, rng))


def _ageing(rows: int, channels: int, rng: np.random.Generator) -> FloatArray:
    """Return an offset that grows to 1, and noise that grows to half of it, in one channel."""
    grown = np.arange(1, rows + 1) / rows
    moved = np.zeros((rows, channels))
    moved[:, rng.integers(channels)] = grown * (rng.choice((-1.0, 1.0)) + 0.5 * rng.standard_normal(rows))
    return moved


def _maintenance(rows: int, channels: int, rng: np.random.Generator) -> FloatArray:
    done = np.arange(rows) >= rng.uniform(0.55, 0.75) * rows
    return np.outer(done, _levels(channels, rng))


def _levels(channels: int, rng: np.random.Generator) -> FloatArray:
    """Return how far each channel goes, and which way: one goes all the way, the others half of it or more."""
    levels = rng.uniform(0.5, 1.0, channels) * rng.choice((-1.0, 1.0), channels)
    return np.asarray(levels / np.abs(levels).max())
