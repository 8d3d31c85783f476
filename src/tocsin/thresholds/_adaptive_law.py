"""The numbers of an adaptive limit, and how it learns: for one device in plain numbers, for many in arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TypeVar

from tocsin.core.arrays import FloatArray

T = TypeVar("T", float, FloatArray)

PIECES = 16
"""The memory moves on in so many pieces, between which the limit stands still."""

FAR = 1e100
"""Scores count as no farther from 0 than this, so that sums of them stay finite."""

APART = 1e-6
"""The least spread, as a share of the centre: what is left of a constant score."""


@dataclass(frozen=True, kw_only=True)
class Law:
    """The limit is the centre of the usual scores + ``reach`` times their spread, device by device.

    Parameters
    ----------
    centre, spread
        Mean of the usual scores and their mean distance from those just before, as every device begins.
    reach
        How many spreads above the centre the limit lies.
    floor
        The least spread that counts.
    roughness
        Mean step from one score of the reference to the next, in spreads.
    window
        Scores that are remembered.
    patience
        Scores that a new level must last to be noticed.
    moving
        Are the last ``window`` scores remembered, each alike? Else older ones fade.
    rebaseline
        May a lasting new level become the normal one?
    """

    centre: float
    spread: float
    reach: float
    floor: float
    roughness: float
    window: int
    patience: int
    moving: bool = False
    rebaseline: bool = True

    @property
    def piece(self) -> int:
        """Scores that are learned from at once."""
        return self.window // PIECES

    @property
    def block(self) -> int:
        """Scores of a lasting level that are compared with those before."""
        return self.patience // 2

    def limit(self, centre: T, spread: T) -> T:
        """Return the limit in force."""
        return centre + self.reach * spread

    def at_least(self, centre: T, spread: T, *, larger: Callable[[T, T], T]) -> T:
        """Return the spread that counts."""
        return larger(larger(spread, abs(centre) * APART), spread * 0 + self.floor)

    def renewed(
        self,
        *,
        centre: T,
        spread: T,
        near: T,
        total: T,
        offset: T,
        centres: tuple[T, ...],
        spreads: tuple[T, ...],
        larger: Callable[[T, T], T],
    ) -> tuple[T, T, T, tuple[T, ...], tuple[T, ...]]:
        """Learn from a piece: plain numbers and arrays give the same bits.

        Parameters
        ----------
        centre, spread
            In force.
        near
            Mean of the piece before.
        total, offset
            Sums over the piece: of the offsets from that mean, and of the distances.
        centres, spreads
            Means and mean distances of the pieces before, oldest first; not used where the memory fades.
        larger
            ``max`` or :func:`numpy.maximum`.

        Returns
        -------
        The new centre and spread, the mean of the piece, the new centres and spreads.
        """
        mean, away = near + total / self.piece, offset / self.piece
        if self.moving:
            centres = centres[1:] + (mean,)  # noqa: RUF005  # mypy cannot follow the starred form
            spreads = spreads[1:] + (away,)  # noqa: RUF005  # nor here
            centre, spread = reduce(add, centres) / PIECES, reduce(add, spreads) / PIECES
        else:
            gain = 2 * self.piece / (self.window + self.piece)
            centre, spread = centre + gain * (mean - centre), spread + gain * (away - spread)
        return centre, self.at_least(centre, spread, larger=larger), mean, centres, spreads
