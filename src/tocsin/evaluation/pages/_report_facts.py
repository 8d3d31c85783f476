"""What a report tells of, as plain values, so that whoever has them can have a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tocsin.core.alerts import Incident
from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.relations import Relations
from tocsin.core.schema import Schema
from tocsin.core.verdicts import Verdicts
from tocsin.evaluation.events import EventRecall
from tocsin.evaluation.metrics.points import PointMetrics


@dataclass(frozen=True, eq=False, kw_only=True)
class Report:
    """Everything that a report shows.

    Parameters
    ----------
    title
        What was judged, such as the file's name.
    schema
        The channels, with units.
    devices
        Names of the devices; the arrays refer to them by index.
    device
        ndarray of shape (n,), int64: index into ``devices``.
    time
        ndarray of shape (n,), int64: ns since the epoch, UTC, or the row number if ``row_clock``;
        :data:`tocsin.core.arrays.NEVER` where unreadable (such readings are counted, not drawn).
    row_clock
        Is the row number the clock? Then nothing is said per day and moments read "row 120".
    values
        ndarray of shape (n, channels), float64: the readings in the channels' units, NaN where missing.
    verdicts
        n verdicts, one for each reading, in the same order.
    incidents
        What the policy told, in order of time.
    held
        Incidents that it held back, in quiet hours or during maintenance, and never told.
    groups
        The group of each of the incidents; none where nobody asked for groups.
    grades
        From which severity on an incident is major, and critical.
    labels
        ndarray of shape (n,), bool, or None: labelled anomalous?
    quality
        Pairs of a level ("fatal", "warning", "info" or "ok") and a sentence about the readings.
    settings, provenance, threshold
        What was chosen, where the artifact is from, how its limit came about; text by name. The value of
        ``threshold["warning"]``, where there is one, is set off as a warning.
    curves
        Training curves by name, one value an epoch; none where nothing is learned in epochs.
    why
        What was chosen from the readings, and why, in sentences.
    metrics
        Flags against labels, or None where there are no labels.
    recall_by_kind
        Events caught by kind and size, or None.
    relations
        Which channels follow which, where the detector tells.
    notes
        Sentences that the reader must know before reading on.
    band
        ndarray of shape (channels,), float64: how far normal readings stray from what was expected of them; NaN for a
        channel of which nothing comparable is expected, as of a counter, and of shape (0,) where nothing is at all.

    Raises
    ------
    ValueError
        If arrays disagree about the number of readings or channels.
    """

    title: str
    schema: Schema
    devices: tuple[str, ...]
    device: IntArray
    time: IntArray
    row_clock: bool
    values: FloatArray
    verdicts: Verdicts
    incidents: tuple[Incident, ...]
    labels: BoolArray | None = None
    quality: Sequence[tuple[str, str]] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)
    threshold: Mapping[str, str] = field(default_factory=dict)
    curves: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    why: Sequence[str] = ()
    metrics: PointMetrics | None = None
    recall_by_kind: tuple[EventRecall, ...] | None = None
    relations: Relations = ()
    notes: Sequence[str] = ()
    held: tuple[Incident, ...] = ()
    groups: tuple[str, ...] = ()
    grades: tuple[float, float] = (1.5, 3.0)
    band: FloatArray = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        rows = len(self.time)
        shapes = {"device": (rows,), "values": (rows, len(self.schema))}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected {shape}")
        if len(self.verdicts) != rows:
            raise ValueError(f"{len(self.verdicts)} verdicts for {rows} readings")
        if len(self.band) and self.band.shape + self.verdicts.expected.shape[1:] != (len(self.schema),) * 2:
            raise ValueError(f"a band of shape {self.band.shape} for expectations of {self.verdicts.expected.shape}")
        if self.labels is not None and self.labels.shape != (rows,):
            raise ValueError(f"labels have shape {self.labels.shape}, expected {(rows,)}")
