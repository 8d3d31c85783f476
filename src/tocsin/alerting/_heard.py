"""What of a reading is worth telling: the score that counts, and values outside their range, for a whole fleet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tocsin.alerting._tables import Tables
from tocsin.alerting._watch import Judged
from tocsin.core.arrays import BoolArray, ByteArray, Float32Array, FloatArray, IntArray

CALM, STRANGE, OUTSIDE, INSIDE = 0, 1, 2, 3
"""News of a reading: none; a score above the limit; a value outside its range; no score, and values in their range."""


@dataclass(frozen=True, eq=False)
class Heard:
    """What the policy goes by: a block with devices on axis 0 and time on axis 1.

    Parameters
    ----------
    score
        What is left of the score once the shares of channels that do not matter are taken away.
    limit
        As it counts for the device.
    shares
        Of the channels that matter, with channels on the last axis.
    news
        See :data:`CALM` and what follows it.
    """

    score: FloatArray
    limit: FloatArray
    shares: Float32Array
    news: ByteArray

    @property
    def rings(self) -> BoolArray:
        """Which readings speak for an alarm."""
        return np.asarray((self.news == STRANGE) | (self.news == OUTSIDE))


def hear(tables: Tables, usual: FloatArray, own: IntArray, block: Judged, valid: BoolArray) -> Heard:
    """Return what counts of a block.

    Parameters
    ----------
    tables
        The settings, a row for each kind of device.
    usual
        ndarray of shape (channels,): the value that a deviation is from where nothing is expected; NaN for unknown.
    own
        ndarray of shape (devices,): each device's row of the tables.
    block, valid
        See :class:`tocsin.core.state.Stateful`.
    """
    score, shares = block.score, block.by_channel
    limit = block.limit * tables.factor[own][:, None] if tables.scaled else block.limit
    if len(tables.sifted):
        score, shares = _sift(tables, usual, own, block, limit)
    with np.errstate(invalid="ignore"):
        news = ((score > limit) & valid).astype(np.uint8)
    heard = Heard(score, limit, shares, news)
    if len(tables.ranged) and block.values.shape[-1]:
        heard = _look(tables, own, block, heard, valid)
    if tables.hushed:
        heard.news[tables.silent[own]] = CALM
    return heard


def _sift(
    tables: Tables, usual: FloatArray, own: IntArray, block: Judged, limit: FloatArray
) -> tuple[FloatArray, Float32Array]:
    """Take the shares of deviations that do not matter away from all scores that are above the release level."""
    lowest = min(law.release_below for law in tables.laws)
    with np.errstate(invalid="ignore"):
        device, time = np.nonzero(block.score > limit * lowest)
    score, shares, row = block.score.copy(), block.by_channel.copy(), own[device]
    if not len(device) or not shares.shape[-1]:
        return score, shares
    left, kept = score[device, time], shares[device, time]
    alone = ~np.isnan(kept).any(axis=1)
    matters = np.zeros(len(device), np.bool_)
    for channel in range(shares.shape[-1]):
        deviation = _deviation(usual, block, device, time, channel)
        idle = alone & _matters_not(tables, row, channel, deviation)
        # one channel after the other, so that the sum never depends on how many windows there are
        left = left - np.where(idle, kept[:, channel], 0)
        kept[idle, channel] = 0
        matters |= ~idle
    score[device, time] = np.where(matters, left, -np.inf)
    shares[device, time] = kept
    return score, shares


def _deviation(usual: FloatArray, block: Judged, device: IntArray, time: IntArray, channel: int) -> FloatArray:
    """Return how far readings are from what was expected of them; NaN where nobody knows."""
    if not block.values.shape[-1]:
        return np.full(len(device), np.nan)
    expected = block.expected[device, time, channel].astype(np.float64) if block.expected.shape[-1] else np.nan
    from_what = np.where(np.isnan(expected), usual[channel], expected)
    return np.asarray(block.values[device, time, channel] - from_what)


def _matters_not(tables: Tables, row: IntArray, channel: int, deviation: FloatArray) -> BoolArray:
    """Tell which deviations of a channel do not matter; one that nobody knows does."""
    sign, least = tables.sign[row, channel], tables.least[row, channel]
    with np.errstate(invalid="ignore"):
        wrong_way = (sign != 0) & (deviation * sign <= 0)
        return np.asarray(tables.mute[row, channel] | wrong_way | (np.abs(deviation) < least))


def _look(tables: Tables, own: IntArray, block: Judged, heard: Heard, valid: BoolArray) -> Heard:
    """Let values outside their range ring, in the name of their channel and with a severity of 1 at least."""
    seen = block.values[:, :, tables.ranged]
    low, high = (table[:, tables.ranged][own][:, None, :] for table in (tables.low, tables.high))
    mute = tables.mute[:, tables.ranged][own][:, None, :]
    with np.errstate(invalid="ignore"):
        beyond: BoolArray = ((seen < low) | (seen > high)) & ~mute & valid[:, :, None]
    known: BoolArray = ~np.isnan(seen) & ~mute & (np.isfinite(low) | np.isfinite(high))
    inside = np.isnan(heard.score) & known.any(axis=-1) & valid
    outside: BoolArray = np.asarray(beyond.any(axis=-1))
    news = np.where(outside, OUTSIDE, np.where(inside, INSIDE, heard.news)).astype(np.uint8)
    found = Heard(heard.score, heard.limit, heard.shares, news)
    return _blamed(tables.ranged, beyond, outside, found) if outside.any() else found


def _blamed(ranged: IntArray, beyond: BoolArray, outside: BoolArray, heard: Heard) -> Heard:
    device, time = np.nonzero(outside)
    score, limit, shares = heard.score.copy(), heard.limit.copy(), heard.shares.copy()
    score[device, time], limit[device, time] = _at_least(score[device, time], limit[device, time])
    guilty = beyond[device, time].astype(np.float32)
    weight: npt.NDArray[np.float32] = (score[device, time] / guilty.sum(axis=1)).astype(np.float32)
    if shares.shape[-1]:
        shares[device, time] = 0
        shares[device[:, None], time[:, None], ranged] = guilty * weight[:, None]
    return Heard(score, limit, shares, heard.news)


def _at_least(score: FloatArray, limit: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return scores that are their limit at least; both are 1 where there is none."""
    nobody = np.isnan(limit)
    bound = np.where(nobody, 1.0, limit)
    with np.errstate(invalid="ignore"):
        return np.where(nobody | ~(score > bound), bound, score), bound
