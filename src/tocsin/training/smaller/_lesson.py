"""What a student learns from: normal windows, the same with faults in them, and what the teacher says of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import BoolArray, Float32Array, FloatArray
from tocsin.core.progress import report
from tocsin.core.windows import Windows
from tocsin.detectors.learning.common import spaced
from tocsin.graph.run import Runner

CALM, FAULTY, PUSHED = 0.35, 0.4, 0.15
"""Shares of windows without a fault, with one of the usual kinds, and pushed far; the rest have channels swapped."""

_BLENDED = 0.5
"""Share of the windows that lie somewhere between two normal ones. Later windows are like none that was seen, and the
teacher can be asked about as many as are wanted."""

_FARTHEST = 12.0
"""Deviations by which channels are pushed, at most."""

_TOO = 0.3
"""Chance of each further channel to be touched as well."""

_CHUNK = 4096


@dataclass(frozen=True, eq=False)
class Lesson:
    """Windows, and what the teacher says of them.

    Parameters
    ----------
    raw
        ndarray of shape (n, window, channels), float32, raw units.
    calm
        ndarray of shape (n,), bool: is it as it was found, without a fault?
    score
        ndarray of shape (n,), float32.
    by_channel, expected
        ndarrays of shape (n, channels), float32, or None where the teacher does not tell.
    """

    raw: Float32Array
    calm: BoolArray
    score: Float32Array
    by_channel: Float32Array | None
    expected: Float32Array | None

    def __len__(self) -> int:
        return len(self.raw)


def lesson(runner: Runner, windows: Windows, *, most: int, units: FloatArray, blend: bool, seed: int) -> Lesson:
    """Return at most ``most`` windows to learn from, with the teacher's answers.

    Parameters
    ----------
    runner
        The teacher's graph.
    windows
        Normal ones, at least one.
    most
        How many; windows are used several times, each time with another fault.
    units
        ndarray of shape (channels,), float64: a deviation of each channel, in raw units.
    blend
        Put windows between them that lie between two of them; else they are as they were found, but for the faults.
    seed
        Of all chance.
    """
    rng = np.random.default_rng(seed)
    whole = round(most * CALM * _BLENDED)
    found = windows.take(spaced(len(windows), whole))
    calm = _blended(windows, whole, rng) if blend else found[:0]
    spoilt = windows.take(rng.integers(len(windows), size=round(most * (1 - CALM) * (1 - _BLENDED * blend))))
    between = _blended(windows, round(most * (1 - CALM) * _BLENDED * blend), rng)
    spoilt = rng.permutation(np.concatenate([spoilt, between]))
    raw = np.concatenate([found, calm, _spoilt(spoilt, units, rng, seed)])
    return _asked(runner, raw, np.arange(len(raw)) < len(found) + len(calm))


def _asked(runner: Runner, raw: Float32Array, calm: BoolArray) -> Lesson:
    """Let the teacher answer; what it has no finite answer to is left out."""
    answers = []
    for start in range(0, len(raw), _CHUNK):
        answers.append(runner(raw[start : start + _CHUNK]))
        report("asking the teacher", min(start + _CHUNK, len(raw)), len(raw))

    def joined(name: str) -> Float32Array | None:
        parts = [getattr(answer, name) for answer in answers]
        return None if parts[0] is None else np.concatenate(parts)

    score = np.concatenate([answer.score for answer in answers])
    told = np.isfinite(score)
    by_channel, expected = (None if part is None else part[told] for part in (joined("by_channel"), joined("expected")))
    return Lesson(raw[told], calm[told], score[told], by_channel, expected)


def _blended(windows: Windows, n: int, rng: np.random.Generator) -> Float32Array:
    """Return windows that lie between two normal ones (Zhang et al. 2018, "mixup"), mostly near one of them."""
    one, other = (windows.take(rng.integers(len(windows), size=n)) for _ in range(2))
    share = rng.beta(0.5, 0.5, size=(n, 1, 1)).astype(np.float32)
    found: Float32Array = one + share * (other - one)
    return found


def _spoilt(raw: Float32Array, units: FloatArray, rng: np.random.Generator, seed: int) -> Float32Array:
    """Return windows with something wrong in each: a usual fault, a push, or channels of another time."""
    unit = np.where(units > 0, units, 1.0).astype(np.float32)
    scaled = raw / unit
    faulty, pushed = (round(len(raw) * share / (1 - CALM)) for share in (FAULTY, PUSHED))
    cuts = np.cumsum([faulty, pushed])
    usual, far, others = np.split(scaled, cuts)
    found = np.concatenate([_faulty(usual, seed), _pushed(far, rng), _swapped(others, rng)]) * unit
    return np.asarray(found, np.float32)


def _faulty(windows: Float32Array, seed: int) -> Float32Array:
    import torch

    from tocsin.detectors.learning.networks import with_faults

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        found: Float32Array = with_faults(torch.from_numpy(windows), share=1.0).numpy()
    return found


def _pushed(windows: Float32Array, rng: np.random.Generator) -> Float32Array:
    """Return windows some of whose channels are elsewhere from a step on, to the end or for a while."""
    n, length, channels = windows.shape
    first = np.where(rng.random((n, 1, 1)) < 0.3, 0, rng.integers(length, size=(n, 1, 1)))
    last = np.where(rng.random((n, 1, 1)) < 0.7, length, rng.integers(1, length + 1, size=(n, 1, 1)))
    step = np.arange(length)[None, :, None]
    push = rng.uniform(-_FARTHEST, _FARTHEST, (n, 1, channels)) * _touched(n, channels, rng)
    found: Float32Array = (windows + push * ((step >= first) & (step < last))).astype(np.float32)
    return found


def _swapped(windows: Float32Array, rng: np.random.Generator) -> Float32Array:
    """Return windows some of whose channels are those of another window."""
    n, _, channels = windows.shape
    return np.where(_touched(n, channels, rng), windows[rng.permutation(n)], windows)


def _touched(n: int, channels: int, rng: np.random.Generator) -> BoolArray:
    sure = rng.integers(channels, size=(n, 1, 1)) == np.arange(channels)
    return np.asarray(sure | (rng.random((n, 1, channels)) < _TOO))
