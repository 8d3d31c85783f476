"""Readings scored once, with all that limits and policies are shown of them, so that others can be tried at leisure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from tocsin.alerting import Judged
from tocsin.alerting.policy import Policy
from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import BoolArray, IntArray
from tocsin.core.blocks import blocks
from tocsin.core.errors import InputError
from tocsin.core.progress import report
from tocsin.core.readings import Readings
from tocsin.core.reference import Reference
from tocsin.engine.pipeline import Pipeline
from tocsin.engine.scorer import SLICE, Scorer
from tocsin.prepare.clock import Clock
from tocsin.sources import Table
from tocsin.thresholds.fixed import Fixed

_NEVER_EXCEEDED = 1e300
"""Above every score, which are float32."""


@dataclass(frozen=True, eq=False)
class History:
    """What an artifact made of a table, bin by bin; device after device, each in order of time.

    Parameters
    ----------
    judged
        What the policy was shown: columns of shape (n,), and (n, channels) where they have channels. ``limit`` is the
        one that the artifact had in force.
    device
        ndarray of shape (n,), int64: index of the device.
    names
        Names of the devices, by index.
    labelled
        ndarray of shape (n,), bool: does the bin hold a reading that is labelled anomalous? None where nobody says.
    tainted
        ndarray of shape (n,), bool: does its window hold one?
    period_ns
        Between two readings of a device, usually; 1 where rows are the clock.
    row_clock
        Are rows counted, because the artifact knows no times?
    """

    judged: Judged
    device: IntArray
    names: tuple[str, ...]
    labelled: BoolArray | None
    tainted: BoolArray
    period_ns: int
    row_clock: bool

    def __len__(self) -> int:
        return len(self.device)

    @property
    def scored(self) -> BoolArray:
        """Which bins have a score: an ndarray of shape (n,), bool."""
        return np.isfinite(self.judged.score)

    @property
    def normal(self) -> BoolArray:
        """Which bins have a score, of a window without a labelled anomaly: an ndarray of shape (n,), bool."""
        return self.scored & ~self.tainted

    @property
    def devices(self) -> int:
        """How many devices have a score."""
        return len(np.unique(self.device[self.scored]))


def score_history(artifact: Artifact, table: Table) -> History:
    """Score a table in order of time, and keep what the policy was shown.

    Where the table's rows are counted, but the artifact knows times, a row is a period. Shares that the graph does not
    tell are worked out where the policy asks for them: of windows above the limit in force.

    Raises
    ------
    InputError
        If the table has no reading with a time that can be used.
    """
    ordered = table.in_time_order()
    readings = Scorer(artifact).readings(ordered)
    if _cares(artifact.policy):
        device, judged = _watched(artifact, readings, ordered.devices)
    else:
        device, judged = _watched(_silent(artifact), readings, ordered.devices)
        judged = _limited(artifact, device, judged)
    return history_of(artifact, ordered, device, judged)


def history_of(artifact: Artifact, table: Table, device: IntArray, judged: Judged) -> History:
    """Return the history of a table whose bins are ``judged``, device after device, beside what people marked in it."""
    readings, rows = Scorer(artifact).readings(table), artifact.provenance.row_clock
    labelled = None
    if table.labels is not None:
        labelled = _labelled(device, judged.time, marked=readings.take(table.labels), clock=artifact.clock)
    return History(
        judged,
        device,
        table.devices,
        labelled,
        tainted=_tainted(labelled, len(device), artifact.window),
        period_ns=1 if rows else artifact.clock.period_ns,
        row_clock=rows,
    )


class Seen:
    """Gathers what a policy is shown: give it to a pipeline as its witness."""

    def __init__(self) -> None:
        self._parts: list[tuple[IntArray, Judged]] = []

    def __call__(self, shown: IntArray, judged: Judged, valid: BoolArray) -> None:
        """Take a block of it."""
        whose = np.broadcast_to(shown[:, None], valid.shape)[valid]
        self._parts.append((whose, Judged(**{f.name: getattr(judged, f.name)[valid] for f in fields(Judged)})))

    def in_order(self) -> tuple[IntArray, Judged]:
        """Return whose each bin is, and what was shown of it, device after device.

        Raises
        ------
        InputError
            If there was nothing to see.
        """
        if not self._parts:
            raise InputError("No reading has a time that can be used.", remedy="Check the time column, or use --time.")
        return _in_order(self._parts)


def _watched(artifact: Artifact, readings: Readings, devices: Sequence[str]) -> tuple[IntArray, Judged]:
    """Push readings through the artifact's own pipeline; return whose each bin is, and what the policy was shown."""
    seen = Seen()
    pipeline = Pipeline(artifact, witness=seen)
    pipeline.join(devices)
    for start in range(0, max(len(readings), 1), SLICE):
        pipeline.push(readings.take(slice(start, start + SLICE)))
        report("scoring", min(start + SLICE, len(readings)), len(readings))
    pipeline.flush()
    return seen.in_order()


def _cares(policy: Policy) -> bool:
    """Tell whether the policy asks which channels made a score."""
    return bool(policy.intents) or any(rule.intents for rule in policy.devices)


def _silent(artifact: Artifact) -> Artifact:
    """Return the artifact with a limit that nothing exceeds, so that no shares are worked out for nobody."""
    never = Fixed(_NEVER_EXCEEDED).fit(Reference.of(np.zeros(0))).limits
    return replace(artifact, calibration=replace(artifact.calibration, limits=never))


def _limited(artifact: Artifact, device: IntArray, judged: Judged) -> Judged:
    """Return what was shown with the limits that were in force: they hang on the scores alone."""
    limits, limit, regime = artifact.calibration.limits, np.empty(len(device)), np.empty(len(device), np.uint8)
    for block in blocks(device):
        _, bounds = limits.scan(limits.init(len(block.devices)), judged.score[block.rows], block.valid)
        own = block.rows[block.valid]
        limit[own], regime[own] = bounds.limit[block.valid], bounds.regime[block.valid]
    return replace(judged, limit=limit, regime=regime)


def _in_order(seen: list[tuple[IntArray, Judged]]) -> tuple[IntArray, Judged]:
    """Put what was shown of a device one after the other; within a device it came in order of time."""
    device = np.concatenate([whose for whose, _ in seen])
    columns = {f.name: np.concatenate([getattr(part, f.name) for _, part in seen]) for f in fields(Judged)}
    if (device[1:] >= device[:-1]).all():
        return device, Judged(**columns)
    order = np.argsort(device, kind="stable")
    return device[order], Judged(**{name: column[order] for name, column in columns.items()})


def _labelled(device: IntArray, end: IntArray, *, marked: Readings, clock: Clock) -> BoolArray:
    """Return which bins hold one of the readings that are marked."""
    out, ends = np.zeros(len(device), np.bool_), clock.end_of(marked.time)
    for one in np.unique(marked.device):
        own = slice(*np.searchsorted(device, [one, one + 1]))
        out[own] = np.isin(end[own], ends[marked.device == one])
    return out


def _tainted(labelled: BoolArray | None, bins: int, length: int) -> BoolArray:
    """Return which windows of ``length`` bins hold a labelled one; of complete windows only, it means anything."""
    if labelled is None:
        return np.zeros(bins, np.bool_)
    count = np.concatenate([np.zeros(length, np.int64), np.cumsum(labelled)])
    return np.asarray(count[length:] - count[:bins] > 0)
