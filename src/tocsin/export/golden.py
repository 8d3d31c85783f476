"""Golden windows: what every export is asked, because it is where two ways of computing a score would part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array, FloatArray, IntArray, frozen
from tocsin.export._borderline import borderline
from tocsin.export._extremes import extremes
from tocsin.export._faults import Told, faulty
from tocsin.export.starting import starting_limit
from tocsin.graph.run import Runner

KINDS = ("normal", "anomalous", "borderline", "wide range")
"""Kinds of golden windows."""

EACH = 4
"""Windows for every fault, size and number of channels."""

PAIRS = 128
"""Pairs of windows between which borderline ones are looked for, at most."""

FEW = 4
"""Normal windows that are made extreme, at most."""


@dataclass(frozen=True, eq=False)
class Golden:
    """Windows to hold an export to the artifact that it was made from.

    Parameters
    ----------
    windows
        ndarray of shape (n, window, channels), float32, in raw units.
    kind
        One of :data:`KINDS` for each window.
    words
        What each window is, in words.
    """

    windows: Float32Array
    kind: tuple[str, ...]
    words: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "windows", frozen(self.windows))

    def __len__(self) -> int:
        return len(self.windows)


def golden(artifact: Artifact, normal: Float32Array, *, seed: int = 0) -> Golden:
    """Return windows of four kinds; the same for the same artifact, windows and seed.

    *normal*: the given ones. *anomalous*: faults of growing size in one channel and in several. *borderline*: between a
    normal and an anomalous one, with scores within a thousandth of the limit on both its sides; none where nothing
    anomalous scores above the limit. *wide range*: values far out, nought, held, and as large as old counters.

    Parameters
    ----------
    artifact
        What scores.
    normal
        ndarray of shape (n, window, channels), float32, n ≥ 1: normal windows, in raw units.
    seed
        Of the faults.
    """
    plain = np.ascontiguousarray(normal, np.float32)
    told = {
        "normal": [Told(window[None], f"normal window {k + 1}") for k, window in enumerate(plain)],
        "anomalous": list(faulty(plain, each=EACH, seed=seed)),
        "wide range": list(extremes(plain[_spread(len(plain), FEW)])),
    }
    strange = np.concatenate([part.windows for part in told["anomalous"]])
    told["borderline"] = _borderline(artifact, plain, strange)
    parts = [(kind, part) for kind in KINDS for part in told[kind]]
    return Golden(
        np.concatenate([part.windows for _, part in parts]),
        kind=tuple(kind for kind, part in parts for _ in part.windows),
        words=tuple(part.words for _, part in parts for _ in part.windows),
    )


def _borderline(artifact: Artifact, normal: Float32Array, strange: Float32Array) -> list[Told]:
    """Return windows at the limit, from as many pairs as there are, and no more than :data:`PAIRS`."""
    runner, limit = Runner(artifact.graph), starting_limit(artifact)

    def score(windows: Float32Array) -> FloatArray:
        return runner(windows).score.astype(np.float64)

    below, above = normal[score(normal) <= limit], strange[score(strange) > limit]
    pairs = min(max(len(below), len(above)), PAIRS) if len(below) and len(above) else 0
    sides = borderline(_filled(below, pairs), _filled(above, pairs), score=score, limit=limit)
    return [Told(sides[:pairs], "just below the limit"), Told(sides[pairs:], "just above the limit")]


def _filled(windows: Float32Array, count: int) -> Float32Array:
    """Return ``count`` of the windows, spread over them; one after the other again where they are fewer."""
    if count > len(windows):
        return windows[np.arange(count) % max(len(windows), 1)]
    return windows[_spread(len(windows), count)]


def _spread(length: int, count: int) -> IntArray:
    return np.linspace(0, length - 1, min(length, count)).astype(np.int64)
