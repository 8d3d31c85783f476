"""Variables put side by side, as the alignment policy of a model says: one row a time, gaps filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.service.azure.answered import VariableState
from tocsin.service.azure.asked import AlignPolicy, Fill
from tocsin.service.azure.errors import CodedError
from tocsin.service.azure.variables import TIME, Variable
from tocsin.service.stamps import stamps
from tocsin.sources import Overrides

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class Merged:
    """Variables side by side.

    Parameters
    ----------
    names
        Of the variables.
    time
        ndarray of shape (n,), int64, ns since the epoch, ascending, each once.
    values
        ndarray of shape (n, variables), float64, filled; NaN where nothing could be.
    known
        ndarray of shape (n, variables), bool: did the variable have a value of its own?
    """

    names: tuple[str, ...]
    time: IntArray
    values: FloatArray
    known: BoolArray

    def __len__(self) -> int:
        return len(self.time)

    @property
    def overrides(self) -> Overrides:
        """How :meth:`frame` is to be understood."""
        return Overrides(time=(TIME,), device="", label="", channels=self.names, keep_sentinels=True)

    def frame(self) -> pl.DataFrame:
        """Return it as a table with a column ``timestamp``."""
        import polars as pl

        time = pl.Series(TIME, self.time).cast(pl.Datetime("ns", "UTC"))
        return pl.DataFrame([time, *(pl.Series(name, self.values[:, k]) for k, name in enumerate(self.names))])

    def since(self, start: int) -> Merged:
        """Return what lies at ``start``, in ns, or later."""
        kept = self.time >= start
        return Merged(self.names, self.time[kept], self.values[kept], self.known[kept])

    def states(self) -> tuple[VariableState, ...]:
        """Return how much there was of each variable, those that lack most first."""
        found = [_state(name, self.time, self.known[:, k]) for k, name in enumerate(self.names)]
        return tuple(sorted(found, key=lambda state: -state.filled))


def merged(
    variables: Sequence[Variable], policy: AlignPolicy, *, start: int | None = None, end: int | None = None
) -> Merged:
    """Put variables side by side.

    Of several values of a variable at one time, the last one counts.

    Parameters
    ----------
    variables
        One or more.
    policy
        Which times are kept, and what fills gaps. "Linear" looks at the values on both sides of a gap, "Subsequent" at
        the later one; at the ends of a series, "Linear" takes the nearest.
    start, end
        In ns; earlier and later readings are left out.

    Raises
    ------
    CodedError
        If nothing is left, or two variables share a name.
    """
    names = tuple(variable.name for variable in variables)
    if len(set(names)) < len(names) or TIME in names:
        raise CodedError("DuplicatedVariables", "There are multiple variables with the same name.")
    own = [_known(variable, start, end) for variable in variables]
    time = np.unique(np.concatenate([when for when, _ in own]))
    values = np.full((len(time), len(own)), np.nan)
    for k, (when, what) in enumerate(own):  # of values for one place, NumPy keeps the last
        values[np.searchsorted(time, when), k] = what
    known = ~np.isnan(values)
    kept = known.all(axis=1) if policy.align_mode == "Inner" else known.any(axis=1)
    if not kept.any():
        raise CodedError("NoData", "There is no effective data. Check the start time and end time.")
    time, values, known = time[kept], values[kept], known[kept]
    padding = policy.padding_value if policy.padding_value is not None else 0.0
    filled = np.column_stack([_filled(time, column, policy.fill, padding) for column in values.T])
    return Merged(names, time, filled, known)


def _known(variable: Variable, start: int | None, end: int | None) -> tuple[IntArray, FloatArray]:
    """Return the times at which there is a value, and the values, as they came."""
    kept = ~np.isnan(variable.values)
    kept &= variable.time >= start if start is not None else True
    kept &= variable.time <= end if end is not None else True
    return variable.time[kept], variable.values[kept]


def _filled(time: IntArray, values: FloatArray, fill: Fill, padding: float) -> FloatArray:
    known = np.flatnonzero(~np.isnan(values))
    if fill == "NotFill" or len(known) == len(values):
        return values
    if fill in ("Zero", "Fixed"):
        return np.where(np.isnan(values), padding if fill == "Fixed" else 0.0, values)
    if not len(known):
        return values
    if fill == "Linear":
        return np.interp(_seconds(time), _seconds(time)[known], values[known])
    return _carried(values) if fill == "Previous" else _carried(values[::-1])[::-1]


def _seconds(time: IntArray) -> FloatArray:
    return np.asarray((time - time[0]) / 1e9)


def _carried(values: FloatArray) -> FloatArray:
    """Return values with each gap filled by what stood before it; a gap at the beginning stays."""
    at = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(len(values))))
    return np.where(at >= 0, values[at], np.nan)


def _state(name: str, time: IntArray, known: BoolArray) -> VariableState:
    own = time[known]
    ends = stamps(own[[0, -1]], rows=False) if len(own) else [None, None]
    return VariableState(
        variable=name,
        filledNARatio=1 - len(own) / len(time) if len(time) else 0.0,
        effective_count=len(own),
        first_timestamp=None if ends[0] is None else str(ends[0]),
        last_timestamp=None if ends[1] is None else str(ends[1]),
    )
