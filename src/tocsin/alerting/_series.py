"""The busy devices' part of a block as plain lists: turning arrays into numbers one by one would cost most of all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tocsin.alerting._heard import Heard
from tocsin.alerting._tally import ADOPTED
from tocsin.alerting._watch import Judged
from tocsin.core.arrays import BoolArray, FloatArray, IntArray


@dataclass(slots=True)
class Series:
    """One device's part of a block; each list has an entry a reading.

    Parameters
    ----------
    length
        How many of the readings count.
    time, score, limit, news, fresh, regime
        See :class:`Judged` and :class:`~tocsin.alerting._heard.Heard`.
    hushed, excused
        Is nobody to be called? Does the window hold readings of maintenance?
    nexts
        The next place, from each one on, at which an idle device has anything to do.
    shares
        ndarray of shape (readings, channels), float64; 0 where unattributed.
    """

    length: int
    time: list[int]
    score: list[float]
    limit: list[float]
    news: list[int]
    fresh: list[bool]
    regime: list[int]
    hushed: list[bool]
    excused: list[bool]
    nexts: list[int]
    shares: FloatArray


def series_of(
    block: Judged, heard: Heard, valid: BoolArray, busy: IntArray, *, hushed: BoolArray, excused: BoolArray
) -> Iterator[Series]:
    """Yield the series of the devices at ``busy``; ``hushed`` and ``excused`` have a row for each of these."""
    fresh, regime, news = block.fresh[busy], block.regime[busy], heard.news[busy]
    interesting = heard.rings[busy] | fresh | (regime == ADOPTED)
    shares = heard.shares[busy].astype(np.float64)
    shares[np.isnan(shares)] = 0
    columns = (block.time[busy], heard.score[busy], heard.limit[busy], news, fresh, regime, hushed, excused)
    lists = [column.tolist() for column in (valid[busy].sum(axis=1), *columns, _nexts(interesting))]
    for place, row in enumerate(zip(*lists, strict=True)):
        yield Series(*(*row, shares[place]))


def _nexts(interesting: BoolArray) -> IntArray:
    length = interesting.shape[1]
    places = np.where(interesting, np.arange(length), length)
    return np.asarray(np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1])
