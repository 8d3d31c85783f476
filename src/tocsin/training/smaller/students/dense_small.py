"""A student of fully connected layers: the quickest on small machines, where windows are short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.training.smaller.student import Shape, Student

if TYPE_CHECKING:
    from tocsin.training.smaller.students._body import Body


@dataclass(frozen=True, kw_only=True)
class DenseSmall(Student):
    """Fully connected layers over the whole window: quickest where windows are short.

    Examples
    --------
    >>> from tocsin.training.smaller.student import widest
    >>> widest(DenseSmall(), Shape(window=10, columns=5, results=10), budget=1000)
    13
    """

    def build(self, shape: Shape, *, width: int) -> Body:
        """Return the network, untrained."""
        from tocsin.training.smaller.students._dense_body import DenseBody

        return DenseBody(shape, width=width)
