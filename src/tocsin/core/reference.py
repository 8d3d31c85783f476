"""What a limit is found from: the scores of readings that are known, or taken, to be normal, in order of time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray, frozen

Ringing = Callable[[float, int], IntArray]
"""From a limit and a number of anomalous windows in a row to the places at which the alarm policy would ring."""


@dataclass(frozen=True, eq=False)
class Reference:
    """Scores with all that a threshold may want to know of them; device after device, each in order of time.

    Parameters
    ----------
    score
        ndarray of shape (n,), float64.
    time
        ndarray of shape (n,), int64: ns, or row numbers where rows are the clock.
    device
        ndarray of shape (n,), int64.
    period_ns
        Between two readings of a device, usually; 1 where rows are the clock.
    labels
        ndarray of shape (n,), bool: does a window end in a labelled anomaly? None where nobody says, and where only
        normal windows were taken.
    row_clock
        Are rows counted, because the readings have no clock?
    raise_after
        Anomalous windows in a row after which the policy rings as it stands.
    stated
        Did the user ask for that number? Then no threshold chooses another.
    ringing
        What the policy would make of another limit, and of another number of windows in a row; None where there is no
        policy yet.
    names
        Names of the devices, by index; () where nobody says.

    Examples
    --------
    >>> Reference.of(np.array([0.5, 1.0])).time.tolist()
    [1, 2]
    """

    score: FloatArray
    time: IntArray
    device: IntArray
    period_ns: int = 1
    labels: BoolArray | None = None
    row_clock: bool = False
    raise_after: int = 3
    stated: bool = False
    ringing: Ringing | None = None
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("score", "time", "device"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.score)

    @staticmethod
    def of(score: FloatArray) -> Reference:
        """Return scores of shape (n,) as those of one device without a clock."""
        whole = np.asarray(score, np.float64)
        return Reference(whole, np.arange(1, len(whole) + 1), np.zeros(len(whole), np.int64), row_clock=True)

    @property
    def normal(self) -> Reference:
        """The scores of normal windows alone; those that end in a labelled anomaly are left out.

        >>> mixed = Reference(np.array([1.0, 9.0]), np.arange(2), np.zeros(2, int), labels=np.array([False, True]))
        >>> mixed.normal.score.tolist()
        [1.0]
        """
        if self.labels is None:
            return self
        own = ~self.labels
        return replace(
            self, score=self.score[own], time=self.time[own], device=self.device[own], labels=None, ringing=None
        )

    @property
    def devices(self) -> int:
        """How many devices the scores are of."""
        return len(np.unique(self.device))

    @property
    def device_periods(self) -> int:
        """How long the devices were watched, in periods, all of them together; unscored stretches do not count."""
        return len(self.score)
