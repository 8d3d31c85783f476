"""The outcome: what was said of readings whose truth is known. Every metric, table and picture starts from it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Outcome:
    """Scores and flags beside the labels, one entry a reading, in order of time within each device.

    Parameters
    ----------
    labels
        ndarray of shape (n,), bool: labelled anomalous?
    score
        ndarray of shape (n,), float64: higher is stranger; NaN where there is none.
    anomaly
        ndarray of shape (n,), bool: is the score above the limit, which was found before these readings were seen?
    told
        ndarray of shape (n,), bool: does the reading lie in an incident that the alarm policy told?
    limit
        ndarray of shape (n,), float64: the limit in force; NaN where there is none.
    time
        ndarray of shape (n,), int64: ns since the epoch, or the row's number where ``row_clock``.
    device
        ndarray of shape (n,), int64: index of the device.
    row_clock
        Are the times row numbers?
    kind
        ndarray of shape (n,), str, or None where nobody knows: the kind of the labelled event, "" outside.
    size
        ndarray of shape (n,), float64, or None: the size of the labelled event in σ, NaN where unknown.
    """

    labels: BoolArray
    score: FloatArray
    anomaly: BoolArray
    told: BoolArray
    limit: FloatArray
    time: IntArray
    device: IntArray
    row_clock: bool = False
    kind: npt.NDArray[np.str_] | None = None
    size: FloatArray | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            array = getattr(self, field.name)
            if isinstance(array, np.ndarray) and array.shape != self.labels.shape:
                raise ValueError(f"{field.name} has shape {array.shape}, labels have shape {self.labels.shape}")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def scored(self) -> BoolArray:
        """Which readings have a score, ndarray of shape (n,), bool; metrics leave the others out, and count them."""
        return np.isfinite(self.score)

    def take(self, index: IntArray | BoolArray | slice) -> Outcome:
        """Return the readings at ``index``, in that order."""
        return Outcome(
            labels=self.labels[index],
            score=self.score[index],
            anomaly=self.anomaly[index],
            told=self.told[index],
            limit=self.limit[index],
            time=self.time[index],
            device=self.device[index],
            row_clock=self.row_clock,
            kind=None if self.kind is None else self.kind[index],
            size=None if self.size is None else self.size[index],
        )
