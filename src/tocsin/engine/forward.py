"""Which readings an edge forwards to its centre: the law, the same for a stream as for a finished file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.errors import SettingError


@dataclass(frozen=True, kw_only=True)
class Forward:
    """The forwarding level, and how much context goes with what is above it.

    Readings are counted device by device, in order of arrival. One whose score is above the level is forwarded with
    ``before`` readings in front of it and ``after`` behind it: a stretch. What lies between two stretches of a device
    goes along where it is no more than ``after`` readings, so that a centre which bridges fewer missing readings than
    that never takes two stretches for one.

    Parameters
    ----------
    level
        Share of the limit above which a reading is hot, above 0, at most 1.
    before, after
        Readings of context, 1 and 0 at least.

    Examples
    --------
    >>> score = np.array([0, 0, 0, 0, 3, 0, 0, 0, 0.0])
    >>> limit, device = np.full(9, 4.0), np.zeros(9, np.int64)
    >>> Forward(level=0.5, before=2, after=1).mask(score, limit, device).astype(int).tolist()
    [0, 0, 1, 1, 1, 1, 0, 0, 0]
    """

    level: float = 0.8
    before: int = 64
    after: int = 64

    def __post_init__(self) -> None:
        if not 0 < self.level <= 1:
            raise SettingError(
                f"The forwarding level is {self.level:g}.", remedy="Give a share of the limit: above 0, at most 1."
            )
        if self.before < 1 or self.after < 0:
            raise SettingError(
                f"Context is {self.before} readings before and {self.after} after.", remedy="Give 1 and 0 at least."
            )

    def hot(self, score: FloatArray, limit: FloatArray) -> BoolArray:
        """Tell which scores are above the level: arrays of one shape; a reading without a score is not hot.

        A limit below 0, as likelihoods have, is lowered by as much as one above 0 would be.
        """
        return np.asarray(score > np.where(limit < 0, (2 - self.level) * limit, self.level * limit))

    def mask(self, score: FloatArray, limit: FloatArray, device: IntArray) -> BoolArray:
        """Tell which readings of a file are forwarded.

        Parameters
        ----------
        score, limit, device
            Of each reading in order of arrival, ndarrays of shape (n,), as a :class:`~tocsin.core.verdicts.Verdicts`
            of a whole file holds them: NaN where there is no score.

        Returns
        -------
        BoolArray
            ndarray of shape (n,).
        """
        order = np.argsort(device, kind="stable")
        found = np.empty(len(device), np.bool_)
        found[order] = self.spread(self.hot(score, limit)[order], device[order])
        return found

    def spread(self, hot: BoolArray, device: IntArray, sure: BoolArray | None = None) -> BoolArray:
        """Return hot readings with their context.

        Parameters
        ----------
        hot, device
            ndarrays of shape (n,), device after device, each in order.
        sure
            Those that are forwarded anyhow, or have been; None for none.
        """
        n = len(hot)
        first, behind = _bounds(device)
        which = np.flatnonzero(hot)
        begin = np.maximum(which - self.before, first[which])
        end = np.minimum(which + self.after + 1, behind[which])
        found = np.cumsum(np.bincount(begin, minlength=n + 1) - np.bincount(end, minlength=n + 1))[:n] > 0
        return self._closed(found if sure is None else found | sure, device)

    def _closed(self, found: BoolArray, device: IntArray) -> BoolArray:
        """Return stretches with the short gaps between those of a device filled."""
        on = np.flatnonzero(found)
        short = (np.diff(on) - 1 <= self.after) & (np.diff(on) > 1) & (device[on[1:]] == device[on[:-1]])
        n = len(found)
        begin, end = on[:-1][short] + 1, on[1:][short]
        filled = np.cumsum(np.bincount(begin, minlength=n + 1) - np.bincount(end, minlength=n + 1))[:n] > 0
        return np.asarray(found | filled)


def stretches(
    score: FloatArray, limit: FloatArray, device: IntArray, *, forward: float = 0.8, before: int = 64, after: int = 64
) -> BoolArray:
    """Tell which readings of a file an edge would forward; see :class:`Forward`.

    >>> stretches(np.array([0, 5.0, 0]), np.ones(3), np.zeros(3, np.int64), before=1, after=0).tolist()
    [True, True, False]
    """
    return Forward(level=forward, before=before, after=after).mask(score, limit, device)


def _bounds(device: IntArray) -> tuple[IntArray, IntArray]:
    """Return where each reading's device begins and ends; devices stand one after the other."""
    change = np.flatnonzero(np.diff(device)) + 1
    borders = np.concatenate([[0], change, [len(device)]])
    counts = np.diff(borders)
    return np.repeat(borders[:-1], counts), np.repeat(borders[1:], counts)
