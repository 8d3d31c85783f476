"""Members of an ensemble: detectors that learned, with what they say of windows they have not learned from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray, IntArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import InputError
from tocsin.core.progress import report
from tocsin.core.windows import Windows
from tocsin.graph.run import Runner

_FEWEST = 20
"""Windows that a fold must leave to learn from; where it would not, nothing is held out."""

_CHUNK = 4096


@dataclass(frozen=True, eq=False)
class Member:
    """A detector that has learned.

    Parameters
    ----------
    name
        Its public name.
    graph
        Takes the last ``window`` readings of the ensemble's windows.
    window
        Readings in its own window.
    held_out
        What it says of normal windows that it has not learned from.
    apart
        Were there windows enough to hold some out? Where not, ``held_out`` is of what it has learned from.
    """

    name: str
    graph: Graph
    window: int
    held_out: Said
    apart: bool = True


@dataclass(frozen=True, eq=False)
class Said:
    """What a graph says of n windows.

    Parameters
    ----------
    score
        ndarray of shape (n,), float64, none below 0.
    by_channel
        ndarray of shape (n, channels), float64, none below 0, or None where the graph tells no shares.
    """

    score: FloatArray
    by_channel: FloatArray | None


Trial = Callable[["Runner", IntArray], None]
"""What else to do with a runner that has not learned from the windows which end in the given rows."""


def join(
    name: str, detector: Detector, windows: Windows, *, folds: int, seed: int, trial: Trial | None = None
) -> Member:
    """Let a detector learn from all of ``windows``, and from each but one stretch of them to hear what it says of that.

    Parameters
    ----------
    name
        Under which it joins.
    detector
        Learns from windows of the length of ``windows``.
    windows
        Normal windows; the later ones behind them are learned from as well, so that a fold and the whole learn alike.
    folds
        Stretches of time, of about one length.
    seed
        For whatever is random.
    trial
        Called with the runner of each fold and the rows in which its held-out windows end.
    """
    everything = _together(windows)
    ends = everything.end
    said, steps = [], folds + 1
    report("training", 0, steps, name)
    for k, (rest, held) in enumerate(stretches(ends, windows.length, folds=folds)):
        runner = Runner(detector.fit(replace(everything, end=rest), seed=seed).onnx)
        said.append(say(runner, replace(everything, end=held)))
        if trial:
            trial(runner, held)
        report("training", k + 1, steps, name)
    graph = detector.fit(everything, seed=seed)
    apart = bool(said)
    if not apart:
        runner = Runner(graph.onnx)
        said = [say(runner, everything)]
        if trial:
            trial(runner, ends)
    report("training", steps, steps, name)
    return Member(name, graph, windows.length, _joined(said), apart)


def stretches(ends: IntArray, window: int, *, folds: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield for each fold the ends of windows to learn from, and of those held out; no reading is in both.

    Nothing where too few windows would be left to learn from.

    >>> [(rest.tolist(), held.tolist()) for rest, held in stretches(np.arange(2, 62), 3, folds=2)][1][1][0]
    32
    """
    parts = [part for part in np.array_split(ends, folds) if len(part)]
    rests = [ends[(ends < part[0] - window + 1) | (ends - window + 1 > part[-1])] for part in parts]
    if folds < 2 or min(len(rest) for rest in rests) < _FEWEST:
        return
    yield from zip(rests, parts, strict=True)


def say(runner: Runner, windows: Windows) -> Said:
    """Return what ``runner`` says of ``windows``."""
    pieces = [judge(runner, windows.take(slice(k, k + _CHUNK))) for k in range(0, len(windows), _CHUNK)]
    return _joined(pieces)


def judge(runner: Runner, windows: Float32Array) -> Said:
    """Return what ``runner`` says of ndarray of shape (n, window, channels)."""
    scores = runner(windows)
    shares = scores.by_channel
    return Said(_not_below_0(scores.score), None if shares is None else _not_below_0(shares))


def _not_below_0(values: Float32Array) -> FloatArray:
    return np.maximum(values.astype(np.float64), 0)


def _joined(pieces: list[Said]) -> Said:
    if not pieces:
        raise InputError("There is no window to learn from.", remedy="Give more readings.")
    shares = [piece.by_channel for piece in pieces if piece.by_channel is not None]
    return Said(np.concatenate([piece.score for piece in pieces]), np.concatenate(shares) if shares else None)


def _together(windows: Windows) -> Windows:
    """Return the windows and the later ones behind them as one."""
    later = windows.validation
    if later is None or not len(later):
        return replace(windows, validation=None)
    ends = np.unique(np.concatenate([windows.end, later.end]))
    return Windows(windows.series, ends, windows.length)
