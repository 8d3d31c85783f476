"""What the picture of an explained verdict shows, as plain arrays: no matplotlib is needed to gather it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Scene:
    """A verdict, and the readings around it.

    Parameters
    ----------
    title, story
        The verdict in a few words, and sentences below it.
    names
        The channels, with their units.
    remarks
        What stands over each channel's readings, such as what it showed.
    time
        ndarray of shape (n,), int64: ns, or row numbers where rows are the clock.
    values, expected
        ndarrays of shape (n, channels), float64: readings, and what was expected of them; of shape (n, 0) where
        nothing was.
    band
        ndarray of shape (channels,), float64: how far a normal reading strays from what was expected; NaN where
        nobody knows.
    usual
        ndarray of shape (channels,), float64.
    score, limit
        ndarrays of shape (n,), float64, NaN where there is none.
    place, window
        The verdict's place in these arrays, and how many readings its window has.
    portions
        ndarray of shape (channels,), float64: each channel's portion of the score, 1 being all; NaN where unknown.
    portions_of
        What they are portions of, in a few words.
    over_time
        ndarray of shape (window, channels), float64: the part of each reading in the window, or None.
    incident
        Start and end of the incident that it belongs to, or None.
    row_clock
        Are rows counted, because the readings have no clock?
    """

    title: str
    story: Sequence[str]
    names: Sequence[str]
    remarks: Sequence[str]
    time: IntArray
    values: FloatArray
    expected: FloatArray
    band: FloatArray
    usual: FloatArray
    score: FloatArray
    limit: FloatArray
    place: int
    window: int
    portions: FloatArray
    portions_of: str
    over_time: FloatArray | None
    incident: tuple[int, int] | None
    row_clock: bool

    def along(self) -> npt.NDArray[np.generic]:
        """Return the time axis as matplotlib takes it."""
        return self.time if self.row_clock else self.time.astype("datetime64[ns]")

    def leading(self, most: int) -> list[int]:
        """Return up to ``most`` channels, those with the greatest portions up or down; greatest portion first."""
        size = np.nan_to_num(np.abs(self.portions), nan=-1.0)
        chosen = np.sort(np.argsort(-size, kind="stable")[:most])
        order = np.argsort(-np.nan_to_num(self.portions[chosen], nan=-np.inf), kind="stable")
        return [int(channel) for channel in chosen[order]]
