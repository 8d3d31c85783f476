"""The widths that are tried of one kind of student: from the widest down, then between what is enough and what is not.

Bisection: each step halves what is left, so that a budget of 20,000 takes some six sizes.
"""

from __future__ import annotations

from dataclasses import dataclass

_CLOSE = 1.25
"""A width that is larger by less than this factor than one that was not enough is small enough."""


@dataclass
class Ladder:
    """Where the search for the smallest student of a kind has come to.

    Parameters
    ----------
    student
        Its kind.
    width
        What is to be tried next; 0 where the smallest is found, or not even the widest is enough.

    Examples
    --------
    >>> ladder, tried = Ladder("dense_small", 40), []
    >>> while ladder.width:
    ...     tried.append(ladder.width)
    ...     ladder.took(enough=ladder.width >= 12)
    >>> tried
    [40, 20, 10, 15, 12]
    """

    student: str
    width: int
    _enough: int = 0
    _short: int = 0

    def took(self, *, enough: bool) -> None:
        """Note whether students of the width that was tried detect well enough, and go on."""
        if enough:
            self._enough = self.width
        else:
            self._short = self.width
        done = not self._enough or self._enough <= _CLOSE * max(self._short, 1) or self._enough - self._short == 1
        self.width = 0 if done else (self._enough + self._short) // 2
