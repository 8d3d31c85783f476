"""How long one reading and one batch take, measured after everything else: other runs would spoil the figures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.engine.pipeline import Pipeline
from tocsin.graph.run import Runner
from tocsin.sources import Table

BATCH = 64
"""Windows in the batch that is timed: the fourth paper's."""

_READINGS, _BATCHES = 200, 50


@dataclass(frozen=True)
class Timing:
    """What scoring costs on this machine.

    Parameters
    ----------
    reading_p50_ms, reading_p95_ms
        One reading through the whole pipeline, from prepare to policy.
    batch_p50_ms
        A batch of 64 windows through the graph alone.
    """

    reading_p50_ms: float
    reading_p95_ms: float
    batch_p50_ms: float


def timing(artifact: Artifact, table: Table) -> Timing:
    """Return what scoring with ``artifact`` costs, measured on the last readings of ``table``, in order of time."""
    each = _reading_ms(artifact, table)
    return Timing(
        reading_p50_ms=float(np.quantile(each, 0.5)),
        reading_p95_ms=float(np.quantile(each, 0.95)),
        batch_p50_ms=_batch_ms(artifact),
    )


def _reading_ms(artifact: Artifact, table: Table) -> list[float]:
    pipeline = Pipeline(artifact)
    pipeline.join(table.devices)
    first = max(0, len(table) - _READINGS)
    pipeline.push(table.readings.take(slice(max(0, first - 4 * artifact.window), first)))
    taken = [table.readings.take(slice(k, k + 1)) for k in range(first, len(table))]
    return [_ms(partial(pipeline.push, readings)) for readings in taken]


def _batch_ms(artifact: Artifact) -> float:
    runner = Runner(artifact.graph)
    usual = np.broadcast_to(artifact.reference.astype(np.float32), (BATCH, artifact.window, len(artifact.schema)))
    windows = np.ascontiguousarray(usual)
    return float(np.median([_ms(partial(runner, windows)) for _ in range(_BATCHES)]))


def _ms(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - began)
