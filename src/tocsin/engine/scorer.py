"""The scorer: what ``tocsin.fit`` and ``tocsin.load`` return, and what most programs need to know of tocsin."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.alerts import Event, Incident
from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.errors import InputError
from tocsin.core.progress import report
from tocsin.core.readings import Readings
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine.pipeline import Pipeline, Witness
from tocsin.engine.scored import Scored
from tocsin.sources import Overrides, Table, open_table, to_frame

SLICE = 1 << 16
"""Readings pushed at a time when a whole table is scored: bounds memory, and changes nothing else."""


class Scorer:
    """A trained artifact, ready to score.

    Parameters
    ----------
    artifact
        What was trained.
    """

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact

    def score(self, source: Any, *, shares: bool = False, overrides: Overrides = Overrides()) -> Any:  # noqa: B008  # frozen
        """Score readings, each by what came before it alone.

        Parameters
        ----------
        source
            A pandas, Polars or pyarrow frame, or a path: then the result is a frame of the same kind (Polars for a
            path) with every column of the input and ``score, limit, severity, anomaly, status, cause, incident_id``
            beside it. Or an ndarray of shape (n, channels): then the result is :class:`tocsin.core.verdicts.Verdicts`
            of n readings of one device, one period apart.
        shares
            Add one column ``share_<channel>`` for each channel.
        overrides
            What the guess of the columns' meaning should not guess.
        """
        if isinstance(source, np.ndarray):
            return self.verdicts(source)
        table = open_table(source, overrides=overrides, expect=self.artifact.layout)
        return to_frame(table.columns, self.judge(table).columns(shares=shares), like=source)

    def verdicts(self, values: Any, *, time: IntArray | None = None) -> Verdicts:
        """Score ndarray of shape (n, channels), float, NaN for "no news", of one device.

        Parameters
        ----------
        values
            In the channels' units, oldest first.
        time
            ndarray of shape (n,), int64, ns since the epoch; None for readings one period apart.
        """
        values = np.asarray(values, np.float64)
        if values.ndim != 2 or values.shape[1] != len(self.artifact.schema):
            raise InputError(
                f"The array has shape {values.shape}, the artifact scores {len(self.artifact.schema)} channels.",
                remedy=f"Give the columns {', '.join(self.artifact.schema.names)}.",
            )
        n = len(values)
        when = np.arange(1, n + 1) * self.artifact.clock.period_ns if time is None else np.asarray(time, np.int64)
        readings = Readings(self.artifact.schema, np.zeros(n, np.int64), when, values, row=np.arange(n))
        return _aligned(readings, self.run(readings, ("-",)), self.artifact)

    def judge(self, table: Table, *, witness: Witness | None = None) -> Scored:
        """Score an opened table; where its rows are counted, but the artifact knows times, a row is a period.

        ``witness`` is shown whatever the policy is shown.
        """
        period, readings = self.row_ns(table), self.readings(table)
        bins = self.run(readings, table.devices, witness=witness)
        verdicts = _aligned(readings, bins, self.artifact)
        if period > 1:
            verdicts, bins = _in_rows(verdicts, period), _in_rows(bins, period)
        found, policy = last_states(bins.events), self.artifact.policy
        return Scored(
            table,
            verdicts,
            bins,
            tuple(incident for incident in found if not incident.held),
            self.artifact.relations,
            held=tuple(incident for incident in found if incident.held),
            grades=policy.grades,
            together=policy.together_ns // period,
        )

    def row_ns(self, table: Table) -> int:
        """Return the ns that a row stands for: a period where a table counts rows, but the artifact knows times."""
        counted = table.cadence.row_clock and not self.artifact.provenance.row_clock
        return self.artifact.clock.period_ns if counted else 1

    def readings(self, table: Table) -> Readings:
        """Return the readings of ``table`` as the pipeline takes them, rows as times where they must be."""
        return replace(table.readings, time=table.readings.time * self.row_ns(table))

    def run(self, readings: Readings, devices: Sequence[str], *, witness: Witness | None = None) -> Verdicts:
        """Push all ``readings`` through a new pipeline, slice by slice, and close it."""
        pipeline = Pipeline(self.artifact, witness=witness)
        pipeline.join(devices)
        parts = []
        for start in range(0, max(len(readings), 1), SLICE):
            parts.append(pipeline.push(readings.take(slice(start, start + SLICE))))
            report("scoring", min(start + SLICE, len(readings)), len(readings))
        return Verdicts.join([*parts, pipeline.flush()])

    def pipeline(self) -> Pipeline:
        """Return a new pipeline, to be fed reading by reading."""
        return Pipeline(self.artifact)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the artifact to one file, by custom ``*.tocsin``."""
        bundle.save(self.artifact, path)


def load(path: str | os.PathLike[str]) -> Scorer:
    """Read an artifact; needs NumPy, ONNX Runtime and pydantic alone."""
    return Scorer(bundle.load(path))


def last_states(events: Sequence[Event]) -> tuple[Incident, ...]:
    """Return each incident as its last event left it, in order of start."""
    found = {(event.incident.device, event.incident.start): event.incident for event in events}
    return tuple(found[key] for key in sorted(found, key=lambda key: (key[1], key[0])))


def _in_rows(found: Verdicts, period: int) -> Verdicts:
    """Return verdicts stamped in rows instead of ns, a row being a period."""
    events = tuple(replace(event, incident=_incident_in_rows(event.incident, period)) for event in found.events)
    incident = np.where(found.told, found.incident // period, NEVER)
    return replace(found, time=found.time // period, incident=incident, events=events)


def _incident_in_rows(incident: Incident, period: int) -> Incident:
    return replace(
        incident,
        start=incident.start // period,
        peak=incident.peak // period,
        end=incident.end // period,
        opened=NEVER if incident.opened == NEVER else incident.opened // period,
    )


def _aligned(readings: Readings, found: Verdicts, artifact: Artifact) -> Verdicts:
    """Return the verdict of each reading, in the readings' order."""
    n = len(readings)
    place = np.full(n, -1)
    own = np.flatnonzero(found.row >= 0)
    back = np.full(int(readings.row.max()) + 1 if readings.row is not None and n else n, -1)
    back[np.arange(n) if readings.row is None else readings.row] = np.arange(n)
    place[back[found.row[own]]] = own
    if (place < 0).any():
        rest = np.flatnonzero(place < 0)
        place[rest] = _by_bin(readings.take(rest), found, artifact)
    return found if n == len(found) and (place == np.arange(n)).all() else found.take(place)


def _by_bin(readings: Readings, found: Verdicts, artifact: Artifact) -> IntArray:
    """Return which verdict belongs to the bin that holds each reading."""
    bins = np.flatnonzero((found.row < 0) & (found.status < Status.late))
    bins = bins[np.lexsort((found.time[bins], found.device[bins]))]
    end = artifact.clock.end_of(readings.time)
    out = np.full(len(readings), -1)
    for device in np.unique(readings.device):
        mine = np.flatnonzero(readings.device == device)
        theirs = bins[found.device[bins] == device]
        out[mine] = theirs[np.searchsorted(found.time[theirs], end[mine])]
    return out
