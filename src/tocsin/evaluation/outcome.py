"""The outcome: what was said of readings whose truth is known. Every metric, table and picture starts from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

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

    @property
    def severity(self) -> FloatArray:
        """How far scores lie above their limits, ndarray of shape (n,), float64; above 1 exactly where score > limit.

        Score / limit, and 1 + score − limit where the limit is 0 or below, so that ranks stay. NaN without a score;
        the score itself where there is no limit.
        """
        limit = np.nan_to_num(self.limit, nan=1.0)
        positive = limit > 0
        return np.where(positive, self.score / np.where(positive, limit, 1.0), 1 + self.score - limit)

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

    @staticmethod
    def join(parts: Sequence[Outcome]) -> Outcome:
        """Return the parts one after the other; kinds and sizes are kept where all parts know them."""
        kinds = [part.kind for part in parts if part.kind is not None]
        sizes = [part.size for part in parts if part.size is not None]
        return Outcome(
            labels=np.concatenate([part.labels for part in parts]),
            score=np.concatenate([part.score for part in parts]),
            anomaly=np.concatenate([part.anomaly for part in parts]),
            told=np.concatenate([part.told for part in parts]),
            limit=np.concatenate([part.limit for part in parts]),
            time=np.concatenate([part.time for part in parts]),
            device=np.concatenate([part.device for part in parts]),
            row_clock=parts[0].row_clock,
            kind=np.concatenate(kinds) if len(kinds) == len(parts) else None,
            size=np.concatenate(sizes) if len(sizes) == len(parts) else None,
        )

    def save(self, path: Path) -> None:
        """Write the outcome to ``path``, a NumPy archive; :meth:`load` reads it."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        np.savez_compressed(path, allow_pickle=False, **{k: v for k, v in arrays.items() if v is not None})

    @staticmethod
    def load(path: Path) -> Outcome:
        """Read what :meth:`save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            held = {name: file[name] for name in file.files}
        return Outcome(**{**held, "row_clock": bool(held["row_clock"])})
