"""What those who look on are shown of a push: its verdicts with the values that they are about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tocsin.alerting import Judged
from tocsin.core.arrays import BoolArray, ByteArray, Float32Array, FloatArray, IntArray
from tocsin.core.frames import UNKNOWN, Frame
from tocsin.core.tidings import Kept
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine.live._telling import Named
from tocsin.engine.live.duty import Duty


class Sight:
    """Takes note of the values that a pipeline judges, and puts them beside the verdicts; its witness.

    Parameters
    ----------
    duty
        Whose pipeline.
    """

    def __init__(self, duty: Duty) -> None:
        self._duty = duty
        self._seen: list[tuple[IntArray, IntArray, Float32Array]] = []

    def witness(self, devices: IntArray, judged: Judged, valid: BoolArray) -> None:
        """Take note of a block."""
        device = np.broadcast_to(devices[:, None], valid.shape)[valid]
        self._seen.append((device, judged.time[valid], judged.values[valid]))

    def frame(self, verdicts: Verdicts, named: Named) -> Frame | None:
        """Return the verdicts as a frame, but for readings that were turned away; None where there are none.

        Values are as they were judged: missing ones held as long as the artifact holds them, counters as rates.
        """
        seen, self._seen = self._seen, []
        own = np.flatnonzero(verdicts.status < Status.late)
        if not len(own):
            return None
        device, time = verdicts.device[own], verdicts.time[own]
        values = _beside(device, time, seen)
        cause = _causes(verdicts.by_channel[own], verdicts.anomaly[own])
        return _frame(
            self._duty,
            named,
            device,
            time,
            values,
            verdicts.score[own],
            verdicts.limit[own],
            verdicts.status[own],
            cause,
        )

    def silences(self, kept: Kept) -> Frame | None:
        """Return the verdicts of silences as a frame; None where rows are the clock, or there are none."""
        if not len(kept) or self._duty.artifact.provenance.row_clock:
            return None
        nothing = np.full((len(kept), len(self._duty.artifact.schema)), np.nan, np.float32)
        cause = np.full(len(kept), UNKNOWN)
        named = kept.devices.__getitem__
        return _frame(self._duty, named, kept.device, kept.time, nothing, kept.score, kept.limit, kept.status, cause)


def _frame(
    duty: Duty,
    named: Named,
    device: IntArray,
    time: IntArray,
    values: Float32Array,
    score: FloatArray,
    limit: FloatArray,
    status: ByteArray,
    cause: IntArray,
) -> Frame:
    used, place = np.unique(device, return_inverse=True)
    return Frame(
        duty.name,
        duty.version,
        duty.artifact.provenance.row_clock,
        duty.artifact.schema.names,
        tuple(named(index) for index in used.tolist()),
        place.astype(np.int64).reshape(-1),
        time,
        values,
        score,
        limit,
        status,
        cause,
    )


def _beside(device: IntArray, time: IntArray, seen: Sequence[tuple[IntArray, IntArray, Float32Array]]) -> Float32Array:
    """Return the values seen of each device and time; both sides hold the same ones, in other orders."""
    whose, when, what = (np.concatenate(column) for column in zip(*seen, strict=True))
    found = np.empty_like(what)
    found[np.lexsort((time, device))] = what[np.lexsort((when, whose))]
    return found


def _causes(shares: Float32Array, anomaly: BoolArray) -> IntArray:
    """Return the channel with the greatest share of each anomalous score; none where it is unattributed."""
    found = np.full(len(anomaly), UNKNOWN)
    strange = np.flatnonzero(anomaly)
    own = shares[strange]
    known = ~np.isnan(own).all(axis=1) if own.shape[1] else np.zeros(len(strange), np.bool_)
    found[strange[known]] = np.nanargmax(own[known], axis=1) if known.any() else UNKNOWN
    return found
