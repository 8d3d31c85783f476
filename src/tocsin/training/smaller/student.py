"""What every student promises: a small network that can be made of any width, so that a budget can be spent on it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.core.errors import SettingError

if TYPE_CHECKING:
    from tocsin.training.smaller.students._body import Body

_WIDEST = 4096
"""No network on an edge box is wider."""


@dataclass(frozen=True)
class Shape:
    """What goes into a student's network, and what comes out.

    Parameters
    ----------
    window
        Readings in a window.
    columns
        Numbers that stand for a reading.
    results
        Numbers that come out.
    """

    window: int
    columns: int
    results: int


class Student(ABC):
    """A kind of small network: a frozen dataclass in a file of its own, in the folder ``students``."""

    @abstractmethod
    def build(self, shape: Shape, *, width: int) -> Body:
        """Return the network, untrained.

        Parameters
        ----------
        shape
            What goes in and what comes out.
        width
            Units of a layer, at least 1: each more makes the network larger.
        """


def weights(student: Student, shape: Shape, *, width: int) -> int:
    """Return how many numbers a student of this width has to learn."""
    import torch

    with torch.random.fork_rng(devices=[]):
        return sum(weight.numel() for weight in student.build(shape, width=width).parameters())


def widest(student: Student, shape: Shape, *, budget: int) -> int:
    """Return the largest width with which a student has at most ``budget`` weights, found by bisection.

    Raises
    ------
    SettingError
        If not even the narrowest one has so few.
    """
    least = weights(student, shape, width=1)
    if least > budget:
        raise SettingError(
            f"The narrowest student of this kind has {least:,} weights, and {max(budget, 0):,} may be spent on it.",
            remedy="Give a larger --budget, another --student, or a teacher with a shorter window.",
        )
    low, high = 1, 2
    while high < _WIDEST and weights(student, shape, width=high) <= budget:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if weights(student, shape, width=middle) <= budget else (low, middle)
    return low
