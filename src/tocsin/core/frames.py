"""Frames: what a watch has just judged, as columns, for those who look on; nothing is kept of them for later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tocsin.core.arrays import BoolArray, ByteArray, Float32Array, FloatArray, IntArray

UNKNOWN = -1
"""The cause of a verdict that is not anomalous, or whose score belongs to no channel."""

_DIGITS = 6
_COLUMNS = ("device", "time", "values", "score", "limit", "status", "cause")


@dataclass(frozen=True, eq=False)
class Frame:
    """Verdicts of one duty with the values that they are about.

    Parameters
    ----------
    duty
        Its name.
    artifact
        What tells the artifact's versions apart.
    row_clock
        Are times row numbers, since the readings have no clock?
    channels
        Names of the channels, in the order of the columns of ``values``.
    devices
        Names of devices.
    device
        ndarray of shape (n,), int64: index into ``devices``.
    time, score, limit, status
        ndarrays of shape (n,), as in :class:`~tocsin.core.verdicts.Verdicts`.
    values
        ndarray of shape (n, channels), float32: the values as they were judged, NaN where there was none.
    cause
        ndarray of shape (n,), int64: the channel with the greatest share of an anomalous score, else ``UNKNOWN``.

    Examples
    --------
    >>> one = np.array([0])
    >>> frame = Frame("", "v1", False, ("temp",), ("pump-1",), one, one, np.array([[21.5]], np.float32),
    ...               score=np.array([3.0]), limit=np.array([2.0]), status=one.astype(np.uint8), cause=one)
    >>> frame.severity.tolist(), frame.document()["values"]
    ([1.5], [[21.5]])
    >>> Frame.of(frame.document()).devices
    ('pump-1',)
    """

    duty: str
    artifact: str
    row_clock: bool
    channels: tuple[str, ...]
    devices: tuple[str, ...]
    device: IntArray
    time: IntArray
    values: Float32Array
    score: FloatArray
    limit: FloatArray
    status: ByteArray
    cause: IntArray

    def __len__(self) -> int:
        return len(self.time)

    @property
    def anomaly(self) -> BoolArray:
        """Is the score above the limit? An ndarray of shape (n,), bool."""
        return np.asarray(self.score > self.limit)

    @property
    def severity(self) -> FloatArray:
        """Score / limit, NaN where there is no score: an ndarray of shape (n,), float64."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return self.score / self.limit

    def take(self, index: IntArray | BoolArray) -> Frame:
        """Return the verdicts at ``index``, in that order, with the names of their devices alone."""
        own = self.device[index]
        used, device = np.unique(own, return_inverse=True)
        names = tuple(self.devices[k] for k in used.tolist())
        columns = {name: getattr(self, name)[index] for name in _COLUMNS if name != "device"}
        return replace(self, devices=names, device=device.astype(np.int64).reshape(-1), **columns)

    def document(self) -> dict[str, Any]:
        """Return the frame as plain values for JSON: no NaN, no infinity; values with six digits."""
        return {
            "duty": self.duty,
            "artifact": self.artifact,
            "row_clock": self.row_clock,
            "channels": list(self.channels),
            "devices": list(self.devices),
            "device": self.device.tolist(),
            "time": self.time.tolist(),
            "values": numbers(shortened(self.values)),
            "score": numbers(self.score),
            "limit": numbers(self.limit),
            "status": self.status.tolist(),
            "cause": self.cause.tolist(),
        }

    @classmethod
    def of(cls, document: dict[str, Any]) -> Frame:
        """Return the frame that :meth:`document` wrote.

        Raises
        ------
        ValueError
            If columns are not of one length, or point to nothing.
        """
        n, channels, devices = len(document["time"]), tuple(document["channels"]), tuple(document["devices"])
        found = cls(
            str(document["duty"]),
            str(document["artifact"]),
            bool(document["row_clock"]),
            channels,
            devices,
            np.array(document["device"], np.int64),
            np.array(document["time"], np.int64),
            _table(document["values"], n, len(channels)),
            np.array(document["score"], np.float64),
            np.array(document["limit"], np.float64),
            np.array(document["status"], np.uint8),
            np.array(document["cause"], np.int64),
        )
        found._check()
        return found

    def _check(self) -> None:
        for name in _COLUMNS:
            if len(getattr(self, name)) != len(self):
                raise ValueError(f"{name} has {len(getattr(self, name))} entries, time has {len(self)}")
        for name, bound in (("device", len(self.devices)), ("cause", len(self.channels))):
            column = getattr(self, name)
            if len(column) and not (0 if name == "device" else UNKNOWN) <= column.min() <= column.max() < bound:
                raise ValueError(f"{name} points to something that is not there")


def _table(values: Any, rows: int, channels: int) -> Float32Array:
    if not rows or not channels:
        return np.zeros((rows, channels), np.float32)
    with np.errstate(over="ignore"):  # what no float32 holds is infinite, as in the ring
        found = np.array(values, np.float64).astype(np.float32)
    if found.shape != (rows, channels):
        raise ValueError(f"values has shape {found.shape}, expected {(rows, channels)}")
    return found


def joined(frames: Sequence[Frame]) -> Frame:
    """Return frames of one duty, artifact and channels as one, in their order; at least one is needed."""
    names = {name: k for k, name in enumerate(dict.fromkeys(name for frame in frames for name in frame.devices))}
    places = [np.array([names[name] for name in frame.devices], np.int64)[frame.device] for frame in frames]
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(frame, name) for frame in frames]) for name in _COLUMNS[1:]
    }
    return replace(frames[0], devices=tuple(names), device=np.concatenate(places), **columns)


def numbers(column: FloatArray | Float32Array) -> list[Any]:
    """Return numbers as JSON knows them: None for those that are none.

    >>> numbers(np.array([1.5, np.nan, np.inf]))
    [1.5, None, None]
    """
    good = np.isfinite(column)
    if good.all():
        return list(column.tolist())
    plain = column.astype(object)
    plain[~good] = None
    return list(plain.tolist())


def shortened(column: FloatArray | Float32Array) -> FloatArray:
    """Return numbers with six significant digits, which is all that a picture or a float32 shows.

    >>> shortened(np.array([0.1234567, 1234567.0, 0.0], np.float32)).tolist()
    [0.123457, 1234570.0, 0.0]
    """
    wide = column.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        places = _DIGITS - 1 - np.floor(np.log10(np.abs(wide)))
        scale = 10.0 ** np.clip(np.nan_to_num(places, nan=0.0, posinf=0.0, neginf=0.0), -30, 30)
        return np.asarray(np.round(wide * scale) / scale)
