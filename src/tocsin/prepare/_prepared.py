"""What a detector learns from behind prepare steps, and how the steps get into its graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tocsin.core.contracts import Graph
from tocsin.core.kinds import Kind
from tocsin.core.windows import Windows
from tocsin.prepare._features import Features
from tocsin.prepare.scale import Scale, Scaling

_ENOUGH = 2_000
"""Windows beyond which rows of several readings are taken less often than at every reading."""

_OVERLAP = 4
"""Times that a reading is in a row, at least, where rows are made of several readings."""

_STEEPEST = 1e3
"""Greatest factor by which columns are scaled: what hardly varied in training shall not drown all else."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """Windows of columns, scaled, and the way there from windows of readings.

    Parameters
    ----------
    windows
        What the detector learns from.
    features
        The steps.
    scaling
        What brought the columns to one size; None where nothing did.
    channels
        Channels in a reading.
    """

    windows: Windows
    features: Features
    scaling: Scaling | None
    channels: int

    def fold(self, graph: Graph) -> Graph:
        """Return ``graph``, which takes such windows, with the steps in front: it takes scaled readings then."""
        from tocsin.graph.fold import scaled

        if self.scaling is not None:
            graph = scaled(graph, offset=self.scaling.offset, factor=self.scaling.factor, clip=self.scaling.clip)
        return self.features.fold(graph, window=self.windows.length, channels=self.channels)


def prepare(features: Features, windows: Windows, *, scale: Scale, kinds: Sequence[Kind] = ()) -> Prepared:
    """Return what a detector learns from instead of ``windows``.

    Parameters
    ----------
    features
        The steps.
    windows
        Windows of scaled readings, as many as the rows of the detector's window take.
    scale
        What scaled the readings. It scales what the steps make of them once more, since a change is far smaller than
        a value; with "none" that is left out.
    kinds
        The kind of each channel of ``windows``, where known.
    """
    if not features.steps:
        return Prepared(windows, features, None, windows.channels)
    made = windows_of(features, windows)
    if scale.method == "none":
        return Prepared(made, features, None, windows.channels)
    found = scale.fit(made, tuple(kinds) * (made.channels // windows.channels))
    scaling = replace(found, factor=np.minimum(found.factor, _STEEPEST))
    return Prepared(_scaled(made, scaling), features, scaling, windows.channels)


def windows_of(features: Features, windows: Windows) -> Windows:
    """Return windows of rows of columns, which end where ``windows`` end; validation windows are of the same series.

    Where a row is made of several readings, neighbouring windows say nearly the same: then only so many are taken that
    rows overlap by three quarters, or some thousand windows remain. Rows of one phase lie together, as in a window.
    """
    stride, last = features.stride, len(windows.series) - 1
    phases = np.arange(0, stride, int(np.clip(len(windows) // _ENOUGH, 1, max(stride // _OVERLAP, 1))))
    final = np.maximum(last - (last - phases) % stride, -1)
    pieces = [features(windows.series[: end + 1]) for end in final]
    newest = np.cumsum([len(piece) for piece in pieces]) - 1
    slot = np.full(stride, -1)
    slot[phases] = np.arange(len(phases))

    def within(some: Windows, later: Windows | None) -> Windows:
        chosen = slot[some.end % stride]
        at, end = chosen[chosen >= 0], some.end[chosen >= 0]
        labels = None if some.labels is None else some.labels[chosen >= 0]
        rows = newest[at] - (final[at] - end) // stride
        return Windows(series, rows, features.rows(some.length), labels=labels, validation=later)

    series = np.concatenate(pieces)
    later = None if windows.validation is None else within(windows.validation, None)
    return within(windows, later if later is not None and len(later) else None)


def _scaled(windows: Windows, scaling: Scaling) -> Windows:
    series = scaling(windows.series)
    later = None if windows.validation is None else replace(windows.validation, series=series)
    return replace(windows, series=series, validation=later)
