"""What the policy takes, what it remembers, and what it tells, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.arrays import BoolArray, ByteArray, Float32Array, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Judged:
    """What the policy takes: devices on axis 0, time on axis 1 in ``scan``.

    Parameters
    ----------
    time
        int64, ns.
    score, limit
        float64; NaN where the reading has no score. Those are no news: they neither raise nor release.
    by_channel
        float32, with channels on the last axis; NaN where unattributed.
    fresh
        bool: memory of the device was dropped before this reading; an open incident ends with its last window.
    regime
        uint8; see :class:`tocsin.core.contracts.Bounds`.
    values, expected
        float32, with channels on the last axis: the readings, NaN where missing, and what was expected of them, NaN
        where nothing was. Without channels (an axis of length 0) where the policy has no use for them.
    """

    time: IntArray
    score: FloatArray
    limit: FloatArray
    by_channel: Float32Array
    fresh: BoolArray
    regime: ByteArray
    values: Float32Array
    expected: Float32Array


@dataclass(frozen=True, eq=False)
class Watch:
    """What the policy remembers of each device; devices on axis 0. Times in ns, NEVER where there is none.

    Beside ``kind`` and ``concern``, which hang on the device's name, it holds the run or incident that is under way,
    and under names that begin with ``past`` the incident before it, into which a new one may be merged.
    """

    kind: IntArray
    """The device's row of the policy's settings: 0, or the number of the rule that is about it."""
    concern: BoolArray
    """Which maintenance is about the device, shape (devices, maintenance)."""
    above: IntArray
    """Anomalous windows in a row."""
    below: IntArray
    """Windows in a row below the release level while an incident is open."""
    quiet_since: IntArray
    rest: IntArray
    """Windows of cooldown left."""
    rest_until: IntArray
    open: BoolArray
    excused: BoolArray
    """Did the run begin in maintenance?"""
    start: IntArray
    opened: IntArray
    end: IntArray
    peak: IntArray
    peak_score: FloatArray
    peak_limit: FloatArray
    revision: IntArray
    """Events of the incident so far."""
    regime: ByteArray
    """What the threshold has told of the run: 1 where a lasting new level was noticed."""
    outside: ByteArray
    """1 where a value lay outside its range in some of the run's windows, 2 in all of them."""
    held: BoolArray
    """Is the incident held back?"""
    shares: FloatArray
    """Sums of the channels' shares over the run's anomalous windows, shape (devices, channels)."""
    past_start: IntArray
    past_opened: IntArray
    past_end: IntArray
    past_peak: IntArray
    past_peak_score: FloatArray
    past_peak_limit: FloatArray
    past_revision: IntArray
    past_regime: ByteArray
    past_outside: ByteArray
    past_held: BoolArray
    past_shares: FloatArray
    """Of shape (devices, 0) where the policy merges nothing."""


@dataclass(frozen=True, eq=False)
class Told:
    """What the policy says of each reading: the start of the incident being told, or NEVER; shaped as the scores."""

    incident: IntArray
