r"""Verdicts as the lines that Amazon Lookout for Equipment wrote, so that what reads them goes on reading.

Lookout for Equipment ended in October 2026; AWS IoT SiteWise still writes this shape. One JSON object a line:
``timestamp, prediction, prediction_reason``, and where the machine runs ``anomaly_score, diagnostics``; times in UTC
without a zone, to the microsecond, numbers with five digits.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.errors import InputError
from tocsin.core.portions import portions
from tocsin.core.strangeness import strangeness
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine.scored import Scored

if TYPE_CHECKING:
    import polars as pl

_UNIT = 100_000
"""Numbers have five digits, so shares are counted in hundred-thousandths."""

_SLICE = 1 << 16
"""Lines made at a time, which bounds memory."""


def write_lookout(path: Path, scored: Scored, *, component: str) -> int:
    r"""Write a line for each verdict, in order of time, and return how many there are.

    ``prediction`` is 1 where the score is above its limit, and exactly there ``anomaly_score`` is above 0.5
    (:func:`tocsin.core.strangeness.strangeness`). ``diagnostics`` are each channel's share, summing to 1; none where
    the score cannot be taken apart. What has no score (warming up, gaps, late readings) has no line. A machine that is
    off by rule is told by ``MACHINE_OFF``.

    Parameters
    ----------
    path
        The file to write.
    scored
        What scoring found.
    component
        What channels belong to where no column names a device. A channel is called ``component\channel``, and by its
        own name where that holds a backslash already.

    Raises
    ------
    InputError
        If the readings have no times, or the file cannot be written.
    """
    if scored.table.cadence.row_clock:
        raise InputError(
            "Lines for Lookout carry times, and these readings have none.", remedy="Name the time column with --time."
        )
    verdicts = _told(scored.bins)
    names = _names(scored.table.devices, component, scored.table.readings.schema.names)
    try:
        with path.open("wb") as file:
            for start in range(0, len(verdicts), _SLICE):
                part = verdicts.take(np.arange(start, min(start + _SLICE, len(verdicts))))
                file.write(_lines(part, names).str.join("").item().encode())
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}.", remedy="Check the folder.") from None
    return len(verdicts)


def _told(verdicts: Verdicts) -> Verdicts:
    """Return the verdicts that have a line, in order of time."""
    known = np.flatnonzero((verdicts.status == Status.ok) | (verdicts.status == Status.off))
    return verdicts.take(known[np.argsort(verdicts.time[known], kind="stable")])


def _lines(verdicts: Verdicts, names: Sequence[Sequence[str]]) -> pl.Series:
    """Return the lines; ``names`` are those of each device's channels, as JSON texts."""
    import polars as pl

    anomaly, off = verdicts.anomaly, verdicts.status == Status.off
    reason = np.where(off, "MACHINE_OFF", np.where(anomaly, "ANOMALY_DETECTED", "NO_ANOMALY_DETECTED"))
    rows = pl.DataFrame(
        {
            "time": pl.Series(verdicts.time).cast(pl.Datetime("ns")).dt.strftime("%Y-%m-%dT%H:%M:%S%.6f"),
            "prediction": anomaly.astype(np.int8),
            "reason": reason,
            "score": _rounded(strangeness(verdicts.score, verdicts.limit), anomaly),
            "diagnostics": _diagnostics(verdicts, names),
        }
    )
    short = pl.format('"timestamp": "{}", "prediction": {}, "prediction_reason": "{}"', "time", "prediction", "reason")
    more = pl.format(', "anomaly_score": {}, "diagnostics": [{}]', "score", "diagnostics")
    rest = pl.when(pl.lit(pl.Series(off))).then(pl.lit("")).otherwise(more)
    return rows.select(line=pl.concat_str(pl.lit("{"), short, rest, pl.lit("}\n")))["line"]


def _rounded(score: FloatArray, anomaly: BoolArray) -> FloatArray:
    """Return five digits, rounded away from one half, so that no anomaly is rounded down to it."""
    whole = score * _UNIT
    return np.where(anomaly, np.ceil(whole), np.floor(whole)) / _UNIT


def _diagnostics(verdicts: Verdicts, names: Sequence[Sequence[str]]) -> pl.Series:
    """Return what stands within the brackets of ``diagnostics``; "" where a score cannot be taken apart."""
    import polars as pl

    counts, known = _counts(verdicts.by_channel)
    values, whose = counts / _UNIT, pl.Series(verdicts.device)
    parts = [pl.lit("{")]
    for k in range(values.shape[1]):
        own = pl.Series([device[k] for device in names], dtype=pl.String)
        name = pl.lit(own[0]) if len(own) == 1 else pl.lit(own.gather(whose))
        parts += [pl.lit('}, {"name": ' if k else '"name": '), name, pl.lit(', "value": '), pl.col(f"value{k}")]
    rows = pl.DataFrame([pl.Series(f"value{k}", values[:, k]) for k in range(values.shape[1])])
    listed = pl.when(pl.lit(pl.Series(known))).then(pl.concat_str([*parts, pl.lit("}")])).otherwise(pl.lit(""))
    return rows.select(text=listed)["text"]


def _counts(shares: npt.ArrayLike) -> tuple[IntArray, BoolArray]:
    """Return shares in hundred-thousandths that sum to 1, and which rows have any.

    What is rounded off goes to those that lose the most by it.
    """
    exact = portions(shares) * _UNIT
    counts = np.floor(exact).astype(np.int64)
    rank = np.argsort(np.argsort(counts - exact, axis=1, kind="stable"), axis=1, kind="stable")
    rest = _UNIT - counts.sum(axis=1, keepdims=True)
    known: BoolArray = np.any(exact > 0, axis=1)
    return counts + (rank < rest), known


def _names(devices: Sequence[str], component: str, channels: Sequence[str]) -> list[list[str]]:
    """Return what each device's channels are called, as JSON texts."""
    components = [component if device == "-" else device for device in devices]
    return [[json.dumps(name if "\\" in name else f"{own}\\{name}") for name in channels] for own in components]
