"""Which bins of a history a policy must see: an alarm rings in few of a million, and the rest changes nothing."""

from __future__ import annotations

import numpy as np

from tocsin.alerting import Judged
from tocsin.alerting.policy import Policy
from tocsin.core.arrays import BoolArray, FloatArray, IntArray

_ADOPTED = 2
"""See :class:`tocsin.core.contracts.Bounds`."""


def can_pass_over(policy: Policy) -> bool:
    """Tell whether what matters to a policy shows in scores and limits alone, and rests are not counted in windows."""
    return not (policy.intents or policy.devices or policy.cooldown or policy.release_after_ns)


def matter(policy: Policy, judged: Judged, limit: FloatArray) -> IntArray:
    """Return the bins that a policy must see to tell the same as if it saw all.

    While nothing is open, a run of anomalous windows that is shorter than ``raise_after`` leaves no trace. So what
    matters are longer runs, each up to the end of the first ``release_after`` quiet windows in a row behind it, and
    bins where a new level is adopted. Where a device ends the next one is taken for its continuation, which only adds
    bins.

    Parameters
    ----------
    policy
        One that :func:`can_pass_over` is true of.
    judged
        Columns of shape (n,), device after device.
    limit
        ndarray of shape (n,), float64: the limit in force.

    Returns
    -------
    ndarray of shape (k,), int64
        Places, rising.
    """
    scored = np.flatnonzero(~np.isnan(judged.score))
    score, bound = judged.score[scored], limit[scored]
    strange = score > bound
    first, last = _runs(strange, policy.raise_after)
    calm, _ = _runs(~strange & (score <= policy.release_below * bound), policy.release_after)
    done = np.append(scored[calm + policy.release_after - 1], len(judged.score) - 1)
    ends = done[np.searchsorted(calm, last, side="right")]
    adopted = np.flatnonzero(judged.regime == _ADOPTED)
    return _within(np.append(scored[first], adopted), np.append(ends, adopted), len(judged.score))


def _runs(flags: BoolArray, least: int) -> tuple[IntArray, IntArray]:
    """Return first and last place of each run of True that is long enough."""
    edges = np.flatnonzero(np.diff(flags, prepend=False, append=False))
    first, stop = edges[::2], edges[1::2]
    long = stop - first >= least
    return first[long], stop[long] - 1


def _within(first: IntArray, last: IntArray, n: int) -> IntArray:
    """Return the places in any of the stretches given by their first and last place."""
    steps = np.bincount(first, minlength=n + 1) - np.bincount(last + 1, minlength=n + 1)
    return np.flatnonzero(np.cumsum(steps[:n]))
