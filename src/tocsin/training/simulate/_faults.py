"""What can go wrong with readings: a fault as a value, and the pure function that lets faults happen to an array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.errors import SettingError
from tocsin.training.simulate._kinds import KINDS, Scene


@dataclass(frozen=True)
class Fault:
    """One fault: what happens to which channels, from which reading on, for how long and how strongly.

    Parameters
    ----------
    kind
        ``spike``: up at once, fading by half each reading. ``drop``: down at once, staying there. ``level_shift``: up
        or down at once, staying there. ``drift``: away in equal steps. ``stuck``: the first value repeats; the size is
        not used. ``dropout``: towards 0 and at most to 0, as when part of the samples behind a reading is lost.
        ``noise_burst``: Gaussian noise on top. ``co_deviation``: several channels swell and subside together.
        ``contextual``: what the channels showed ``lag`` readings earlier, so that no value is strange by itself; the
        size is not used. A missing value is a gap and not an anomaly, so no kind makes one.
    start
        Row of the first faulty reading.
    length
        Number of faulty readings.
    channels
        Columns that the fault touches.
    size
        How far the value is pushed at most, in deviations of its channel; negative pushes the other way. Of a
        ``noise_burst``, the noise's own deviation.
    lag
        Of a ``contextual`` fault: how many readings earlier its values stand; negative for later ones.
    seed
        Of a ``noise_burst``: same seed, same noise.

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
    lag: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SettingError(f"There is no fault {self.kind!r}.", remedy=f"Choose one of: {', '.join(KINDS)}.")
        if self.start < 0 or self.length < 1 or not self.channels:
            raise SettingError("A fault starts at row 0 or later, lasts one reading or more and touches a channel.")
        if self.kind == "contextual" and not self.lag:
            raise SettingError("A contextual fault shows values of another time.", remedy="Give a lag other than 0.")

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
        _check_inside(fault, values.shape)
        rows, columns = slice(fault.start, fault.end), list(fault.channels)
        other = slice(fault.start - fault.lag, fault.end - fault.lag)
        scene = Scene(faulty[rows, columns], fault.size * unit[columns], values[other, columns], fault.seed)
        faulty[rows, columns] = KINDS[fault.kind].apply(scene)
    return faulty


def _check_inside(fault: Fault, shape: tuple[int, ...]) -> None:
    first, last = fault.start - max(fault.lag, 0), fault.end - min(fault.lag, 0)
    if first < 0 or last > shape[0] or max(fault.channels) >= shape[1]:
        raise SettingError(
            f"The {fault.kind} in rows {fault.start} to {fault.end - 1}, channels {fault.channels} lies outside "
            f"the {shape[0]} × {shape[1]} readings.",
            remedy="Give rows and columns that exist, counted from 0.",
        )
