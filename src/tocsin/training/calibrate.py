"""Finding the limit: the threshold's rule, applied to the scores it refers to, with the evidence kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tocsin.alerting.policy import Policy
from tocsin.artifact.calibration import Calibration
from tocsin.core.arrays import Float32Array, FloatArray, IntArray
from tocsin.core.contracts import Found, Threshold
from tocsin.core.progress import report
from tocsin.core.reference import Reference
from tocsin.core.windows import Windows
from tocsin.graph.run import Runner
from tocsin.training.parts import Parts
from tocsin.training.ringing import Seen, ringing

SOME = 4096
"""Training windows that are scored again to compare them with the calibration part."""

_UNSEEN = (
    "No complete normal window lies in the last 30 % of the time, which would have room for some: nothing shows that "
    "gaps leave anything to score in later readings, or that the limit suits them."
)


def calibrate(
    graph: bytes, parts: Parts, *, written: str, threshold: Threshold, length: int, policy: Policy, stated: bool
) -> tuple[Calibration, Found, Reference]:
    """Find the limit.

    Parameters
    ----------
    graph
        Takes raw windows.
    parts
        The prepared readings.
    written, threshold
        The threshold as the user wrote it, and as an object.
    length
        Readings in a window.
    policy
        When it rings, as it was asked for.
    stated
        Did the user say after how many windows in a row?

    Returns
    -------
    The limit with its evidence, all that was found, and the scores it was found from.
    """
    runner = Runner(graph)
    seen, reference = _reference(runner, parts, threshold, length)
    reference = replace(reference, raise_after=policy.raise_after, stated=stated, ringing=ringing(policy, seen))
    found = threshold.fit(reference)
    warnings = found.warnings
    if threshold.reference == "calibration":
        warnings += _unlike(runner, parts, reference.score, length, threshold.share)
    if threshold.reference == "stated" and _unseen(parts, length):
        warnings += (_UNSEEN,)
    calibration = Calibration(written, found.limits, threshold.reference, len(reference), found.said, warnings)
    return calibration, found, reference


def _reference(runner: Runner, parts: Parts, threshold: Threshold, length: int) -> tuple[Seen, Reference]:
    """Return the scores that a threshold refers to, and what a policy sees of them."""
    end = _ends(parts, threshold)
    score, by_channel, expected = _said(runner, Windows(parts.series, end, length))
    time, device = parts.time[end], parts.device[end]
    seen = Seen(score, time, device, by_channel, parts.series[end], expected)
    labels = parts.labels[end] if threshold.needs_labels and parts.labels is not None else None
    return seen, Reference(score, time, device, labels=labels)


def _ends(parts: Parts, threshold: Threshold) -> IntArray:
    """Return the rows in which the windows end whose scores ``threshold`` refers to; none for a stated limit."""
    ends = {"training": parts.training, "calibration": parts.calibration, "scored": parts.complete}
    found = ends.get(threshold.reference, np.zeros(0, np.int64))
    if threshold.needs_labels and parts.labels is not None:
        # labelled windows are kept out of all parts, so that those within the training part are unseen too
        found = np.union1d(found, parts.complete[parts.labels[parts.complete]])
    return found


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
