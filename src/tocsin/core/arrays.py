"""Names for the array types that cross room borders, so that signatures say dtype at a glance."""

from __future__ import annotations

from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Float32Array: TypeAlias = npt.NDArray[np.float32]
IntArray: TypeAlias = npt.NDArray[np.int64]
ByteArray: TypeAlias = npt.NDArray[np.uint8]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

_Any = TypeVar("_Any", bound=np.generic)

NEVER = np.iinfo(np.int64).min
"""The time that stands for "has not happened": smaller than every real time."""


def frozen(array: npt.NDArray[_Any]) -> npt.NDArray[_Any]:
    """Return a read-only view of ``array``; the caller's own array stays writable."""
    view = array.view()
    view.setflags(write=False)
    return view
