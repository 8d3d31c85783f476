"""Columns of numbers as bytes in which what is alike lies together, so that compressing makes little of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, FloatArray, IntArray

_MOST_DECIMALS = 9
_FEW = 16
"""So many numbers tell most columns that were not written with so many decimals."""
_EXACT = float(1 << 52)
"""Integers up to here are exact in float64, and so is what rounding makes of their neighbours."""
_SAFE = 1 << 62
_WORD = 8
_ORDERS = range(3)
"""Differences that are tried: none, of neighbours, of those."""

_Bits = npt.NDArray[np.uint64]


class PlanesOut:
    """Writes columns; ``said`` is what :class:`PlanesIn` must be told, plain lists of numbers, ``blocks`` the bytes."""

    def __init__(self) -> None:
        self.said: list[Any] = []
        self.blocks: list[bytes] = []

    def integers(self, column: IntArray) -> None:
        """Write int64: in units of what all differences are multiples of, as differences of the order that suits.

        >>> out = PlanesOut()
        >>> out.integers(np.arange(5) * 10**9 + 3)
        >>> out.said, PlanesIn(out.said, b"".join(out.blocks), 5).integers().tolist()[:2]
        ([[3, 1000000000, 2, 1]], [3, 1000000003])
        """
        base, unit = int(column[0]), _unit(column)
        steps: IntArray = (column.view(np.uint64) - np.uint64(base % (1 << 64))).view(np.int64) // unit
        tries = [_zigzag(steps)]
        for _ in _ORDERS[1:]:
            steps = _differences(steps)
            tries.append(_zigzag(steps))
        order = int(np.argmin([np.log2(found.astype(np.float64) + 1).sum() for found in tries]))
        width = -(-int(tries[order].max()).bit_length() // 8)
        self.said.append([base, unit, order, width])
        self.blocks.append(_planes(tries[order], width))

    def values(self, column: FloatArray) -> None:
        """Write float64, bit for bit but for the kinds of NaN: as whole numbers where few decimals were written."""
        missing = np.isnan(column)
        self.flags(missing if missing.any() else None)
        filled = _filled(column, missing) if missing.any() else column
        for decimals in range(_MOST_DECIMALS + 1):
            if _whole(filled[:_FEW], decimals) is not None and (whole := _whole(filled, decimals)) is not None:
                self.said.append(decimals)
                self.integers(whole)
                return
        self.said.append(-1)
        bits = filled.view(np.uint64)
        self.blocks.append(_planes(bits ^ np.concatenate([bits[:1] ^ bits[:1], bits[:-1]]), _WORD))

    def flags(self, column: BoolArray | None) -> None:
        """Write bool, of whatever shape; None for nothing."""
        self.said.append(0 if column is None else 1)
        if column is not None:
            self.blocks.append(np.packbits(column).tobytes())


class PlanesIn:
    """Reads what :class:`PlanesOut` wrote, in the same order.

    Parameters
    ----------
    said, body
        What was written.
    rows
        Numbers in a column.

    Raises
    ------
    ValueError
        By every call, where there is not enough.
    """

    def __init__(self, said: list[Any], body: bytes, rows: int) -> None:
        self._said, self._body, self._rows, self._at = iter(said), body, rows, 0

    def integers(self) -> IntArray:
        """Return a column of int64."""
        base, unit, order, width = (int(number) for number in next(self._said))
        if order not in _ORDERS:
            raise ValueError("no column is written so")
        steps = _unzigzag(self._whole(width)).view(np.uint64)
        for _ in range(order):
            steps = np.cumsum(steps, dtype=np.uint64)
        scaled = (steps.view(np.int64) * unit).view(np.uint64)
        return (scaled + np.uint64(base % (1 << 64))).view(np.int64)

    def values(self) -> FloatArray:
        """Return a column of float64."""
        missing = self.flags((self._rows,))
        decimals = int(next(self._said))
        if decimals < 0:
            found = np.bitwise_xor.accumulate(self._whole(_WORD)).view(np.float64)
        else:
            found = self.integers() / 10.0**decimals
        if missing is not None:
            found[missing] = np.nan
        return found

    def flags(self, shape: tuple[int, ...]) -> BoolArray | None:
        """Return flags of a shape; None where there were none."""
        if not next(self._said):
            return None
        count = int(np.prod(shape))
        bits = np.frombuffer(self._take(-(-count // 8)), np.uint8)
        return np.unpackbits(bits, count=count).astype(np.bool_).reshape(shape)

    def check_end(self) -> None:
        """Refuse what is left.

        Raises
        ------
        ValueError
            If there is more than was read.
        """
        if self._at != len(self._body) or next(self._said, None) is not None:
            raise ValueError("there is more behind the last column")

    def _whole(self, width: int) -> _Bits:
        planes = np.frombuffer(self._take(width * self._rows), np.uint8).reshape(width, self._rows)
        out = np.zeros((self._rows, _WORD), np.uint8)
        out[:, :width] = planes.T
        return out.view("<u8").reshape(-1).astype(np.uint64)

    def _take(self, size: int) -> bytes:
        found = self._body[self._at : self._at + size]
        if len(found) < size:
            raise ValueError("a column is cut short")
        self._at += size
        return found


def _planes(numbers: _Bits, width: int) -> bytes:
    """Return the lowest ``width`` bytes of numbers, all first bytes first."""
    return np.ascontiguousarray(numbers.astype("<u8").view(np.uint8).reshape(-1, _WORD)[:, :width].T).tobytes()


def _differences(numbers: IntArray) -> IntArray:
    """Return the first number and the differences of the others, modulo 2^64, so that nothing can overflow."""
    found = numbers.view(np.uint64).copy()
    found[1:] -= numbers.view(np.uint64)[:-1]
    return found.view(np.int64)


def _zigzag(numbers: IntArray) -> _Bits:
    """Return numbers such that small ones, of whatever sign, are small."""
    return ((numbers << 1) ^ (numbers >> 63)).view(np.uint64)


def _unzigzag(numbers: _Bits) -> IntArray:
    return ((numbers >> np.uint64(1)) ^ (np.uint64(0) - (numbers & np.uint64(1)))).view(np.int64)


def _unit(column: IntArray) -> int:
    """Return what all differences are multiples of; 1 where they are too large to tell."""
    if int(column.max()) - int(column.min()) >= _SAFE:
        return 1
    return int(np.gcd.reduce(np.diff(column))) or 1


def _whole(values: FloatArray, decimals: int) -> IntArray | None:
    """Return the integers that give exactly these values when divided by a power of ten; None where there are none."""
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.rint(values * 10.0**decimals)
    if not (np.abs(scaled) < _EXACT).all():
        return None
    found = scaled.astype(np.int64)
    exact = np.array_equal((found / 10.0**decimals).view(np.uint64), values.view(np.uint64))
    return found if exact else None


def _filled(values: FloatArray, missing: BoolArray) -> FloatArray:
    """Return values with each missing one as the last that is known, or the first; 0 where none is."""
    known = np.flatnonzero(~missing)
    if not len(known):
        return np.zeros(len(values))
    place = np.maximum(np.searchsorted(known, np.arange(len(values)), side="right") - 1, 0)
    return values[known[place]]
