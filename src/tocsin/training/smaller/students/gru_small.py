"""A student that reads a window reading by reading: few weights, but the slowest to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.training.smaller.student import Shape, Student

if TYPE_CHECKING:
    from tocsin.training.smaller.students._body import Body


@dataclass(frozen=True, kw_only=True)
class GruSmall(Student):
    """A recurrent layer that reads the window reading by reading: few weights whatever the window, but slower."""

    def build(self, shape: Shape, *, width: int) -> Body:
        """Return the network, untrained."""
        from tocsin.training.smaller.students._gru_body import GRUBody

        return GRUBody(shape, width=width)
