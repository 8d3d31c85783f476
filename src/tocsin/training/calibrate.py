"""Finding the limit: the threshold's rule, applied to the scores it refers to, with the evidence kept."""

from __future__ import annotations

import numpy as np

from tocsin.artifact.calibration import Calibration
from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.contracts import Threshold
from tocsin.core.progress import report
from tocsin.core.windows import Windows
from tocsin.graph.run import Runner
from tocsin.training.parts import Parts

SOME = 4096
"""Training windows that are scored again to compare them with the calibration part."""

_UNSEEN = (
    "No complete normal window lies in the last 30 % of the time, which would have room for some: nothing shows that "
    "gaps leave anything to score in later readings, or that the limit suits them."
)


def reference_of(parts: Parts, threshold: Threshold) -> IntArray:
    """Return the rows in which the windows end whose scores ``threshold`` refers to; none for a stated limit."""
    ends = {"training": parts.training, "calibration": parts.calibration, "scored": parts.complete}
    return ends.get(threshold.reference, np.zeros(0, np.int64))


def calibrate(
    graph: bytes, parts: Parts, *, written: str, threshold: Threshold, length: int
) -> tuple[Calibration, FloatArray]:
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

    Returns
    -------
    The limit with its evidence, and ndarray of shape (n,), float64: the scores it was found from, ascending.
    """
    runner = Runner(graph)
    scores = _score(runner, Windows(parts.series, reference_of(parts, threshold), length))
    warnings = threshold.warnings(scores)
    if threshold.reference == "calibration":
        warnings += _unlike(runner, parts, scores, length)
    if threshold.reference == "stated" and _unseen(parts, length):
        warnings += (_UNSEEN,)
    found = Calibration(written, threshold.fit(scores), threshold.reference, len(scores), warnings)
    return found, np.sort(scores)


def _unseen(parts: Parts, length: int) -> bool:
    """Tell whether no window lies in the part behind the training part, though it is long enough for one."""
    return not len(parts.validation) and len(np.setdiff1d(parts.complete, parts.training)) >= length


def _unlike(runner: Runner, parts: Parts, scores: FloatArray, length: int) -> tuple[str, ...]:
    """Say so where the calibration part scores as if it were no longer normal: the limit found on it is too high."""
    some = parts.training[np.linspace(0, len(parts.training) - 1, min(len(parts.training), SOME)).astype(np.int64)]
    learned = _score(runner, Windows(parts.series, some, length))
    if np.median(scores) <= np.percentile(learned, 95):
        return ()
    return (
        "The calibration part (the last 15 % by time) looks unlike the training part: half of its scores lie above "
        "95 % of the training scores. If something was wrong in it, the limit is too high: label it, or leave it out.",
    )


def _score(runner: Runner, windows: Windows, chunk: int = 4096) -> FloatArray:
    out = np.empty(len(windows))
    for start in range(0, len(windows), chunk):
        out[start : start + chunk] = runner(windows.take(slice(start, start + chunk))).score
        report("calibrating", min(start + chunk, len(windows)), len(windows))
    return out
