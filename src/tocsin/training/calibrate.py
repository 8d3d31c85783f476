"""Finding the limit: the threshold's rule, applied to the scores it refers to, with the evidence kept."""

from __future__ import annotations

import numpy as np

from tocsin.alerting.policy import Policy
from tocsin.artifact.calibration import Calibration
from tocsin.core.arrays import BoolArray, Float32Array, FloatArray, IntArray
from tocsin.core.contracts import Threshold
from tocsin.core.errors import InputError
from tocsin.core.progress import report
from tocsin.core.reference import Reference
from tocsin.core.windows import Windows
from tocsin.graph.run import Runner
from tocsin.prepare.clock import Clock
from tocsin.sources import Table
from tocsin.training.agree import agreement
from tocsin.training.parts import Parts
from tocsin.training.ringing import Seen, ringing

SOME = 4096
"""Training windows that are scored again to compare them with the calibration part."""

_UNSEEN = (
    "No complete normal window lies in the last 30 % of the time, which would have room for some: nothing shows that "
    "gaps leave anything to score in later readings, or that the limit suits them."
)


def calibrate(
    graph: bytes,
    parts: Parts,
    table: Table,
    *,
    written: str,
    threshold: Threshold,
    length: int,
    clock: Clock,
    policy: Policy,
    stated: bool,
) -> tuple[Calibration, Policy, Reference]:
    """Find the limit.

    Parameters
    ----------
    graph
        Takes raw windows.
    parts
        The prepared readings.
    table
        What they were, with the devices' names.
    written, threshold
        The threshold as the user wrote it, and as an object.
    length
        Readings in a window.
    clock
        The grid they lie on.
    policy
        When it rings, as it was asked for.
    stated
        Did the user say after how many windows in a row?

    Returns
    -------
    The limit with its evidence, the policy that goes with it, and the scores it was found from.
    """
    runner = Runner(graph)
    seen, labels = _seen(runner, parts, threshold, length, clock, policy.heeded(table.devices))

    if threshold.reference != "stated" and not len(seen.score):
        raise InputError(
            "No normal window of a device that may ring is left to find the limit from.",
            remedy="Mute fewer devices, or give more readings.",
        )

    def seek(ringing_by: Policy) -> Reference:
        return Reference(
            seen.score,
            seen.time,
            seen.device,
            period_ns=clock.period_ns,
            labels=labels,
            row_clock=table.cadence.row_clock,
            raise_after=ringing_by.raise_after,
            stated=stated,
            ringing=ringing(ringing_by, seen, table.devices),
            names=table.devices,
        )

    fitting, found, reference = agreement(threshold, policy, seek)
    warnings = found.warnings
    if threshold.reference == "calibration":
        warnings += _unlike(runner, parts, reference.score, length, threshold.share)
    if threshold.reference == "stated" and _unseen(parts, length):
        warnings += (_UNSEEN,)
    calibration = Calibration(written, found.limits, threshold.reference, len(reference), found.said, warnings)
    return calibration, fitting, reference


def _seen(
    runner: Runner, parts: Parts, threshold: Threshold, length: int, clock: Clock, heeded: BoolArray
) -> tuple[Seen, BoolArray | None]:
    """Return what a policy sees of the windows that a threshold refers to, and which of them end in an anomaly.

    Devices of which nothing is told are none of them: they would be watched for a long time without an alarm.
    """
    end = _ends(parts, threshold)
    end = end[heeded[parts.device[end]]]
    score, by_channel, expected = _said(runner, Windows(parts.series, end, length))
    time, device = parts.time[end], parts.device[end]
    seen = Seen(score, time, device, by_channel, parts.series[end], expected, _apart(parts, end, clock))
    return seen, parts.labels[end] if threshold.needs_labels and parts.labels is not None else None


def _ends(parts: Parts, threshold: Threshold) -> IntArray:
    """Return the rows in which the windows end whose scores ``threshold`` refers to; none for a stated limit.

    Windows that hold a labelled anomaly are no normal ones. Those that end in it are what a threshold that is tuned on
    labels is given beside the normal ones, wherever they lie, unless the detector has learned from them; those that end
    behind it, still holding some of it, are neither.
    """
    ends = {"training": parts.training, "calibration": parts.calibration, "scored": parts.complete}
    found = ends.get(threshold.reference, np.zeros(0, np.int64))
    if threshold.needs_labels and parts.labels is not None:
        unseen = np.setdiff1d(parts.complete, parts.training)
        found = np.union1d(found, unseen[parts.labels[unseen]])
    return found


def _apart(parts: Parts, end: IntArray, clock: Clock) -> BoolArray:
    """Return before which windows others are left out, or a pause lies after which a policy begins anew."""
    place = np.searchsorted(parts.complete, end)
    pause = np.diff(parts.time[end], prepend=0) > clock.restart * clock.period_ns
    return np.asarray((np.diff(place, prepend=-1) > 1) | pause)


def _unseen(parts: Parts, length: int) -> bool:
    """Tell whether no window lies in the part behind the training part, though it is long enough for one."""
    return not len(parts.validation) and len(np.setdiff1d(parts.complete, parts.training)) >= length


def _unlike(runner: Runner, parts: Parts, scores: FloatArray, length: int, share: float) -> tuple[str, ...]:
    """Say so where the calibration part scores as if it were no longer normal: the limit found on it is too high."""
    some = parts.training[np.linspace(0, len(parts.training) - 1, min(len(parts.training), SOME)).astype(np.int64)]
    learned, _, _ = _said(runner, Windows(parts.series, some, length))
    if np.median(scores) <= np.percentile(learned, 95):
        return ()
    return (
        f"The calibration part (the last {100 * share:.0f} % by time) looks unlike the training part: half of its "
        "scores lie above 95 % of the training scores. If something was wrong in it, the limit is too high: label it, "
        "or leave it out.",
    )


def _said(runner: Runner, windows: Windows, chunk: int = 4096) -> tuple[FloatArray, Float32Array, Float32Array]:
    """Return scores, shares and expectations; of channels that the graph does not tell, there are none."""
    n, channels = len(windows), runner.channels
    score = np.empty(n)
    by_channel = np.empty((n, channels if runner.attributes else 0), np.float32)
    expected = np.empty((n, channels if runner.expects else 0), np.float32)
    for start in range(0, n, chunk):
        stop = min(start + chunk, n)
        found = runner(windows.take(slice(start, stop)))
        score[start:stop] = found.score
        for whole, part in ((by_channel, found.by_channel), (expected, found.expected)):
            if part is not None:
                whole[start:stop] = part
        report("calibrating", stop, n)
    return score, by_channel, expected
