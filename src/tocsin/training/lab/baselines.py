"""Four rules that cost nothing. Every table of results carries them: a result means something only beside them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.core.errors import InputError, SettingError
from tocsin.engine.reporting import kinds_of
from tocsin.evaluation.outcome import Outcome
from tocsin.sources import Table

RATE = 0.005
"""Share of normal readings that each rule promises to flag: that of the detectors' default threshold."""

KEPT = 0.9
"""Share of the variance that the principal components of ``PCA error`` keep."""

CALIBRATION = 0.15
"""Share of the readings learned from, the last ones, on which the limit is found."""

Scorer = Callable[[FloatArray, FloatArray, np.random.Generator], FloatArray]
"""From normal readings of shape (k, channels) and all of shape (n, channels) to scores of shape (n,)."""


def baseline(name: str, table: Table, *, learn: BoolArray, judged: BoolArray, seed: int = 0) -> Outcome:
    """Return what one of the :data:`NAMES` says of the judged readings.

    Means, deviations and components come from the unlabelled readings at ``learn`` without their last 15 %, the limit
    from those: a rule sees no more than a detector does. A missing value is the last one known. Nothing is smoothed,
    so ``told`` is ``anomaly``.

    Parameters
    ----------
    name
        "random", "all-ones", "max |z|" or "PCA error".
    table
        In order of time, with labels.
    learn, judged
        ndarrays of shape (readings,), bool.
    seed
        Of the random scores.
    """
    if name not in NAMES:
        raise SettingError(f"There is no baseline {name!r}.", remedy=f"Choose one of: {', '.join(NAMES)}.")
    if table.labels is None:
        raise InputError("The readings have no labels.", remedy="Name the label column with --label.")
    values = _filled(table)
    normal = np.flatnonzero(learn & ~table.labels)
    # a table lists device after device: the last ones in time are not those of the last device
    normal = normal[np.argsort(table.readings.time[normal], kind="stable")]
    if len(normal) < 2:
        raise InputError("Fewer than two normal readings can be learned from.", remedy="Give more readings.")
    cut = max(1, len(normal) - max(1, round(CALIBRATION * len(normal))))
    score = _SCORERS[name](values[normal[:cut]], values, np.random.default_rng([seed, len(values)]))
    limit = -np.inf if name == "all-ones" else float(np.quantile(score[normal[cut:]], 1 - RATE))
    return _outcome(table, score, limit).take(judged)


def _outcome(table: Table, score: FloatArray, limit: float) -> Outcome:
    assert table.labels is not None
    kind, size = kinds_of(table) or (None, None)
    anomaly = score > limit
    return Outcome(
        labels=table.labels,
        score=score,
        anomaly=anomaly,
        told=anomaly,
        limit=np.full(len(score), limit if np.isfinite(limit) else np.nan),
        time=table.readings.time,
        device=table.readings.device,
        row_clock=table.cadence.row_clock,
        kind=kind,
        size=size,
    )


def _filled(table: Table) -> FloatArray:
    """Return the values with the device's last known one where there is none, and the first known one before that."""
    values = np.where(np.isfinite(table.readings.values), table.readings.values, np.nan)
    for device in np.unique(table.readings.device):
        own = np.flatnonzero(table.readings.device == device)
        known = ~np.isnan(values[own])
        last = np.maximum.accumulate(np.where(known, np.arange(len(own))[:, None], -1), axis=0)
        first = np.where(known.any(axis=0), known.argmax(axis=0), 0)
        values[own] = np.take_along_axis(values[own], np.where(last < 0, first, last), axis=0)
    return np.nan_to_num(values)


def _random(normal: FloatArray, values: FloatArray, rng: np.random.Generator) -> FloatArray:  # noqa: ARG001  # one shape for all
    return rng.random(len(values))


def _all_ones(normal: FloatArray, values: FloatArray, rng: np.random.Generator) -> FloatArray:  # noqa: ARG001  # one shape for all
    return np.ones(len(values))


def _max_z(normal: FloatArray, values: FloatArray, rng: np.random.Generator) -> FloatArray:  # noqa: ARG001  # one shape for all
    return np.asarray(np.abs(_standard(normal, values)).max(axis=1))


def _pca_error(normal: FloatArray, values: FloatArray, rng: np.random.Generator) -> FloatArray:  # noqa: ARG001  # one shape for all
    """Return the squared distance to the components that keep 90 % of the normal variance, at least one left out."""
    _, strength, axes = np.linalg.svd(_standard(normal, normal), full_matrices=False)
    share = np.cumsum(strength**2) / max(float((strength**2).sum()), 1e-300)
    kept = axes[: min(int(np.searchsorted(share, KEPT)) + 1, len(axes) - 1)]
    scaled = _standard(normal, values)
    rest = scaled - scaled @ kept.T @ kept
    return np.asarray((rest**2).mean(axis=1))


def _standard(normal: FloatArray, values: FloatArray) -> FloatArray:
    """Return values in normal deviations; a channel that never moved counts by a thousandth of its level, or 1."""
    mean, deviation = normal.mean(axis=0), normal.std(axis=0)
    floor = 1e-3 * np.maximum(np.abs(mean), 1e-9)
    unit = np.where(deviation > floor, deviation, np.where(np.abs(mean) > 1e-9, np.maximum(floor, 1e-3), 1.0))
    return np.asarray(np.clip((values - mean) / unit, -1e6, 1e6))


_SCORERS: dict[str, Scorer] = {"random": _random, "all-ones": _all_ones, "max |z|": _max_z, "PCA error": _pca_error}

NAMES = tuple(_SCORERS)
"""The baselines, by the names under which tables show them."""
