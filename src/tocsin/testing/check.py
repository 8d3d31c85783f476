"""What a check of a live part is: a promise with a name, to be called with whatever is held to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Check(Generic[T]):
    """One promise. Call it with a fresh trial; it raises AssertionError if the promise is broken.

    Parameters
    ----------
    function
        What checks; its name is the check's, its docstring the promise.
    """

    function: Callable[[T], None]

    @property
    def name(self) -> str:
        """Its name in reports."""
        return self.function.__name__

    @property
    def promise(self) -> str:
        """What is promised, in a sentence."""
        return (self.function.__doc__ or "").strip()

    def __call__(self, trial: T) -> None:
        """Check."""
        self.function(trial)


def checks_of(functions: Iterable[Callable[[T], None]]) -> list[Check[T]]:
    """Return functions as checks, in their order."""
    return [Check(function) for function in functions]
