"""The way of one device's readings, walked again: the windows that were scored, which the pipeline does not keep."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import ByteArray, Float32Array, FloatArray, IntArray
from tocsin.core.readings import Readings
from tocsin.core.state import advance
from tocsin.engine.pipeline import usable
from tocsin.engine.ring import Filling, Ring
from tocsin.prepare import Bins


@dataclass(frozen=True, eq=False)
class Retraced:
    """One device's bins as the graph saw them, in order of time.

    Parameters
    ----------
    time
        ndarray of shape (n,), int64: each bin's end, ns.
    values
        ndarray of shape (n, channels), float64: prepared readings, NaN where missing; a counter is its rate.
    windows
        ndarray of shape (n, window, channels), float32: a view; the window that each bin ends.
    status
        ndarray of shape (n,), uint8: can the window be scored?
    """

    time: IntArray
    values: FloatArray
    windows: Float32Array
    status: ByteArray


def retrace(artifact: Artifact, readings: Readings) -> Retraced:
    """Take the readings of one device through clock, counters, impute and ring, exactly as the pipeline does."""
    bins = _bins(artifact, readings)
    valid = np.ones(bins.end.shape, np.bool_)
    _, rates = advance(artifact.counters, artifact.counters.init(1), bins, valid)
    _, values = advance(artifact.impute, artifact.impute.init(1), rates, valid)
    ring = Ring(artifact.window, len(artifact.schema))
    _, framed = advance(ring, ring.init(1), Filling(values, bins.fresh, bins.jump), valid)
    return Retraced(bins.end[0], values[0], framed.windows[0], framed.status[0])


def _bins(artifact: Artifact, readings: Readings) -> Bins:
    """Return all bins of the device, those open at the end too, as a block of one device."""
    dial, first = artifact.clock.push(
        artifact.clock.init(1),
        readings.time[None],
        usable(readings)[None],
        valid=np.ones((1, len(readings)), np.bool_),
        arrived=None if readings.arrived is None else readings.arrived[None],
    )
    _, last = artifact.clock.flush(dial)
    both = (first.bins, last.bins)
    return Bins(**{f.name: np.concatenate([getattr(bins, f.name) for bins in both])[None] for f in fields(Bins)})
