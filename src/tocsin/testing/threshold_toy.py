"""Limits to try things on: what each threshold finds from one and the same made-up fortnight of scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.alerting.policy import Policy
from tocsin.core.contracts import Limits, Threshold
from tocsin.core.discover import load
from tocsin.core.reference import Reference
from tocsin.core.state import to_arrays
from tocsin.training.ringing import Seen, ringing

WRITTEN = {"fixed": "4"}
"""Settings of thresholds that have none by default."""

_SCORES, _PERIOD_NS = 20_000, 60 * 10**9


def toy_limits(name: str) -> Limits[Any]:
    """Return what a threshold with its defaults finds: on one device, a reading a minute, white noise.

    Examples
    --------
    >>> toy_limits("fixed")
    ConstantLimit(limit=4.0)
    """
    threshold = load("thresholds", name).parse(WRITTEN.get(name, ""))
    assert isinstance(threshold, Threshold)
    found: Limits[Any] = threshold.fit(toy_reference(labelled=threshold.needs_labels)).limits
    return found


def toy_reference(*, labelled: bool = False) -> Reference:
    """Return absolute values of white noise as scores; if labelled, ten of each five hundred belong to an event."""
    score = np.abs(np.random.default_rng(1).standard_normal(_SCORES))
    labels = np.arange(_SCORES) % 500 >= 490 if labelled else None
    score = score if labels is None else score + 5 * labels
    time, device = _PERIOD_NS * np.arange(1, _SCORES + 1), np.zeros(_SCORES, np.int64)
    unknown = np.full((_SCORES, 1), np.nan, np.float32)
    seen = Seen(score, time, device, unknown, unknown, unknown)
    return Reference(score, time, device, _PERIOD_NS, labels=labels, ringing=ringing(Policy(1), seen))


def bytes_a_device(limits: Limits[Any]) -> int:
    """Return how many bytes are remembered of each device, beside the score itself.

    >>> bytes_a_device(toy_limits("percentile"))
    0
    """
    return sum(array.nbytes for array in to_arrays(limits.init(1)).values())
