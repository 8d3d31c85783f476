"""A student that looks at statistics of a window: the best of its size beside most teachers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.detectors.learning.common import at_least
from tocsin.training.smaller.student import Shape, Student

if TYPE_CHECKING:
    from tocsin.training.smaller.students._body import Body


@dataclass(frozen=True, kw_only=True)
class StatsSmall(Student):
    """Layers over means and deviations of the last 2, 4, 8, … readings: its weights hardly grow with the window.

    Parameters
    ----------
    last
        Readings that are seen one by one beside them.
    """

    last: int = 8

    def __post_init__(self) -> None:
        at_least("last", self.last, 1)

    def build(self, shape: Shape, *, width: int) -> Body:
        """Return the network, untrained."""
        from tocsin.training.smaller.students._stats_body import StatsBody

        return StatsBody(shape, width=width, last=self.last)
