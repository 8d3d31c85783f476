"""Rolling statistics: the mean and the deviation of the last few readings, beside the value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from tocsin.prepare._columns import LARGEST
from tocsin.prepare._feature import C, Feature, whole


@dataclass(frozen=True)
class Rolling(Feature):
    """Rolling: adds each channel's mean and (population) deviation over the last few readings, this one included.

    Parameters
    ----------
    readings
        How many readings, 2 or more.

    Notes
    -----
    Moments of neighbouring stretches are joined, twice as long at each turn, by the update of Chan, Golub & LeVeque
    (1979, "Updating formulae and a pairwise algorithm for computing sample variances"): a logarithmic number of
    sums, in which nothing cancels however high the level, and a stretch that stands still has the deviation 0.

    Examples
    --------
    >>> Rolling.parse("12").reach
    11
    """

    readings: int

    @classmethod
    def parse(cls, text: str) -> Rolling:
        """Return the step written as in "rolling:12"."""
        return cls(whole(text, written=f"rolling:{text}", least=2, example="rolling:12"))

    @property
    def reach(self) -> int:
        """How many readings before a reading it looks back on."""
        return self.readings - 1

    def columns(self, values: C) -> tuple[C, ...]:
        """Return the mean and the deviation."""
        limited = values.within(LARGEST)
        block, found = _Moments(1, limited, limited - limited), None
        for power in range(self.readings.bit_length()):
            block = _joined(block, block) if power else block
            if self.readings >> power & 1:
                found = block if found is None else _joined(block, found)
        assert found is not None
        return found.mean, found.variance.root()


@dataclass(frozen=True, eq=False)
class _Moments(Generic[C]):
    """Mean and variance over ``count`` readings, of every stretch that long; stamped with its end."""

    count: int
    mean: C
    variance: C


def _joined(older: _Moments[C], newer: _Moments[C]) -> _Moments[C]:
    """Return the moments of each stretch of ``newer`` with the stretch of ``older`` that lies just before it."""
    whole = older.count + newer.count
    share = older.count / whole
    old_mean, old_variance = (x.without(oldest=0, newest=newer.count) for x in (older.mean, older.variance))
    new_mean, new_variance = (x.without(oldest=older.count, newest=0) for x in (newer.mean, newer.variance))
    apart = old_mean - new_mean
    within = old_variance * share + new_variance * (1 - share)
    return _Moments(whole, new_mean + apart * share, within + apart * apart * (share * (1 - share)))
