"""Quantile sketches: what values were like, in a few hundred numbers that can be added up across devices and edges."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.errors import InputError

ACCURACY = 0.01
"""Greatest relative error of a quantile."""
MOST_BINS = 2048
"""Bins on either side of zero; beyond it, those nearest to zero are put together."""

_TINY = 1e-12
_HEAD = struct.Struct("<4sdqII")
_MAGIC = b"TSK1"
_LARGEST = 1 << 20
_MOST = 1 << 48
"""Values in a bin: more were never counted, and so many can be added up for 4,096 bins."""
_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class Sketch:
    """How values lie, from which any quantile can be told within one per cent of its value.

    A bin with the key k holds the values whose size lies in (γ^(k-1), γ^k], γ = (1 + a)/(1 - a), a the accuracy; what
    is told of it is off by a share of a at most. C. Masson, J. E. Rim, H. K. Lee, "DDSketch: a fast and fully-mergeable
    quantile sketch with relative-error guarantees", VLDB 12(12), 2019, algorithms 1 to 4. Sketches of parts, added up,
    are the sketch of the whole, bin for bin. Values are not kept, and cannot be found again.

    Parameters
    ----------
    accuracy
        Greatest relative error of a quantile.
    zeros
        How many values were zero, or smaller than 1e-12.
    above, below
        Keys in rising order, ndarray of shape (k,), int64, with how many values each holds, the same shape: of positive
        values, and of negative ones by their size.

    Examples
    --------
    >>> whole = Sketch().plus(np.arange(1.0, 1001.0))
    >>> whole.total, abs(whole.quantile(0.99) - 990) < 10
    (1000, True)
    """

    accuracy: float = ACCURACY
    zeros: int = 0
    above: tuple[IntArray, IntArray] = field(default=(_NONE, _NONE))
    below: tuple[IntArray, IntArray] = field(default=(_NONE, _NONE))

    @property
    def total(self) -> int:
        """How many values there were."""
        return self.zeros + int(self.above[1].sum()) + int(self.below[1].sum())

    @property
    def _gamma(self) -> float:
        return (1 + self.accuracy) / (1 - self.accuracy)

    def plus(self, values: npt.NDArray[np.floating]) -> Self:
        """Return the sketch with some values added; those that are no finite numbers are left out."""
        known = np.asarray(values, np.float64).ravel()
        known = known[np.isfinite(known)]
        high, low = known[known > _TINY], -known[known < -_TINY]
        zeros = self.zeros + len(known) - len(high) - len(low)
        above, below = self._joined(self.above, self._binned(high)), self._joined(self.below, self._binned(low))
        return type(self)(self.accuracy, zeros, above, below)

    def merged(self, others: Iterable[Sketch]) -> Self:
        """Return the sketch of all values of several sketches.

        Raises
        ------
        InputError
            If one has another accuracy.
        """
        zeros, above, below = self.zeros, self.above, self.below
        for other in others:
            if other.accuracy != self.accuracy:
                raise InputError("Sketches of different accuracies cannot be added up.", remedy="Leave some out.")
            zeros += other.zeros
            above, below = self._joined(above, other.above), self._joined(below, other.below)
        return type(self)(self.accuracy, zeros, above, below)

    def quantile(self, share: float) -> float:
        """Return the value of which ``share`` of all lie at or below, within the accuracy; NaN where there is none."""
        values, counts = self.bins()
        if not len(values):
            return float("nan")
        rank = min(max(share, 0.0), 1.0) * (int(counts.sum()) - 1)
        return float(values[np.searchsorted(np.cumsum(counts), rank, side="right")])

    def bins(self) -> tuple[FloatArray, IntArray]:
        """Return what each bin stands for, rising, with how many values it holds; each ndarray of shape (k,)."""
        values = [-self._told(self.below[0][::-1]), np.zeros(1 if self.zeros else 0), self._told(self.above[0])]
        counts = [self.below[1][::-1], np.full(1 if self.zeros else 0, self.zeros, np.int64), self.above[1]]
        return np.concatenate(values), np.concatenate(counts)

    def shares(self, bounds: FloatArray) -> FloatArray:
        """Return which share of the values lies between bounds: ndarray of shape (bounds + 1,), summing to 1."""
        values, counts = self.bins()
        found = np.bincount(np.searchsorted(bounds, values, side="left"), counts, minlength=len(bounds) + 1)
        return np.asarray(found / max(found.sum(), 1))

    def encode(self) -> bytes:
        """Return the sketch as bytes, some hundred as a rule."""
        head = _HEAD.pack(_MAGIC, self.accuracy, self.zeros, len(self.above[0]), len(self.below[0]))
        columns = [np.diff(keys, prepend=0).astype("<i4").tobytes() for keys, _ in (self.above, self.below)]
        columns += [counts.astype("<i8").tobytes() for _, counts in (self.above, self.below)]
        return zlib.compress(head + b"".join(columns), 9)

    @classmethod
    def decode(cls, written: bytes) -> Self:
        """Return the sketch that :meth:`encode` wrote.

        Raises
        ------
        InputError
            If it did not write these bytes.
        """
        try:
            unpacking = zlib.decompressobj()
            plain = unpacking.decompress(written, _LARGEST)
            if not unpacking.eof:
                raise ValueError("it is cut short, or too long")
            return cls._decoded(plain)
        except (zlib.error, struct.error, ValueError) as error:
            raise InputError(f"A sketch cannot be read ({error}).", remedy="Have it told anew.") from None

    @classmethod
    def _decoded(cls, plain: bytes) -> Self:
        magic, accuracy, zeros, *sizes = _HEAD.unpack_from(plain)
        if magic != _MAGIC or not 1e-4 <= accuracy < 0.5 or not 0 <= zeros < _MOST or max(sizes) > MOST_BINS:
            raise ValueError("it is none")
        many = sum(sizes)
        if len(plain) != _HEAD.size + 12 * many:
            raise ValueError("it is cut off")
        keys = np.frombuffer(plain, "<i4", many, _HEAD.size).astype(np.int64)
        counts = np.frombuffer(plain, "<i8", many, _HEAD.size + 4 * many).astype(np.int64)
        if len(counts) and not 0 < counts.min() <= counts.max() < _MOST:
            raise ValueError("it counts what cannot be")
        sides = [(np.cumsum(k), c) for k, c in zip(np.split(keys, sizes[:1]), np.split(counts, sizes[:1]), strict=True)]
        if any((np.diff(k) <= 0).any() or (np.abs(k) > 1 << 22).any() for k, _ in sides):
            raise ValueError("its bins have no order")
        return cls(accuracy, zeros, *sides)

    def _told(self, keys: IntArray) -> FloatArray:
        """Return what stands for a bin: no value in it is further away than the accuracy allows."""
        with np.errstate(over="ignore"):
            return np.asarray(2 * self._gamma ** keys.astype(np.float64) / (self._gamma + 1))

    def _binned(self, sizes: FloatArray) -> tuple[IntArray, IntArray]:
        if not len(sizes):
            return _NONE, _NONE
        keys, counts = np.unique(np.ceil(np.log(sizes) / np.log(self._gamma)).astype(np.int64), return_counts=True)
        return keys, counts.astype(np.int64)

    def _joined(self, one: tuple[IntArray, IntArray], other: tuple[IntArray, IntArray]) -> tuple[IntArray, IntArray]:
        """Return the bins of both; of too many, those of the smallest sizes become one."""
        if not len(other[0]) or not len(one[0]):
            keys, counts = other if not len(one[0]) else one
        else:
            keys, place = np.unique(np.concatenate([one[0], other[0]]), return_inverse=True)
            counts = np.bincount(place, np.concatenate([one[1], other[1]])).astype(np.int64)
        if len(keys) <= MOST_BINS:
            return keys, counts
        more = len(keys) - MOST_BINS
        return keys[more:], np.concatenate([[counts[: more + 1].sum()], counts[more + 1 :]])
