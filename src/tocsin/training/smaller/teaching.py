"""How a student is made: which one, how large, and how it learns."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.discover import load
from tocsin.detectors.learning.common import above, at_least
from tocsin.training.smaller.student import Student

ROOM = "training.smaller.students"

DEFAULT = "stats_small"
"""The student where none is named: the best of its size beside most teachers (decision 32)."""


@dataclass(frozen=True, kw_only=True)
class Teaching:
    """How a student is made.

    Parameters
    ----------
    student
        Which kind of network; the files in the folder ``students`` are the kinds.
    budget
        Parameters that its graph has at most.
    width
        Units of a layer; None for the widest that the budget pays for.
    windows
        Windows to learn from, at most, most of them with faults; fewer where they would take more than 96 MB.
    epochs
        Passes over them, at most.
    patience
        Stop after so many epochs that were no better on later windows.
    batch_size, learning_rate
        Of each step of the optimiser.
    seed
        Of all chance: the same seed on the same machine gives the same student.
    """

    student: str = DEFAULT
    budget: int = 20_000
    width: int | None = None
    windows: int = 30_000
    epochs: int = 45
    patience: int = 10
    batch_size: int = 128
    learning_rate: float = 2e-3
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("budget", "epochs", "batch_size"):
            at_least(name, getattr(self, name), 1)
        at_least("windows", self.windows, 100)
        at_least("patience", self.patience, 0)
        at_least("seed", self.seed, 0)
        above("learning_rate", self.learning_rate, 0)
        if self.width is not None:
            at_least("width", self.width, 1)

    def make_student(self) -> Student:
        """Return the kind of network that is named.

        >>> Teaching(student="dense_small").make_student()
        DenseSmall()
        """
        made = load(ROOM, self.student)()
        assert isinstance(made, Student)
        return made
