"""Normal windows of a table, cut exactly as the pipeline cuts them: what exports and students are calibrated on."""

from __future__ import annotations

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import BoolArray, Float32Array, IntArray
from tocsin.core.errors import InputError
from tocsin.core.verdicts import Status
from tocsin.engine._retraced import Retraced, retrace
from tocsin.engine.scorer import Scorer
from tocsin.sources import Table

MOST = 4096
"""Windows that are cut, at most."""

_NONE = np.zeros(0, np.int64)

_VALUES = 1 << 24
"""Values that they hold, at most: long windows of many channels would not fit into the memory."""


def normal_windows(artifact: Artifact, table: Table, *, most: int = MOST) -> Float32Array:
    """Return complete windows of a table, without those that hold a labelled anomaly, spread evenly over it.

    Parameters
    ----------
    artifact
        Says how readings become windows.
    table
        Normal readings, of any devices.
    most
        Windows wanted, at most.

    Returns
    -------
    ndarray of shape (n, window, channels), float32
        In raw units, n ≥ 1; a counter is its rate.

    Raises
    ------
    InputError
        If there is none.
    """
    ordered = table.in_time_order()
    readings = Scorer(artifact).readings(ordered)
    _check(artifact, readings.schema.names)
    cut = []
    for device in np.unique(readings.device):
        own = readings.device == device
        retraced = retrace(artifact, readings.take(own))
        marked = _NONE if ordered.labels is None else readings.time[own & ordered.labels]
        cut.append((retraced, _normal(artifact, retraced, marked)))
    windows = _spread(cut, min(most, max(_VALUES // (artifact.window * len(artifact.schema)), 1)))
    if not len(windows):
        raise InputError(
            f"No complete normal window of {artifact.window} readings lies in {len(readings)} readings.",
            remedy="Give more normal readings.",
        )
    return windows


def _check(artifact: Artifact, names: tuple[str, ...]) -> None:
    if names != artifact.schema.names:
        raise InputError(
            f"The readings' channels are {', '.join(names)}; the artifact was trained on "
            f"{', '.join(artifact.schema.names)}.",
            remedy="Give the channels it was trained on, in that order.",
        )


def _normal(artifact: Artifact, retraced: Retraced, marked: IntArray) -> IntArray:
    """Return the places of the windows that are complete and hold no bin with a labelled reading."""
    labelled = np.isin(retraced.time, artifact.clock.end_of(marked))
    return np.flatnonzero((retraced.status == Status.ok) & ~_touched(labelled, artifact.window))


def _touched(labelled: BoolArray, length: int) -> BoolArray:
    """Return which windows of so many bins hold a labelled one."""
    count = np.concatenate([np.zeros(length, np.int64), np.cumsum(labelled)])
    return np.asarray(count[length:] > count[:-length])


def _spread(cut: list[tuple[Retraced, IntArray]], most: int) -> Float32Array:
    """Return at most so many of the windows at their places, device after device, evenly spread."""
    total = sum(len(places) for _, places in cut)
    chosen = np.linspace(0, total - 1, min(total, most)).astype(np.int64)
    pieces, before = [np.zeros((0, 0, 0), np.float32)], 0
    for retraced, places in cut:
        own = chosen[(chosen >= before) & (chosen < before + len(places))] - before
        pieces.append(retraced.windows[places[own]].astype(np.float32))
        before += len(places)
    found = [piece for piece in pieces if len(piece)]
    return np.concatenate(found) if found else pieces[0]
