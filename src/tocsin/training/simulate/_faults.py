"""What can go wrong with readings: a fault as a value, and the pure functions that apply it to an array."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.errors import SettingError

Apply = Callable[[FloatArray, FloatArray], FloatArray]
"""From a stretch of shape (length, k) and a push of shape (k,), both in the channels' units, to the faulty stretch."""


class Kind(NamedTuple):
    """How a kind of fault changes readings, and what is usual for it at ten minutes a reading."""

    apply: Apply
    lengths: tuple[int, int]
    sizes: tuple[float, float] = (0.5, 6.0)
    channels: tuple[int, int] = (1, 1)
    both_ways: bool = False


@dataclass(frozen=True)
class Fault:
    """One fault: what happens to which channels, from which reading on, for how long and how strongly.

    Parameters
    ----------
    kind
        ``spike``: up at once, fading by half each reading. ``drop``: down at once, staying there. ``drift``: away in
        equal steps. ``stuck``: the first value repeats; the size is not used. ``dropout``: towards 0 and at most to 0,
        as when part of the samples behind a reading is lost. ``co_deviation``: several channels swell and subside
        together. A missing value is a gap and not an anomaly, so no kind makes one.
    start
        Row of the first faulty reading.
    length
        Number of faulty readings.
    channels
        Columns that the fault touches.
    size
        How far the value is pushed at most, in deviations of its channel; negative pushes the other way.

    Examples
    --------
    >>> Fault("drift", start=144, length=12, channels=(0,), size=2.5).end
    156
    """

    kind: str
    start: int
    length: int
    channels: tuple[int, ...]
    size: float = 3.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SettingError(f"There is no fault {self.kind!r}.", remedy=f"Choose one of: {', '.join(KINDS)}.")
        if self.start < 0 or self.length < 1 or not self.channels:
            raise SettingError("A fault starts at row 0 or later, lasts one reading or more and touches a channel.")

    @property
    def end(self) -> int:
        """Row after the last faulty reading."""
        return self.start + self.length


def inject(values: FloatArray, faults: Sequence[Fault], *, deviation: FloatArray | None = None) -> FloatArray:
    """Return a copy of ``values`` in which the faults have happened, one after the other.

    Parameters
    ----------
    values
        ndarray of shape (rows, channels), float64: readings in order of time. NaN stays NaN.
    faults
        What shall happen, in rows and columns of ``values``.
    deviation
        ndarray of shape (channels,), float64: the unit of :attr:`Fault.size` for each channel, such as its spread about
        its daily rhythm; by default each column's standard deviation.

    Raises
    ------
    SettingError
        If a fault lies outside ``values``.

    Examples
    --------
    >>> quiet = np.zeros((6, 2))
    >>> inject(quiet, [Fault("spike", 2, 3, (1,), size=4)], deviation=np.array([1.0, 0.5]))[:, 1].tolist()
    [0.0, 0.0, 2.0, 1.0, 0.5, 0.0]
    """
    unit = np.nanstd(values, axis=0) if deviation is None else deviation
    faulty = np.array(values, np.float64)
    for fault in faults:
        if fault.end > len(values) or max(fault.channels) >= values.shape[1]:
            raise SettingError(
                f"The {fault.kind} in rows {fault.start} to {fault.end - 1}, channels {fault.channels} lies outside "
                f"the {len(values)} × {values.shape[1]} readings.",
                remedy="Give rows and columns that exist, counted from 0.",
            )
        rows, columns = slice(fault.start, fault.end), list(fault.channels)
        faulty[rows, columns] = KINDS[fault.kind].apply(faulty[rows, columns], fault.size * unit[columns])
    return faulty


def spike(stretch: FloatArray, push: FloatArray) -> FloatArray:
    """Jump by ``push`` and lose half of what is left with every reading."""
    return stretch + push * 0.5 ** np.arange(len(stretch))[:, None]


def drop(stretch: FloatArray, push: FloatArray) -> FloatArray:
    """Fall by ``push`` and stay there."""
    return stretch - push


def drift(stretch: FloatArray, push: FloatArray) -> FloatArray:
    """Move away in equal steps; the last reading is off by ``push``."""
    return stretch + push * (np.arange(1, len(stretch) + 1) / len(stretch))[:, None]


def stuck(stretch: FloatArray, push: FloatArray) -> FloatArray:  # noqa: ARG001  # how far it errs is up to the truth
    """Repeat the first value."""
    return np.repeat(stretch[:1], len(stretch), axis=0)


def dropout(stretch: FloatArray, push: FloatArray) -> FloatArray:
    """Sink towards 0 by ``push``, and never past it."""
    return np.asarray(np.sign(stretch) * np.maximum(np.abs(stretch) - np.abs(push), 0))


def co_deviation(stretch: FloatArray, push: FloatArray) -> FloatArray:
    """Swell to ``push`` in the middle and subside, all channels in step."""
    return stretch + push * np.sin(np.pi * (np.arange(len(stretch)) + 0.5) / len(stretch))[:, None]


KINDS: dict[str, Kind] = {
    "spike": Kind(spike, lengths=(1, 3)),
    "drop": Kind(drop, lengths=(2, 8)),
    "drift": Kind(drift, lengths=(12, 30), both_ways=True),
    "stuck": Kind(stuck, lengths=(8, 20)),
    "dropout": Kind(dropout, lengths=(2, 5)),
    "co_deviation": Kind(co_deviation, lengths=(6, 14), sizes=(0.5, 3.0), channels=(3, 5)),
}
