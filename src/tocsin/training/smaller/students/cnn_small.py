"""A student of convolutions along time: its weights hardly grow with the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.detectors.learning.common import odd
from tocsin.training.smaller.student import Shape, Student

if TYPE_CHECKING:
    from tocsin.training.smaller.students._body import Body


@dataclass(frozen=True, kw_only=True)
class CnnSmall(Student):
    """Convolutions along time, which halve the window until it is short: suits windows of any length.

    Parameters
    ----------
    kernel
        Steps that a filter looks at, an odd number.
    """

    kernel: int = 5

    def __post_init__(self) -> None:
        odd("kernel", self.kernel)

    def build(self, shape: Shape, *, width: int) -> Body:
        """Return the network, untrained."""
        from tocsin.training.smaller.students._cnn_body import CNNBody

        return CNNBody(shape, width=width, kernel=self.kernel)
